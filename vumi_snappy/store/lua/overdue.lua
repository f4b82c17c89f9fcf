-- Replies that nothing was heard of in time are unconfirmed, and their agents are told `why`.
-- limit: how many to look at.  notice: tell by a private note, too.  wanted: false, where nobody wants to
-- know: they are only let go.
-- Returns {looked at, of these unconfirmed}.
-- @takes limit why notice wanted
-- @needs _args _clock _history _notices _reply_states
local due = redis.call('ZRANGEBYSCORE', P .. 'awaited', '-inf', num(steady()), 'LIMIT', 0, args.limit)
local unconfirmed = 0
for _, member in ipairs(due) do
  local kid, r = string.match(member, '^(.*):(%d+)$')
  local ticket = P .. 'ticket:' .. kid
  redis.call('ZREM', P .. 'awaited', member)
  if args.wanted and redis.call('HGET', ticket, 'rs' .. r) == 'published' then
    local why, silent = args.why, {}
    local parts = parts_of(kid, r)
    for k = 1, #parts do
      if not redis.call('HGET', ticket, 'rs' .. r .. '/' .. k) then silent[#silent + 1] = k end
    end
    if #silent > 0 then why = 'part ' .. table.concat(silent, ', ') .. ' of ' .. #parts .. ': ' .. why end
    move_reply(kid, r, 'unconfirmed', why)
    tell_undelivered(kid, r, 'unconfirmed', why, args.notice)
    unconfirmed = unconfirmed + 1
  end
end
return {#due, unconfirmed}
