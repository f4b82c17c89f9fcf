-- A reply is not to be sent, for a reason that the agent is told.
-- ARGV: now, tid, token, why, notice (1: by a private note, too)      Returns 'done' or 'lost'.
local tid = ARGV[2]
if not holds('b', tid, ARGV[3]) then return 'lost' end
local job = cjson.decode(redis.call('LINDEX', queue_key('b', tid), 0))
complete('b', tid, 1)
move_reply(job.t, job.r, 'refused', ARGV[4])
tell_undelivered(job.t, job.r, 'refused', ARGV[4], ARGV[5])
return 'done'
