-- Erase the person of `address`: what waits of theirs first, then their tickets, `limit` a call.
-- threads: those that the address can have.  who: the operator ('': the audit trail has it already).
-- person: how the trail is to name the person.
-- Returns JSON: {"more": boolean, "tickets": [[number, nonce, Snappy's id, messages, replies, answers], ...],
--       "jobs": dropped, "answers": of no ticket, erased, "opted_out": 1 or 0, "audited": boolean}
-- @takes address limit who person threads
-- @needs _args _audit _forget _lanes _people
local addr, most = args.address, args.limit
local tickets, jobs, answers, more = {}, 0, 0, false
local tids, known = {}, 0
for _, tid in ipairs(threads_of(addr, args.threads)) do
  if redis.call('EXISTS', thread_key(tid), P .. 'tickets_of:' .. tid, P .. 'told:' .. tid,
                P .. 'answers_of:' .. tid, queue_key('s', tid), queue_key('b', tid),
                queue_key('x', tid)) > 0 then
    tids[#tids + 1] = tid
    known = known + #tickets_of(tid, 1000000)
  end
end
-- In the trail before anything is gone: a crash between two calls leaves no erasure that nobody did.
local audited = #tids > 0 or redis.call('HEXISTS', P .. 'opted_out', addr) == 1
if audited then audit(args.who, 'forgot a person', '', args.person .. ', ' .. known .. ' tickets') end
for _, tid in ipairs(tids) do
  for _, lane in ipairs({'s', 'b', 'x'}) do
    local waiting = redis.call('LRANGE', queue_key(lane, tid), 0, -1)
    for _, raw in ipairs(waiting) do
      local job = cjson.decode(raw)
      if job.a then redis.call('DEL', P .. 'answer:' .. job.a) end
    end
    jobs = jobs + #waiting
    redis.call('DECRBY', P .. lane .. ':count', #waiting)
    redis.call('DEL', queue_key(lane, tid))
    leave_lane(lane, tid)
    redis.call('ZREM', P .. lane .. ':heads', tid)
  end
  redis.call('SREM', P .. 'opening', tid)
  for _, id in ipairs(redis.call('ZRANGE', P .. 'answers_of:' .. tid, 0, -1)) do
    answers = answers + redis.call('DEL', P .. 'answer:' .. id)
  end
  redis.call('DEL', P .. 'answers_of:' .. tid)
  local kids = redis.call('LRANGE', P .. 'tickets_of:' .. tid, 0, most - 1)
  if #kids < most then
    local newest = redis.call('HGET', thread_key(tid), 'ticket')
    if newest then kids[#kids + 1] = newest end
  end
  for _, kid in ipairs(kids) do
    local t = redis.call('HMGET', P .. 'ticket:' .. kid, 'nonce', 'sid', 'messages', 'replies',
                         'answers')
    tickets[#tickets + 1] = {kid, t[1] or '', t[2] or '', tonumber(t[3] or '0'),
                             tonumber(t[4] or '0'), tonumber(t[5] or '0')}
    forget_ticket(kid)
    redis.call('LREM', P .. 'tickets_of:' .. tid, 1, kid)  -- Should its record have been gone.
  end
  if #kids == most then
    more = true
  else
    redis.call('DEL', thread_key(tid), P .. 'told:' .. tid)
    redis.call('SREM', P .. 'person:' .. addr, tid)
  end
end
return cjson.encode({more = more, tickets = tickets, jobs = jobs,
                     answers = answers, audited = audited,
                     opted_out = redis.call('HDEL', P .. 'opted_out', addr)})
