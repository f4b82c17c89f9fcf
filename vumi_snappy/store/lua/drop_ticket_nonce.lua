-- Snappy no longer has the ticket: the next message of the attempt opens a new one.
-- ARGV: now, tid, token, ticket     Returns 'done' or 'lost'.
if not holds('s', ARGV[2], ARGV[3]) then return 'lost' end
local ticket = P .. 'ticket:' .. ARGV[4]
local nonce = redis.call('HGET', ticket, 'nonce')
if nonce then
  redis.call('HDEL', ticket, 'nonce')
  redis.call('DEL', P .. 'nonce:' .. nonce)
  history(ARGV[4], 'ticket gone', '', nonce)
end
return 'done'
