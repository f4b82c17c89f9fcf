-- Send reply number `reply` of `ticket`, which did not arrive, once more, as a reply of its own (`action`
-- is 'retry'), or let it be ('drop').
-- reason, who: for the history and the audit trail.  note, message_id: of the new reply.  remember: the
-- seconds for which these are recognised.
-- Returns 'done', or 'unknown' when it is not (or no longer) undelivered.
-- @takes ticket reply action reason who note message_id remember
-- @needs _args _audit _history _lists _replies
local kid, r = args.ticket, args.reply
if not delist_undelivered(kid, r) then return 'unknown' end
local is_retry = args.action == 'retry'
history(kid, is_retry and 'sent again' or 'let be', 'r' .. r, args.reason)
if is_retry then
  local note = content_of(kid, 'r' .. r)
  note.note, note.sid, note.id = args.note, '', args.message_id
  store_reply(kid, note, args.remember)
end
audit(args.who, is_retry and 'sent a reply again' or 'let an undelivered reply be', 'ticket ' .. kid,
      args.reason)
return 'done'
