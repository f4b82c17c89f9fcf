-- Forget finished tickets that saw nothing for long; a bounded number a call.
-- ARGV: now, retention (seconds), how many to look at, how many to pass over
-- Returns {forgotten, kept}: those kept still have something waiting or parked.
local forgotten, kept = 0, 0
local old = redis.call('ZRANGEBYSCORE', P .. 'tickets', '-inf', num(now - tonumber(ARGV[2])),
                       'LIMIT', tonumber(ARGV[4]), tonumber(ARGV[3]))
for _, kid in ipairs(old) do
  local key = P .. 'ticket:' .. kid
  local t = redis.call('HMGET', key, 'undone', 'tid', 'nonce', 'sid', 'replies', 'answers')
  if tonumber(t[1] or '0') > 0 then
    kept = kept + 1
  else
    for n = 1, tonumber(t[5] or '0') do
      redis.call('ZREM', P .. 'awaited', kid .. ':' .. n)
      local reply = redis.call('HGET', key, 'r' .. n)
      if reply then redis.call('DEL', P .. 'published:' .. cjson.decode(reply).id) end
      for _, part in ipairs(cjson.decode(redis.call('HGET', key, 'rp' .. n) or '[]')) do
        redis.call('DEL', P .. 'published:' .. part.id)
      end
    end
    for n = 1, tonumber(t[6] or '0') do
      redis.call('DEL', P .. 'answer:' .. (redis.call('HGET', key, 'a' .. n) or ''))
    end
    if t[3] then redis.call('DEL', P .. 'nonce:' .. t[3]) end
    if t[4] then redis.call('DEL', P .. 'sid:' .. t[4]) end
    if t[2] then
      redis.call('LREM', P .. 'tickets_of:' .. t[2], 1, kid)
      if redis.call('HGET', P .. 'thread:' .. t[2], 'ticket') == kid then
        redis.call('DEL', P .. 'thread:' .. t[2])
      end
    end
    unindex(kid)
    redis.call('DEL', key, P .. 'history:' .. kid)
    forgotten = forgotten + 1
  end
end
return {forgotten, kept}
