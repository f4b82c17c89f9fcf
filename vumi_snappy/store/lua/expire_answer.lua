-- The answer of the attempt (lane, tid, token) came too late to be sent.
-- @takes lane tid token
-- @needs _answer_states _args _lanes
local job = held_job(args.lane, args.tid, args.token)
if not job then return 'lost' end
leave_queue_as_answer(job.a)
move_answer(job.a, 'expired', '')
