-- Note which Redis we are connected to, and whether a replica has taken the place of the one before.
-- replid: its replication id.  before: that of the master that it was a replica of (zeros: it was none).
-- Returns 'failed over', or 'same'.
-- A replica can have missed the last moment: what was claimed, and done, just before.  So all that was
-- stored until now is looked for before it is sent (see `_failover`).
-- @takes replid before
-- @needs _args _clock
local known = redis.call('GET', P .. 'master')
if known == args.replid then return 'same' end
redis.call('SET', P .. 'master', args.replid)
if not known or string.match(args.before, '^0*$') then return 'same' end
redis.call('HSET', CLOCK, 'failed_over', num(steady()))
return 'failed over'
