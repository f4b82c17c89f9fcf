-- What Snappy's hook tells of a ticket, other than a reply: kept once, whatever order it comes in.
-- ARGV: now, nonce, Snappy's ticket id, event (JSON), digest of it all, seconds in which the same
--       again is a repetition, how many may be kept for a ticket that is not known yet, seconds
--       that these are kept
-- Returns 'stored', 'duplicate' or 'unknown_ticket'.
local nonce, sid = ARGV[2], ARGV[3]
local kid = nonce ~= '' and redis.call('GET', P .. 'nonce:' .. nonce)
if not kid and nonce == '' and sid ~= '' then kid = redis.call('GET', P .. 'sid:' .. sid) end
local event = cjson.decode(ARGV[4])
event.sid = sid
if not kid then
  -- Snappy can call before it has answered the call that opened the ticket.
  if nonce == '' and sid == '' or redis.call('SCARD', P .. 'opening') == 0 then
    return 'unknown_ticket'
  end
elseif redis.call('EXISTS', P .. 'ticket:' .. kid) == 0 then
  return 'unknown_ticket'
end
local seen = P .. 'seen:e:' .. ARGV[5]
if redis.call('EXISTS', seen) == 1 then return 'duplicate' end
redis.call('SET', seen, '1', 'EX', ARGV[6])
-- Taken for what it is of when it is stored, also where it has to wait.
event.at = heard_at(event.at)
if kid then
  take_event(kid, event)
  take_early(kid, '', sid)
else
  local key = early_key(nonce, sid)
  redis.call('RPUSH', key, cjson.encode(event))
  redis.call('LTRIM', key, -tonumber(ARGV[7]), -1)
  redis.call('EXPIRE', key, ARGV[8])
end
return 'stored'
