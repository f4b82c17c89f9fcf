-- Store a ticket that another bridge has opened at Snappy, so that it can be answered; once.
-- ARGV: now, message_id, tid, from_addr, endpoint, transport_type, nonce, Snappy's ticket id,
--       content, response (HTML), opened at, last seen at, subject, contact_address,
--       envelope (JSON), schema version, 1: change nothing, what the Django bouncer's API knows
--       of it (JSON or ''), the number that it had (0: none), remember (seconds)
-- Returns 'imported', 'renumbered' (the number that it had is taken), 'known', 'conflict' (the nonce
-- is of another person's ticket), or 'unsent' for one without nonce, of which nothing is stored.
local id, tid, addr, nonce, sid = ARGV[2], ARGV[3], ARGV[4], ARGV[7], ARGV[8]
if nonce == '' then
  if recall_id('seen:m', id) then return 'known' end
  return 'unsent'
end
local before = redis.call('GET', P .. 'nonce:' .. nonce)
if before then
  local had = redis.call('HMGET', P .. 'ticket:' .. before, 'addr', 'posted')
  if had[1] ~= addr then return 'conflict' end
  if ARGV[17] ~= '1' then
    if not had[2] then index_posted(before, ARGV[18]) end
    -- It may have been answered once more by the other bridge since.
    keep_taken(before, ARGV[10], ARGV[12])
  end
  return 'known'
end
-- Numbers behind the last one were never anybody's.
local is_free = tonumber(ARGV[19]) > tonumber(redis.call('GET', P .. 'last_ticket') or '0')
local said = is_free and 'imported' or 'renumbered'
if ARGV[17] == '1' then return said end

local kid = ARGV[19]
if is_free then redis.call('SET', P .. 'last_ticket', kid)
else kid = tostring(redis.call('INCR', P .. 'last_ticket')) end
local ticket = P .. 'ticket:' .. kid
redis.call('HSET', ticket, 'v', ARGV[16], 'tid', tid, 'addr', addr, 'subject', ARGV[13],
           'contact', ARGV[14], 'opened', ARGV[11], 'at', ARGV[12], 'ix', '1', 'nonce', nonce,
           'messages', '1', 'ms1', 'forwarded')
redis.call('SET', P .. 'nonce:' .. nonce, kid)
link_sid(kid, sid)
index_channel(ARGV[5], ARGV[6])
saw(kid, true)
index_posted(kid, ARGV[18])
keep_said(kid, 'taken over', 'm1', nonce, id, ARGV[11], ARGV[9])
if ARGV[10] ~= '' then
  redis.call('HSET', ticket, 'replies', '1', 'rs1', 'published')
  keep_taken(kid, ARGV[10], ARGV[12])
  keep_said(kid, 'taken over', 'r1', '', 'imported-' .. id, ARGV[12], ARGV[10], '', '', '')
end

-- What the bus has told of the person is better than what was imported, and newer is better.
local had = redis.call('HMGET', thread_key(tid), 'ticket', 'at', 'e', 'envelope')
if not had[1] or tonumber(had[2] or '0') < tonumber(ARGV[12]) then
  add_ticket(tid, kid, had[1])
  redis.call('HSET', thread_key(tid), 'ticket', kid, 'at', ARGV[12])
else
  redis.call('RPUSH', P .. 'tickets_of:' .. tid, kid)
end
if not had[3] and not had[4] then keep_envelope(tid, ARGV[15], 'v', ARGV[16]) end
-- While its ticket was not known here, Snappy may have brought a reply already.
adopt_orphans(kid, nonce, ARGV[20])
return said
