-- Store inbound messages, each with its ticket, its history, its job and what it is answered with,
-- once, in their order.
-- ARGV: now, new_ticket_after (seconds), remember (seconds), schema version; then, for each message:
--       message_id, tid, from_addr, endpoint, transport_type, content, sent_at, subject,
--       contact_address, envelope (JSON), extras, use of tickets ('open', 'live': of a live one
--       only, 'none'), opt ('out', 'in' or ''), answers (JSON, or ''), where further extras are
--       looked up (a URL or ''), what the Django bouncer's API knows of it (JSON or '')
-- Returns JSON, for each message: {'stored', ticket or '', the lanes that have new work},
--       {'duplicate', ticket or ''}, {'failed', why} or {'held'}: one of the same person before it
--       has failed.
local FIELDS = 16
local new_ticket_after, remember, schema = tonumber(ARGV[2]), ARGV[3], ARGV[4]

local function accept(id, tid, addr, endpoint, transport_type, content, sent_at, subject, contact,
                      envelope, extras, use, opt, answers, lookup, posted)
  local before = recall_id('seen:m', id)
  if before then return {'duplicate', before} end

  local had = redis.call('HMGET', thread_key(tid), 'ticket', 'at', 'v')
  local kid = had[1]
  if use == 'none' or not kid or now - tonumber(had[2] or '0') >= new_ticket_after
      or redis.call('EXISTS', P .. 'ticket:' .. kid) == 0 then
    kid = nil
  end
  local fresh = not kid and use == 'open'
  if fresh then
    kid = tostring(redis.call('INCR', P .. 'last_ticket'))
    redis.call('HSET', P .. 'ticket:' .. kid, 'v', schema, 'tid', tid, 'addr', addr,
               'subject', subject, 'contact', contact, 'opened', num(now), 'ix', '1')
    add_ticket(tid, kid, had[1])
  end
  if fresh or not kid then index_channel(endpoint, transport_type) end
  local lanes = ''
  if kid then
    local ticket = P .. 'ticket:' .. kid
    if had[3] == '1' then
      redis.call('HDEL', thread_key(tid), 'addr', 'endpoint', 'transport_type', 'envelope')
    end
    keep_envelope(tid, envelope, 'v', schema, 'ticket', kid, 'at', num(now))
    local n = redis.call('HINCRBY', ticket, 'messages', 1)
    redis.call('HSET', ticket, 'at', num(now), 'ms' .. n, 'stored')
    saw(kid, fresh)
    index_posted(kid, posted)
    keep_said(kid, 'stored', 'm' .. n, '', id, sent_at, content)
    push('s', tid, {k = 'msg', t = kid, m = n})
    lanes = 's'
    if fresh and lookup ~= '' then
      push('x', tid, {k = 'lookup', t = kid, url = lookup, text = extras})
      lanes = 'sx'
    elseif fresh and extras ~= '' then
      push('s', tid, {k = 'private', t = kid, text = extras})
    end
  end

  local changed = false
  if opt == 'out' then
    changed = redis.call('HSETNX', P .. 'opted_out', addr, num(now)) == 1
  elseif opt == 'in' then
    changed = redis.call('HDEL', P .. 'opted_out', addr) == 1
  end
  if changed then history(kid, 'opted ' .. opt) end
  if answers ~= '' then
    local answered = store_answers(
      cjson.decode(answers), {tid = tid, kid = kid, addr = addr, envelope = envelope, keep = remember},
      fresh, changed, redis.call('HEXISTS', P .. 'opted_out', addr) == 1)
    if answered > 0 then lanes = lanes .. 'b' end
  end
  -- Last: what fails on the way is not taken for stored when it comes again.
  remember_id('seen:m', id, kid or '', tonumber(remember))
  return {'stored', kid or '', lanes}
end

local outcomes, failed, stored = {}, {}, 0
for first = 5, #ARGV, FIELDS do
  local tid = ARGV[first + 1]
  local outcome = {'held'}
  if not failed[tid] then
    local worked, said = pcall(accept, unpack(ARGV, first, first + FIELDS - 1))
    if worked then
      outcome = said
      if said[1] == 'stored' then stored = stored + 1 end
    else
      failed[tid] = true
      outcome = {'failed', type(said) == 'table' and said.err or tostring(said)}
    end
  end
  outcomes[#outcomes + 1] = outcome
end
if stored > 0 then tally('received', stored) end
return cjson.encode(outcomes)
