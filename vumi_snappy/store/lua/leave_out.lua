-- What is not worth an operator's time was refused: leave it out, and say so in the history.
-- ARGV: now, lane, tid, token, why      Returns 'done' or 'lost'.
local lane, tid = ARGV[2], ARGV[3]
if not holds(lane, tid, ARGV[4]) then return 'lost' end
local head = cjson.decode(redis.call('LINDEX', queue_key(lane, tid), 0))
history(head.t, head.k .. ' left out', '', ARGV[5])
complete(lane, tid, 1)
return 'done'
