-- The broker has confirmed replies, or the worker's own answers.
-- ARGV: now, ack_timeout (seconds), remember (seconds), then the message_id of each
-- Returns for each 'done', 'gone' when that was known before, or why it could not be noted.
-- A Redis that took over may not know what has left: it is remembered, for when it is brought again.
-- @positions growth
-- @needs _answer_states _reply_states _seen
local function finish(id)
  local where = recall_id('published', id)
  if where then
    local kid, n = string.match(where, '^(.*):(%d+)')
    if not leave_queue(kid, n) then return 'gone' end
    now_published(kid, n, ARGV[2])
  elseif redis.call('EXISTS', answer_key(id)) == 1 then
    if not leave_queue_as_answer(id) then return 'gone' end
    move_answer(id, 'published', '')
  else
    remember_id('out', id, '1', tonumber(ARGV[3]))
    return 'gone'
  end
  return 'done'
end

local outcomes = {}
for i = 4, #ARGV do
  local worked, outcome = pcall(finish, ARGV[i])
  if not worked then outcome = item_error(outcome) end
  outcomes[#outcomes + 1] = outcome
end
return outcomes
