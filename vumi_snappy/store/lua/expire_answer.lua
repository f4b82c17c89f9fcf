-- An answer came too late to be sent.  ARGV: now, tid, token      Returns 'done' or 'lost'.
if not holds('b', ARGV[2], ARGV[3]) then return 'lost' end
local id = cjson.decode(redis.call('LINDEX', queue_key('b', ARGV[2]), 0)).a
leave_queue_as_answer(id)
move_answer(id, 'expired', '')
return 'done'
