-- The look-up of the attempt (lane, tid, token) has come to its end: write the private note `text`, where
-- there is anything to tell.
-- how: it went, for the history.
-- @takes lane tid token text how
-- @needs _args _history _lanes
local job = held_job(args.lane, args.tid, args.token)
if not job then return 'lost' end
history(job.t, 'extras', '', args.how)
if args.text ~= '' then push('s', args.tid, {k = 'private', t = job.t, text = args.text}) end
complete(args.lane, args.tid, 1)
