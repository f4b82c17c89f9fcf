-- An ack, nack or delivery report for one of our replies.
-- ARGV: now, message_id, state ('acked', 'failed', 'delivered' or ''), detail
-- Returns {'moved' | 'kept' | 'unknown', ticket, reply number}
local where = redis.call('GET', P .. 'published:' .. ARGV[2])
if not where then return {'unknown', '', ''} end
local kid, r = string.match(where, '^(.*):(%d+)$')
if ARGV[3] == '' then return {'kept', kid, r} end
-- A transport that speaks of it has it: whoever was about to publish it again need not.
leave_queue(kid, r)
return {move_reply(kid, r, ARGV[3], ARGV[4]), kid, r}
