-- What the reply of the attempt (lane, tid, token) will be published as, settled before its first message can
-- leave: a later try publishes the same, and what comes of any message finds its reply.
-- parts: a list of {id, text}.  remember: seconds for which their ids are recognised.
-- @takes lane tid token parts remember
-- @needs _args _history _lanes _seen
local job, parts = held_job(args.lane, args.tid, args.token), args.parts
if not job then return 'lost' end
for k, part in ipairs(parts) do
  remember_id('published', part.id, job.t .. ':' .. job.r .. '/' .. k, args.remember)
end
redis.call('HSET', P .. 'ticket:' .. job.t, 'rp' .. job.r,
           history(job.t, 'split', 'r' .. job.r, 'into ' .. #parts .. ' messages', parts))
