-- The broker has confirmed replies, or the worker's own answers.
-- ARGV: now, ack_timeout (seconds), then for each its ticket and number, or '' and its message_id
-- Returns for each 'done', 'gone' when that was known before, or why it could not be noted.
local function finish(kid, n)
  if kid == '' then
    if not leave_queue_as_answer(n) then return 'gone' end
    move_answer(n, 'published', '')
  else
    if not leave_queue(kid, n) then return 'gone' end
    now_published(kid, n, ARGV[2])
  end
  return 'done'
end

local outcomes = {}
for i = 3, #ARGV, 2 do
  local worked, said = pcall(finish, ARGV[i], ARGV[i + 1])
  if not worked then said = type(said) == 'table' and said.err or tostring(said) end
  outcomes[#outcomes + 1] = said
end
return outcomes
