-- Snappy no longer has the ticket: the next message of the attempt opens a new one.
-- ARGV: now, tid, token, ticket     Returns 'done' or 'lost'.
if not holds('s', ARGV[2], ARGV[3]) then return 'lost' end
local ticket = P .. 'ticket:' .. ARGV[4]
local nonce = redis.call('HGET', ticket, 'nonce')
if nonce then
  local sid = redis.call('HGET', ticket, 'sid')
  if sid then redis.call('DEL', P .. 'sid:' .. sid) end
  -- What was heard of it is not true of the next one.
  redis.call('HDEL', ticket, 'nonce', 'sid', 'status', 'status_at', 'told', 'told_at', 'changes')
  index_tags(ARGV[4], {})
  redis.call('DEL', P .. 'nonce:' .. nonce)
  history(ARGV[4], 'ticket gone', '', nonce)
end
return 'done'
