-- Send a reply that did not arrive once more, as a reply of its own, or let it be.
-- ARGV: now, ticket, reply number, 'retry' or 'drop', reason, who, the new note's id and message_id,
--       remember (seconds)
-- Returns 'done', or 'unknown' when it is not (or no longer) undelivered.
local kid, r = ARGV[2], ARGV[3]
if not delist_undelivered(kid, r) then return 'unknown' end
local ticket = P .. 'ticket:' .. kid
local reply = said(kid, 'r' .. r)
if ARGV[4] == 'retry' then
  history(kid, 'sent again', 'r' .. r, ARGV[5])
  store_reply(kid, ARGV[7], '', reply.html, reply.staff or '', reply.name or '', reply.at, ARGV[8],
              ARGV[9])
else
  history(kid, 'let be', 'r' .. r, ARGV[5])
end
-- For index_old, should it ever come by again.
redis.call('HSET', ticket, 'us' .. r, ARGV[4])
audit(ARGV[6], ARGV[4] == 'retry' and 'sent a reply again' or 'let an undelivered reply be',
      'ticket ' .. kid, ARGV[5])
return 'done'
