-- Snappy (or the bus) was asked and does not have what the attempt (lane, tid, token) sends: it may send.
-- settle: seconds for which what it sends may take effect.
-- @takes lane tid token settle
-- @needs _args _clock _failover _lanes
if not holds(args.lane, args.tid, args.token) then return 'lost' end
have_looked(args.lane, args.tid, args.settle)
redis.call('HSET', attempt_key(args.lane, args.tid), 'look', '0',
           'settles', num(steady() + args.settle))
