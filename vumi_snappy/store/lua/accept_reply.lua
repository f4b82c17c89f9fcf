-- Store public notes of staff members as replies to be published, once, in their order.
-- ARGV: now, remember (seconds); then, for each note:
--       note_id, nonce, Snappy's ticket id, html, staff_id, staff_name, created_at, message_id
-- Returns for each 'stored', 'duplicate', 'unknown_ticket', or why it could not be stored.
local FIELDS = 8
local remember = ARGV[2]

local function accept(note, nonce, sid, html, staff, name, at, message_id)
  if recall_id('seen:n', note) then return 'duplicate' end
  local kid = nonce ~= '' and redis.call('GET', P .. 'nonce:' .. nonce)
  if not kid and nonce == '' and sid ~= '' then kid = redis.call('GET', P .. 'sid:' .. sid) end
  if kid then
    if was_taken(kid, html, at) then return 'duplicate' end
    store_reply(kid, note, sid, html, staff, name, at, message_id, remember)
    return 'stored'
  end
  -- Snappy can call back before it has answered the call that opened the ticket: while any
  -- ticket is being opened, keep a reply whose ticket nobody knows yet.
  if nonce == '' or redis.call('SCARD', P .. 'opening') == 0 then return 'unknown_ticket' end
  local orphans = P .. 'orphans:' .. nonce
  redis.call('HSET', orphans, note, cjson.encode({sid = sid, html = html, staff = staff,
             name = name, at = at, id = message_id}))
  redis.call('EXPIRE', orphans, remember)
  return 'stored'
end

local outcomes = {}
for first = 3, #ARGV, FIELDS do
  local worked, said = pcall(accept, unpack(ARGV, first, first + FIELDS - 1))
  if not worked then said = type(said) == 'table' and said.err or tostring(said) end
  outcomes[#outcomes + 1] = said
end
return outcomes
