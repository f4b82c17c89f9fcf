-- What Snappy brings before it has answered the call that opened the ticket: it may be about that one, or
-- about anybody's.  Kept for a while, and no more than `most` at a time, which are listed by when they go.

-- Whether there is room for `what` in the list `key`; if so, it is there until `keep` seconds from now.
local function has_room(key, what, keep, most)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', num(now))
  if redis.call('ZSCORE', key, what) then return true end
  if redis.call('ZCARD', key) >= most then return false end
  redis.call('ZADD', key, num(now + keep), what)
  redis.call('EXPIRE', key, math.ceil(keep) + 1)
  return true
end
