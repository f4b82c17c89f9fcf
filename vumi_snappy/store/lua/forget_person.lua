-- Erase a person: what waits of theirs first, then their tickets, a bounded number a call.
-- ARGV: now, address, how many tickets, who of the operators has it done ('': the audit trail has it
--       already), how the trail is to name the person, threads that the address can have (JSON list)
-- Returns JSON: {"more": true or false, "tickets": [[number, nonce, Snappy's id, messages, replies,
--               answers], ...], "jobs": dropped, "answers": of no ticket, erased,
--               "opted_out": 1 or 0, "audited": true or false}
local addr, most = ARGV[2], tonumber(ARGV[3])
local tickets, jobs, answers, more = {}, 0, 0, false
local tids, known = {}, 0
for _, tid in ipairs(threads_of(addr, cjson.decode(ARGV[6]))) do
  if redis.call('EXISTS', thread_key(tid), P .. 'tickets_of:' .. tid, P .. 'told:' .. tid,
                P .. 'answers_of:' .. tid, queue_key('s', tid), queue_key('b', tid),
                queue_key('x', tid)) > 0 then
    tids[#tids + 1] = tid
    known = known + #tickets_of(tid, 1000000)
  end
end
-- In the trail before anything is gone: a crash between two calls leaves no erasure that nobody did.
local audited = #tids > 0 or redis.call('HEXISTS', P .. 'opted_out', addr) == 1
if audited then audit(ARGV[4], 'forgot a person', '', ARGV[5] .. ', ' .. known .. ' tickets') end
for _, tid in ipairs(tids) do
  for _, lane in ipairs({'s', 'b', 'x'}) do
    local waiting = redis.call('LRANGE', queue_key(lane, tid), 0, -1)
    for _, raw in ipairs(waiting) do
      local job = cjson.decode(raw)
      if job.a then redis.call('DEL', P .. 'answer:' .. job.a) end
    end
    jobs = jobs + #waiting
    redis.call('DECRBY', P .. lane .. ':count', #waiting)
    redis.call('DEL', queue_key(lane, tid), attempt_key(lane, tid))
    for _, name in ipairs({':leased', ':delayed', ':outage', ':ready', ':heads'}) do
      redis.call('ZREM', P .. lane .. name, tid)
    end
  end
  redis.call('SREM', P .. 'opening', tid)
  for _, id in ipairs(redis.call('ZRANGE', P .. 'answers_of:' .. tid, 0, -1)) do
    answers = answers + redis.call('DEL', P .. 'answer:' .. id)
  end
  redis.call('DEL', P .. 'answers_of:' .. tid)
  local kids = redis.call('LRANGE', P .. 'tickets_of:' .. tid, 0, most - 1)
  if #kids < most then
    local newest = redis.call('HGET', thread_key(tid), 'ticket')
    if newest and newest ~= kids[#kids] then kids[#kids + 1] = newest end
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
return cjson.encode({more = more, tickets = #tickets > 0 and tickets or 0, jobs = jobs, answers = answers, audited = audited,
                     opted_out = redis.call('HDEL', P .. 'opted_out', addr)})
