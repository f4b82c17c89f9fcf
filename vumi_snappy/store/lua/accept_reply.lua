-- Store public notes of staff members as replies to be published, once, in their order.
-- ARGV: now, remember (seconds), notice (1: an agent is told of a refusal by a private note, too), and
--       of those whose ticket is not known yet: seconds for which they are kept, how many, and how many
--       bytes of one; then, for each note, what `accept` takes (see _replies)
-- Returns for each 'stored', 'duplicate', 'refused' (it contradicts itself, or what is known),
--       'unknown_ticket', 'too_early' (no room for more that are), or why it could not be stored.
-- @positions webhooks-klein growth
-- @needs _early _replies _seen _ticket_events
local FIELDS = 9
local remember, notice, early_for, most_early, most_bytes =
  ARGV[2], ARGV[3] == '1', tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])

local function ticket_by(nonce, sid, other)
  local kid = nonce ~= '' and redis.call('GET', P .. 'nonce:' .. nonce)
  -- Of what contradicts itself, whoever can be told of it is told.
  if not kid and (nonce == '' or other ~= '') and sid ~= '' then
    kid = redis.call('GET', P .. 'sid:' .. sid)
  end
  return kid or other ~= '' and redis.call('GET', P .. 'sid:' .. other)
end

local function accept(id, nonce, sid, other, html, staff, name, at, message_id)
  if recall_id('seen:n', id) then return 'duplicate' end
  local kid = ticket_by(nonce, sid, other)
  local note = {note = id, sid = sid, other = other, html = html, staff = staff, name = name, at = at,
                id = message_id, notice = notice}
  if kid then
    if was_taken(kid, note) then return 'duplicate' end
    local why = contradiction(kid, nonce, note)
    if why then
      store_refused(kid, note, remember, why, notice)
      return 'refused'
    end
    if not is_called(kid, nonce, sid) then note.sid = '' end
    store_reply(kid, note, remember)
    return 'stored'
  end
  -- Snappy can call back before it has answered the call that opened the ticket: while any
  -- ticket is being opened, keep a reply whose ticket nobody knows yet.
  if nonce == '' or redis.call('SCARD', P .. 'opening') == 0 then return 'unknown_ticket' end
  local orphans = P .. 'orphans:' .. nonce
  if #html > most_bytes
      or not has_room(P .. 'early_replies', nonce .. ' ' .. id, early_for, most_early) then
    return 'too_early'
  end
  redis.call('HSET', orphans, id, cjson.encode(note))
  if redis.call('TTL', orphans) < 0 then redis.call('EXPIRE', orphans, early_for) end
  return 'stored'
end

local outcomes = {}
for first = 7, #ARGV, FIELDS do
  local worked, outcome = pcall(accept, unpack(ARGV, first, first + FIELDS - 1))
  if not worked then outcome = item_error(outcome) end
  outcomes[#outcomes + 1] = outcome
end
return outcomes
