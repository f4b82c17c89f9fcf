-- Take the next look-up of a person's extras, with a lease.
-- ARGV, as of the other claims: now, token, lease (seconds), settle (not used), tokens of claims that were lost
-- Returns JSON: {"wait": seconds} or the attempt.
-- @positions forwarding-fast
-- @needs _clock _lanes
release_due('x', ARGV[5])
local tid, job = pop_ready('x')
if not tid then return cjson.encode({wait = next_due('x')}) end
local key = attempt_key('x', tid)
local tries = redis.call('HGET', key, 'tries') or '0'
redis.call('HSETNX', key, 'first', num(now))
redis.call('HSET', key, 'token', ARGV[2], 'tries', tries, 'look', '0', 'count', '1')
redis.call('ZADD', P .. 'x:leased', num(steady() + tonumber(ARGV[3])), tid)
return cjson.encode({tid = tid, token = ARGV[2], ticket = job.t, tries = tonumber(tries),
                     url = job.url, extras = job.text})
