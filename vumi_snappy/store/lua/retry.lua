-- Give an attempt back, to be made again later.
-- ARGV: now, lane, tid, token, delay (seconds), look (1: the outcome is unknown), outage (1: the
--       other side's fault, try as soon as it is back), count (1: counts as a try), why,
--       settled (1: the call can have no more effect, so it may be looked for at once)
-- Returns 'done', or 'lost' when the lease had gone to another worker.
local lane, tid = ARGV[2], ARGV[3]
if not holds(lane, tid, ARGV[4]) then return 'lost' end
local key = attempt_key(lane, tid)
redis.call('HSET', key, 'token', '')
redis.call('HINCRBY', key, 'tries', ARGV[8])
-- Once unknown, it stays unknown until somebody has looked.
if ARGV[6] == '1' then redis.call('HSET', key, 'look', '1') end
if ARGV[10] == '1' then redis.call('HSET', key, 'settles', '0') end
redis.call('ZREM', P .. lane .. ':leased', tid)
local to = ARGV[7] == '1' and ':outage' or ':delayed'
redis.call('ZADD', P .. lane .. to, num(now + tonumber(ARGV[5])), tid)
local head = cjson.decode(redis.call('LINDEX', queue_key(lane, tid), 0))
if ARGV[8] == '1' and redis.call('HGET', key, 'tries') == '1' then
  history(head.t, 'trying again', ref_of(head), ARGV[9])
end
return 'done'
