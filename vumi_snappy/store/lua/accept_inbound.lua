-- Store one inbound message with its ticket, its history, its job and what it is answered with, once.
-- ARGV: now, message_id, tid, from_addr, endpoint, transport_type, content, sent_at, subject,
--       contact_address, envelope (JSON), extras, new_ticket_after (seconds), remember (seconds),
--       schema version, use of tickets ('open', 'live': of a live one only, 'none'), opt ('out',
--       'in' or ''), answers (JSON), where further extras are looked up (a URL or ''), what the
--       Django bouncer's API knows of it (JSON or '')
-- Returns {'stored' or 'duplicate', ticket or '', 1 if the ticket is new, answers stored}
local id, tid, addr, use, opt = ARGV[2], ARGV[3], ARGV[4], ARGV[16], ARGV[17]
local seen = P .. 'seen:m:' .. id
local before = redis.call('GET', seen)
if before then return {'duplicate', before, 0, 0} end

local thread = P .. 'thread:' .. tid
local kid = redis.call('HGET', thread, 'ticket')
local silence = now - tonumber(redis.call('HGET', thread, 'at') or '0')
local fresh = 0
if use == 'none' or not kid or redis.call('EXISTS', P .. 'ticket:' .. kid) == 0
    or silence >= tonumber(ARGV[13]) then
  kid = nil
end
if not kid and use == 'open' then
  kid = tostring(redis.call('INCR', P .. 'last_ticket'))
  fresh = 1
  redis.call('HSET', P .. 'ticket:' .. kid, 'v', ARGV[15], 'tid', tid, 'addr', addr,
             'subject', ARGV[9], 'contact', ARGV[10], 'opened', num(now), 'ix', '1')
  redis.call('RPUSH', P .. 'tickets_of:' .. tid, kid)
end
redis.call('SET', seen, kid or '', 'EX', ARGV[14])
tally('received', 1)
if fresh == 1 or not kid then index_person(addr, tid) end
if kid then
  local ticket = P .. 'ticket:' .. kid
  redis.call('HSET', thread, 'v', ARGV[15], 'addr', addr, 'endpoint', ARGV[5],
             'transport_type', ARGV[6], 'ticket', kid, 'at', num(now), 'envelope', ARGV[11])
  local n = redis.call('HINCRBY', ticket, 'messages', 1)
  redis.call('HSET', ticket, 'at', num(now), 'm' .. n,
             cjson.encode({id = id, at = ARGV[8], text = ARGV[7]}), 'ms' .. n, 'stored')
  saw(kid, fresh == 1)
  index_posted(kid, ARGV[20])
  history(kid, 'stored', 'm' .. n)
  push('s', tid, {k = 'msg', t = kid, m = n})
  if fresh == 1 and ARGV[19] ~= '' then
    push('x', tid, {k = 'lookup', t = kid, url = ARGV[19], text = ARGV[12]})
  elseif fresh == 1 and ARGV[12] ~= '' then
    push('s', tid, {k = 'private', t = kid, text = ARGV[12]})
  end
end

local changed = false
if opt == 'out' then
  changed = redis.call('HSETNX', P .. 'opted_out', addr, num(now)) == 1
elseif opt == 'in' then
  changed = redis.call('HDEL', P .. 'opted_out', addr) == 1
end
if changed then history(kid, 'opted ' .. opt) end
local answered = store_answers(
  cjson.decode(ARGV[18]), {tid = tid, kid = kid, addr = addr, envelope = ARGV[11], keep = ARGV[14]},
  fresh == 1, changed, redis.call('HEXISTS', P .. 'opted_out', addr) == 1)
return {'stored', kid or '', fresh, answered}
