-- What a reply will be published as, settled before its first message can leave: a later try
-- publishes the same, and what comes of any message finds its reply.
-- ARGV: now, tid, token, parts (JSON list of {id, text}), remember (seconds)
-- Returns 'done' or 'lost'.
local tid = ARGV[2]
if not holds('b', tid, ARGV[3]) then return 'lost' end
local job = cjson.decode(redis.call('LINDEX', queue_key('b', tid), 0))
local parts = cjson.decode(ARGV[4])
for k, part in ipairs(parts) do
  remember_id('published', part.id, job.t .. ':' .. job.r .. '/' .. k, tonumber(ARGV[5]))
end
redis.call('HSET', P .. 'ticket:' .. job.t, 'rp' .. job.r,
           history(job.t, 'split', 'r' .. job.r, 'into ' .. #parts .. ' messages', parts))
return 'done'
