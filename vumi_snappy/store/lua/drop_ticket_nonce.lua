-- Snappy no longer has `ticket`: the next message of the attempt (lane, tid, token) opens a new one.
-- @takes lane tid token ticket
-- @needs _args _history _lanes _lists
if not holds(args.lane, args.tid, args.token) then return 'lost' end
local ticket = P .. 'ticket:' .. args.ticket
local nonce = redis.call('HGET', ticket, 'nonce')
if nonce then
  -- Its names go on leading here: an agent who still has it can answer there.
  local names = cjson.decode(redis.call('HGET', ticket, 'was') or '[]')
  names[#names + 1] = {nonce, redis.call('HGET', ticket, 'sid') or ''}
  -- What was heard of it is not true of the next one.
  redis.call('HDEL', ticket, 'nonce', 'sid', 'status', 'status_at', 'told', 'told_at', 'changes')
  redis.call('HSET', ticket, 'was', cjson.encode(names))
  index_tags(args.ticket, {})
  history(args.ticket, 'ticket gone', '', nonce)
end
