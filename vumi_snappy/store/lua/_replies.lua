-- Shared by the scripts that store replies.

local function store_reply(kid, note, sid, html, staff, name, at, message_id, remember)
  local ticket = P .. 'ticket:' .. kid
  local tid = redis.call('HGET', ticket, 'tid')
  local n = redis.call('HINCRBY', ticket, 'replies', 1)
  redis.call('HSET', ticket, 'at', num(now), 'r' .. n,
             cjson.encode({note = note, at = at, html = html, staff = staff, name = name,
                           id = message_id}), 'rs' .. n, 'stored')
  redis.call('HSET', P .. 'thread:' .. tid, 'at', num(now))
  saw(kid)
  redis.call('SET', P .. 'seen:n:' .. note, kid, 'EX', remember)
  redis.call('SET', P .. 'published:' .. message_id, kid .. ':' .. n, 'EX', remember)
  link_sid(kid, sid)
  take_early(kid, '', sid)
  -- Who of the staff wrote last; notes can come in any order.
  local wrote = heard_at(at)
  if staff ~= '' and wrote >= tonumber(redis.call('HGET', ticket, 'staff_at') or '0') then
    redis.call('HSET', ticket, 'staff', staff, 'staff_name', name, 'staff_at', num(wrote))
  end
  history(kid, 'reply stored', 'r' .. n)
  push('b', tid, {k = 'reply', t = kid, r = n})
end
