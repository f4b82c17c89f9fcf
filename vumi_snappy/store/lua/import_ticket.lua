-- Store a ticket that another bridge has opened at Snappy, so that it can be answered; once.
-- thread, spelled, apart, posted: as for accept_inbound; spelled is by source_addr, the source's spelling of
-- the number.  message_id, content, response (HTML): what was said.  nonce, sid: Snappy's names of it.
-- number: that it had there (0: none).  opened, seen: when it was, and when it last saw something.  subject,
-- contact: for Snappy.  remember: seconds.  dry_run: change nothing.
-- Returns 'imported', 'renumbered' (the number that it had is taken), 'known', 'conflict' (the nonce
-- is of another person's ticket), or 'unsent' for one without nonce, of which nothing is stored.
-- @takes thread spelled addr endpoint transport_type transport_name apart message_id nonce sid content
-- @takes response opened seen subject contact envelope dry_run posted number remember source_addr
-- @needs _args _history _lists _people _posted _replies _seen _ticket_events
local addr, id, nonce = args.addr, args.message_id, args.nonce
if nonce == '' then return stored_before(args.thread, args.spelled, id) and 'known' or 'unsent' end
local before = redis.call('GET', P .. 'nonce:' .. nonce)
if before then
  local had = redis.call('HMGET', P .. 'ticket:' .. before, 'addr', 'posted')
  if had[1] ~= addr and had[1] ~= args.source_addr then return 'conflict' end
  if not args.dry_run then
    if not had[2] then index_posted(before, args.posted) end
    -- It may have been answered once more by the other bridge since.
    keep_taken(before, args.response, args.seen)
  end
  return 'known'
end
-- Numbers behind the last one were never anybody's.
local is_free = args.number > tonumber(redis.call('GET', P .. 'last_ticket') or '0')
local outcome = is_free and 'imported' or 'renumbered'
if args.dry_run then return outcome end

local tid, had = thread_of(args.thread, args.spelled)
local kid = string.format('%d', args.number)
if is_free then redis.call('SET', P .. 'last_ticket', kid)
else kid = tostring(redis.call('INCR', P .. 'last_ticket')) end
local ticket = P .. 'ticket:' .. kid
redis.call('HSET', ticket, 'tid', tid, 'addr', addr, 'subject', args.subject,
           'contact', args.contact, 'opened', args.opened, 'at', args.seen, 'nonce', nonce,
           'messages', '1', 'ms1', 'forwarded')
redis.call('SET', P .. 'nonce:' .. nonce, kid)
link_sid(kid, args.sid)
index_channel(tid, addr, args.endpoint, args.transport_type, args.transport_name, args.apart)
saw(kid, true)
index_posted(kid, args.posted)
keep_content(kid, 'taken over', 'm1', nonce, id, args.opened, args.content)
if args.response ~= '' then
  redis.call('HSET', ticket, 'replies', '1', 'rs1', 'published')
  keep_taken(kid, args.response, args.seen)
  keep_content(kid, 'taken over', 'r1', '', 'imported-' .. id, args.seen, args.response, '', '', '')
end

-- What the bus has told of the person is better than what was imported, and newer is better.
if not had[1] or tonumber(had[2] or '0') < tonumber(args.seen) then
  if had[1] then add_older_ticket(tid, had[1]) end
  redis.call('HSET', thread_key(tid), 'ticket', kid, 'at', args.seen)
else
  add_older_ticket(tid, kid)
end
if redis.call('HEXISTS', thread_key(tid), 'e') == 0 then keep_envelope(tid, args.envelope) end
-- While its ticket was not known here, Snappy may have brought a reply already.
adopt_orphans(kid, nonce, args.remember)
return outcome
