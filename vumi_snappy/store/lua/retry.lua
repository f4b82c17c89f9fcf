-- Give an attempt (lane, tid, token) back, to be made again in `delay` seconds (an operator's retry: `unpark`).
-- look: its outcome is unknown.  outage: it is the other side's fault, so try as soon as that is back.
-- count: it counts as a try.  why: for the history.  settled: the call can have no more effect, so it may
-- be looked for at once.  too_large: what it had to look through was too large.
-- @takes lane tid token delay look outage count why settled too_large
-- @needs _args _clock _history _lanes
local lane, tid = args.lane, args.tid
local job, key = held_job(lane, tid, args.token), attempt_key(lane, tid)
if not job then return 'lost' end
redis.call('HSET', key, 'token', '')
if args.count then redis.call('HINCRBY', key, 'tries', 1) end
-- Once unknown, it stays unknown until somebody has looked.
if args.look then redis.call('HSET', key, 'look', '1') end
if args.settled then redis.call('HSET', key, 'settles', '0') end
redis.call('ZREM', P .. lane .. ':leased', tid)
redis.call('ZADD', args.outage and P .. lane .. ':outage' or P .. lane .. ':delayed',
           num(steady() + args.delay), tid)
redis.call(args.too_large and 'SADD' or 'SREM', too_large_key(lane), tid)
-- Each new reason is told, the same one again is not.
if args.count and redis.call('HGET', key, 'why') ~= args.why then
  redis.call('HSET', key, 'why', args.why)
  history(job.t, 'trying again', ref_of(job), args.why)
end
