-- Forget finished tickets that saw nothing for long; a bounded number a call.
-- ARGV: now, retention (seconds), how many to look at, how many to pass over
-- Returns {forgotten, kept}: those kept still have something waiting or parked.
local forgotten, kept = 0, 0
local old = redis.call('ZRANGEBYSCORE', P .. 'tickets', '-inf', num(now - tonumber(ARGV[2])),
                       'LIMIT', tonumber(ARGV[4]), tonumber(ARGV[3]))
for _, kid in ipairs(old) do
  if tonumber(redis.call('HGET', P .. 'ticket:' .. kid, 'undone') or '0') > 0 then
    kept = kept + 1
  else
    forget_ticket(kid)
    forgotten = forgotten + 1
  end
end
return {forgotten, kept}
