-- The broker has confirmed a reply.  ARGV: now, ticket, reply number
-- Returns 'done', or 'gone' when that was known before.
if not leave_queue(ARGV[2], ARGV[3]) then return 'gone' end
move_reply(ARGV[2], ARGV[3], 'published', '')
return 'done'
