-- Snappy (or the bus) was asked and does not have it: the attempt may send.
-- ARGV: now, lane, tid, token, call (seconds that the call may take effect in)
-- Returns 'done' or 'lost'.
if not holds(ARGV[2], ARGV[3], ARGV[4]) then return 'lost' end
redis.call('HSET', attempt_key(ARGV[2], ARGV[3]), 'look', '0',
           'settles', num(now + tonumber(ARGV[5])))
return 'done'
