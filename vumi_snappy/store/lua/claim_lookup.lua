-- Take the next look-up of a person's extras, with a lease.
-- ARGV: now, token, lease (seconds), settle (not used: a look-up does no work that must settle),
--       tokens of claims that were lost
-- Returns JSON: {"wait": seconds} or the attempt.
local token = ARGV[2]
unclaim('x', ARGV[5])
reclaim_expired('x', 50)
release('x', ':delayed', num(now))
local tid, head
repeat
  local popped = redis.call('ZPOPMIN', P .. 'x:ready')
  tid = popped[1]
  head = tid and redis.call('LINDEX', queue_key('x', tid), 0)
until head or not tid
if not tid then return cjson.encode({wait = next_due('x')}) end
local job = cjson.decode(head)
local key = attempt_key('x', tid)
local tries = redis.call('HGET', key, 'tries') or '0'
redis.call('HSETNX', key, 'first', num(now))
redis.call('HSET', key, 'token', token, 'tries', tries, 'look', '0', 'count', '1')
redis.call('ZADD', P .. 'x:leased', num(now + tonumber(ARGV[3])), tid)
return cjson.encode({tid = tid, token = token, ticket = job.t, tries = tonumber(tries),
                     url = job.url, told = job.text})
