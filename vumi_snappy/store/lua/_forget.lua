-- Shared by the scripts that forget tickets.
-- @needs _history _lists _posted _seen

-- Leave nothing of the ticket but that its messages and notes were seen.
local function forget_ticket(kid)
  local key = P .. 'ticket:' .. kid
  local t = redis.call('HMGET', key, 'addr', 'tid', 'nonce', 'sid', 'replies', 'answers', 'was', 'posted')
  index_tags(kid, {})
  for _, name in ipairs(LISTS) do delist(name, kid) end
  redis.call('ZREM', P .. 'tickets', kid)
  if t[8] then
    redis.call('ZREM', P .. 'posted', kid)
    redis.call('ZREM', contact_list(t[8]), kid)
  end
  for n = 1, tonumber(t[5] or '0') do
    redis.call('ZREM', P .. 'awaited', kid .. ':' .. n)
    redis.call('ZREM', P .. 'undelivered', kid .. ':' .. n)
    local reply = content_of(kid, 'r' .. n)
    if reply then forget_id('published', reply.id) end
    for _, part in ipairs(parts_of(kid, n)) do forget_id('published', part.id) end
  end
  for n = 1, tonumber(t[6] or '0') do
    redis.call('DEL', P .. 'answer:' .. (redis.call('HGET', key, 'a' .. n) or ''))
  end
  local names = cjson.decode(t[7] or '[]')
  names[#names + 1] = {t[3] or '', t[4] or ''}
  for _, name in ipairs(names) do
    local nonce, sid = name[1], name[2]
    redis.call('DEL', P .. 'nonce:' .. nonce, P .. 'orphans:' .. nonce, P .. 'early:n:' .. nonce,
               P .. 'sid:' .. sid, P .. 'early:s:' .. sid)
  end
  if t[2] then
    redis.call('LREM', P .. 'tickets_of:' .. t[2], 1, kid)
    if redis.call('HGET', P .. 'thread:' .. t[2], 'ticket') == kid then
      redis.call('DEL', P .. 'thread:' .. t[2])
    end
    if t[1] and redis.call('EXISTS', P .. 'tickets_of:' .. t[2], P .. 'thread:' .. t[2]) == 0 then
      redis.call('SREM', P .. 'person:' .. t[1], t[2])
    end
  end
  redis.call('UNLINK', key, P .. 'history:' .. kid)
end
