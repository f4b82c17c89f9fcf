-- What Snappy's hook tells of a ticket (nonce, sid), other than a reply: kept once, in whatever order.
-- event: {at, status, added, removed, tags}.  digest: of it all.  repeated: seconds in which the same again
-- is a repetition.  Of a ticket that is not known yet, the last `most` are kept for `keep` seconds, of at
-- most `tickets` tickets.
-- Returns 'stored', 'duplicate' or 'unknown_ticket'.
-- @takes nonce sid event digest repeated most keep tickets
-- @needs _args _early _ticket_events
local nonce, sid = args.nonce, args.sid
local kid = nonce ~= '' and redis.call('GET', P .. 'nonce:' .. nonce)
if not kid and nonce == '' and sid ~= '' then kid = redis.call('GET', P .. 'sid:' .. sid) end
local event = args.event
event.sid = sid
if not kid then
  -- Snappy can call before it has answered the call that opened the ticket.
  if nonce == '' and sid == '' or redis.call('SCARD', P .. 'opening') == 0
      or not has_room(P .. 'early_events', early_key(nonce, sid), args.keep, args.tickets) then
    return 'unknown_ticket'
  end
elseif not is_called(kid, nonce, sid) then
  return 'unknown_ticket'
end
local seen = P .. 'seen:e:' .. args.digest
if redis.call('EXISTS', seen) == 1 then return 'duplicate' end
redis.call('SET', seen, '1', 'EX', args.repeated)
-- Taken for what it is of when it is stored, also where it has to wait.
event.at = heard_at(event.at)
if kid then
  take_event(kid, event)
  take_early(kid, '', sid)
else
  local key = early_key(nonce, sid)
  redis.call('RPUSH', key, cjson.encode(event))
  redis.call('LTRIM', key, -args.most, -1)
  if redis.call('TTL', key) < 0 then redis.call('EXPIRE', key, args.keep) end
end
return 'stored'
