-- An ack, nack or delivery report for one of our replies.
-- ARGV: now, message_id, state ('acked', 'failed', 'delivered' or ''), detail, notice (1: tell the
--       agent of a failure by a private note), ack_timeout (seconds), delivered_notice (1: tell the
--       agent of a delivery, too)
-- Returns {'moved' | 'kept' | 'unknown' | 'answer moved' | 'answer kept' (it is one of the worker's
--          own answers, which the agent is told nothing of), 1 if the reply had not been known to
--          be on the bus, and the state of what has moved}
if redis.call('EXISTS', answer_key(ARGV[2])) == 1 then
  local arrived = leave_queue_as_answer(ARGV[2])
  if arrived then move_answer(ARGV[2], 'published', '') end
  local moved = ARGV[3] ~= '' and move_answer(ARGV[2], ARGV[3], ARGV[4])
  return {moved and 'answer moved' or 'answer kept', arrived and 1 or 0, ARGV[3]}
end
local where = recall_id('published', ARGV[2])
if not where then return {'unknown', 0} end
local kid, r, k = string.match(where, '^(.*):(%d+)/?(%d*)$')
k = k ~= '' and k or nil
local detail, part = ARGV[4], part_words(kid, r, k)
if part ~= '' then detail = detail ~= '' and (part .. ': ' .. detail) or part end
-- A transport that speaks of it has it: whoever was about to publish it again need not.
local left = 0
if leave_queue(kid, r) then
  left = 1
  now_published(kid, r, ARGV[6])
end
if ARGV[3] == '' then return {'kept', left} end
local ticket = P .. 'ticket:' .. kid
local before = redis.call('HGET', ticket, 'rs' .. r)
local moved = move_part(kid, r, k, ARGV[3], detail)
if moved == 'moved' and ARGV[3] == 'failed' then
  if ARGV[4] == '' and part ~= '' then detail = part .. ': the network gave no reason' end
  tell_undelivered(kid, r, 'failed', detail, ARGV[5])
end
local state = redis.call('HGET', ticket, 'rs' .. r)
if moved == 'moved' and state == 'delivered' and ARGV[7] == '1' then
  tell_good_news(kid, r, 'delivered')
elseif moved == 'moved' and (state == 'acked' or state == 'delivered') and before == 'unconfirmed'
    and ARGV[5] == '1' then
  -- Who was told that nothing is known of it might write it once more.
  tell_good_news(kid, r, state)
end
return {moved, left, state}
