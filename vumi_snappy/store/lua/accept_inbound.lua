-- Store one inbound message with its ticket, its history and its job, once.
-- ARGV: now, message_id, tid, from_addr, endpoint, transport_type, content, sent_at, subject,
--       contact_address, envelope (JSON), extras, new_ticket_after (seconds), remember (seconds),
--       schema version
-- Returns {'stored' or 'duplicate', ticket, 1 if the ticket is new}
local id, tid = ARGV[2], ARGV[3]
local seen = P .. 'seen:m:' .. id
local before = redis.call('GET', seen)
if before then return {'duplicate', before, 0} end

local thread = P .. 'thread:' .. tid
local kid = redis.call('HGET', thread, 'ticket')
local silence = now - tonumber(redis.call('HGET', thread, 'at') or '0')
local fresh = 0
if not kid or redis.call('EXISTS', P .. 'ticket:' .. kid) == 0
    or silence >= tonumber(ARGV[13]) then
  kid = tostring(redis.call('INCR', P .. 'last_ticket'))
  fresh = 1
  redis.call('HSET', P .. 'ticket:' .. kid, 'v', ARGV[15], 'tid', tid, 'addr', ARGV[4],
             'subject', ARGV[9], 'contact', ARGV[10], 'opened', num(now))
  redis.call('RPUSH', P .. 'tickets_of:' .. tid, kid)
end
local ticket = P .. 'ticket:' .. kid
redis.call('HSET', thread, 'v', ARGV[15], 'addr', ARGV[4], 'endpoint', ARGV[5],
           'transport_type', ARGV[6], 'ticket', kid, 'at', num(now), 'envelope', ARGV[11])
local n = redis.call('HINCRBY', ticket, 'messages', 1)
redis.call('HSET', ticket, 'at', num(now), 'm' .. n,
           cjson.encode({id = id, at = ARGV[8], text = ARGV[7]}), 'ms' .. n, 'stored')
redis.call('ZADD', P .. 'tickets', num(now), kid)
redis.call('SET', seen, kid, 'EX', ARGV[14])
history(kid, 'stored', 'm' .. n)
push('s', tid, {k = 'msg', t = kid, m = n})
if fresh == 1 and ARGV[12] ~= '' then
  push('s', tid, {k = 'private', t = kid, text = ARGV[12]})
end
return {'stored', kid, fresh}
