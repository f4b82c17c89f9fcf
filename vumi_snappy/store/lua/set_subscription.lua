-- A person opts out, or in again.  ARGV: now, address, 'out' or 'in'
-- Returns 1 if it was not so before.
if ARGV[3] == 'in' then return redis.call('HDEL', P .. 'opted_out', ARGV[2]) end
return redis.call('HSETNX', P .. 'opted_out', ARGV[2], num(now))
