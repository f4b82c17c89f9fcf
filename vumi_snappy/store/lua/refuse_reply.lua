-- The reply of the attempt (lane, tid, token) is not to be sent; its agent is told `why`.
-- notice: by a private note, too.
-- @takes lane tid token why notice
-- @needs _args _lanes _notices _reply_states
local job = held_job(args.lane, args.tid, args.token)
if not job then return 'lost' end
complete(args.lane, args.tid, 1)
move_reply(job.t, job.r, 'refused', args.why)
tell_undelivered(job.t, job.r, 'refused', args.why, args.notice)
