-- An ack, nack or delivery report for one of our replies.
-- ARGV: now, message_id, state ('acked', 'failed', 'delivered' or ''), detail
-- Returns {'moved' | 'kept' | 'unknown', 1 if the reply had not been known to be on the bus}
local where = redis.call('GET', P .. 'published:' .. ARGV[2])
if not where then return {'unknown', 0} end
local kid, r = string.match(where, '^(.*):(%d+)$')
-- A transport that speaks of it has it: whoever was about to publish it again need not.
local left = 0
if leave_queue(kid, r) then
  left = 1
  move_reply(kid, r, 'published', '')
end
if ARGV[3] == '' then return {'kept', left} end
return {move_reply(kid, r, ARGV[3], ARGV[4]), left}
