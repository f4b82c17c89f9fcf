-- Shared by the scripts that store replies.

local function store_reply(kid, note, sid, html, staff, name, at, message_id, remember)
  local ticket = P .. 'ticket:' .. kid
  local tid = redis.call('HGET', ticket, 'tid')
  local n = redis.call('HINCRBY', ticket, 'replies', 1)
  redis.call('HSET', ticket, 'at', num(now), 'rs' .. n, 'stored')
  redis.call('HSET', P .. 'thread:' .. tid, 'at', num(now))
  saw(kid)
  remember_id('seen:n', note, kid, tonumber(remember))
  remember_id('published', message_id, kid .. ':' .. n, tonumber(remember))
  link_sid(kid, sid)
  take_early(kid, '', sid)
  -- Who of the staff wrote last; notes can come in any order.
  local wrote = heard_at(at)
  if staff ~= '' and wrote >= tonumber(redis.call('HGET', ticket, 'staff_at') or '0') then
    redis.call('HSET', ticket, 'staff', staff, 'staff_name', name, 'staff_at', num(wrote))
  end
  keep_said(kid, 'reply stored', 'r' .. n, '', message_id, at, html, note, staff, name)
  push('b', tid, {k = 'reply', t = kid, r = n})
end
