-- What was refused by the other side is not worth an operator's time: leave the job of the attempt (lane,
-- tid, token) out, and say so, and why, in the history.
-- @takes lane tid token why
-- @needs _args _history _lanes
local job = held_job(args.lane, args.tid, args.token)
if not job then return 'lost' end
history(job.t, job.k .. ' left out', '', args.why)
complete(args.lane, args.tid, 1)
