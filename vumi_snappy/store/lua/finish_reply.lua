-- The broker has confirmed a reply.  ARGV: now, ticket, reply number, ack_timeout (seconds)
-- Returns 'done', or 'gone' when that was known before.
if not leave_queue(ARGV[2], ARGV[3]) then return 'gone' end
now_published(ARGV[2], ARGV[3], ARGV[4])
return 'done'
