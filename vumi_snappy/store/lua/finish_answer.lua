-- The broker has confirmed one of the worker's own answers.  ARGV: now, message_id
-- Returns 'done', or 'gone' when that was known before.
if not leave_queue_as_answer(ARGV[2]) then return 'gone' end
move_answer(ARGV[2], 'published', '')
return 'done'
