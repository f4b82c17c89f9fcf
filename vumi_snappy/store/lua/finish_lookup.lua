-- A look-up has come to its end: write the private note, where there is anything to tell.
-- ARGV: now, tid, token, text, how it went      Returns 'done' or 'lost'.
local tid = ARGV[2]
if not holds('x', tid, ARGV[3]) then return 'lost' end
local job = cjson.decode(redis.call('LINDEX', queue_key('x', tid), 0))
history(job.t, 'extras', '', ARGV[5])
if ARGV[4] ~= '' then push('s', tid, {k = 'private', t = job.t, text = ARGV[4]}) end
complete('x', tid, 1)
return 'done'
