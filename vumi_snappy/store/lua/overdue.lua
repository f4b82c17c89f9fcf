-- Replies that nothing was heard of in time are unconfirmed, and their agents are told.
-- ARGV: now, how many to look at, why, notice (1: tell by a private note, too), on (0: nobody wants
--       to know, they are only let go)
-- Returns {looked at, of these unconfirmed}.
local due = redis.call('ZRANGEBYSCORE', P .. 'awaited', '-inf', num(now), 'LIMIT', 0, ARGV[2])
local unconfirmed = 0
for _, member in ipairs(due) do
  local kid, r = string.match(member, '^(.*):(%d+)$')
  local ticket = P .. 'ticket:' .. kid
  redis.call('ZREM', P .. 'awaited', member)
  if ARGV[5] == '1' and redis.call('HGET', ticket, 'rs' .. r) == 'published' then
    local why, silent = ARGV[3], {}
    local parts = parts_of(kid, r)
    for k = 1, #parts do
      if not redis.call('HGET', ticket, 'rs' .. r .. '/' .. k) then silent[#silent + 1] = k end
    end
    if #silent > 0 then
      why = 'part ' .. table.concat(silent, ', ') .. ' of ' .. #parts .. ': ' .. why
    end
    move_reply(kid, r, 'unconfirmed', why)
    tell_undelivered(kid, r, 'unconfirmed', why, ARGV[4])
    unconfirmed = unconfirmed + 1
  end
end
return {#due, unconfirmed}
