-- Forget finished tickets that saw nothing for `retention` seconds, looking at `limit` of them from `offset`.
-- Returns {forgotten, kept}: those kept still have something waiting or parked.
-- @takes retention limit offset
-- @needs _args _forget
local forgotten, kept = 0, 0
local old = redis.call('ZRANGEBYSCORE', P .. 'tickets', '-inf', num(now - args.retention),
                       'LIMIT', args.offset, args.limit)
for _, kid in ipairs(old) do
  if tonumber(redis.call('HGET', P .. 'ticket:' .. kid, 'undone') or '0') > 0 then
    kept = kept + 1
  else
    forget_ticket(kid)
    forgotten = forgotten + 1
  end
end
return {forgotten, kept}
