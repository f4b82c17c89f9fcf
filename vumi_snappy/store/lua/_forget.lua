-- Shared by the scripts that forget tickets.

-- Leave nothing of the ticket but that its messages and notes were seen.
local function forget_ticket(kid)
  local key = P .. 'ticket:' .. kid
  local t = redis.call('HMGET', key, 'undone', 'tid', 'nonce', 'sid', 'replies', 'answers')
  for n = 1, tonumber(t[5] or '0') do
    redis.call('ZREM', P .. 'awaited', kid .. ':' .. n)
    local reply = said(kid, 'r' .. n)
    if reply then forget_id('published', reply.id) end
    for _, part in ipairs(parts_of(kid, n)) do forget_id('published', part.id) end
  end
  for n = 1, tonumber(t[6] or '0') do
    redis.call('DEL', P .. 'answer:' .. (redis.call('HGET', key, 'a' .. n) or ''))
  end
  if t[3] then
    redis.call('DEL', P .. 'nonce:' .. t[3], P .. 'orphans:' .. t[3], P .. 'early:n:' .. t[3])
  end
  if t[4] then redis.call('DEL', P .. 'sid:' .. t[4], P .. 'early:s:' .. t[4]) end
  if t[2] then
    redis.call('LREM', P .. 'tickets_of:' .. t[2], 1, kid)
    if redis.call('HGET', P .. 'thread:' .. t[2], 'ticket') == kid then
      redis.call('DEL', P .. 'thread:' .. t[2])
    end
  end
  unindex(kid)
  redis.call('UNLINK', key, P .. 'history:' .. kid)
end
