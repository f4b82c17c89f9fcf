-- An ack, nack or delivery report for the reply or answer that was published as `message_id`.
-- state: 'acked', 'failed', 'delivered', or '' for one that is pending.  detail: in words.  notice: tell
-- the agent of a failure by a private note.  delivered_notice: of a delivery, too.  ack_timeout: seconds
-- until the reply is overdue, if this is how we learn that it is on the bus.
-- Returns {'moved' | 'kept' | 'unknown' | 'unpublished' (ours, but nobody has published it: no event of it can
--       be true) | 'answer moved' | 'answer kept' (of the worker's own), 1 if the reply had not been known to be
--       on the bus, and the state of what has moved}
-- @takes message_id state detail notice ack_timeout delivered_notice
-- @needs _answer_states _args _notices _reply_states _seen
if redis.call('EXISTS', answer_key(args.message_id)) == 1 then
  local a = redis.call('HMGET', answer_key(args.message_id), 'state', 'tid')
  if not may_be_out(a[1], a[2], nil, nil, args.message_id) then return {'unpublished', 0} end
  local arrived = leave_queue_as_answer(args.message_id)
  if arrived then move_answer(args.message_id, 'published', '') end
  local moved = args.state ~= '' and move_answer(args.message_id, args.state, args.detail)
  return {moved and 'answer moved' or 'answer kept', arrived and 1 or 0, args.state}
end
local where = recall_id('published', args.message_id)
if not where then return {'unknown', 0} end
local kid, r, k = string.match(where, '^(.*):(%d+)/?(%d*)$')
k = k ~= '' and k or nil
local ticket = P .. 'ticket:' .. kid
local before = redis.call('HGET', ticket, 'rs' .. r)
if before and not may_be_out(before, redis.call('HGET', ticket, 'tid'), kid, r) then
  return {'unpublished', 0}
end
local detail, part = args.detail, part_words(kid, r, k)
if part ~= '' then detail = detail ~= '' and (part .. ': ' .. detail) or part end
if proves_no_more(kid, r, k, args.state) then
  part_is_out(kid, r, k, args.state, detail)
  return {'kept', 0}
end
-- A transport that speaks of it has it: whoever was about to publish it again need not.
local left = 0
if leave_queue(kid, r) then
  left = 1
  now_published(kid, r, args.ack_timeout)
end
if args.state == '' then return {'kept', left} end
before = redis.call('HGET', ticket, 'rs' .. r)
local moved = move_part(kid, r, k, args.state, detail)
if moved == 'moved' and args.state == 'failed' then
  if args.detail == '' and part ~= '' then detail = part .. ': the network gave no reason' end
  tell_undelivered(kid, r, 'failed', detail, args.notice)
end
local state = redis.call('HGET', ticket, 'rs' .. r)
-- Who was told that nothing is known of it might write it once more.
local was_told = before == 'unconfirmed' and args.notice and (state == 'acked' or state == 'delivered')
if moved == 'moved' and (was_told or state == 'delivered' and args.delivered_notice) then
  tell_good_news(kid, r, state)
end
return {moved, left, state}
