-- Shared by the scripts that store replies.
-- @needs _clock _failover _history _lanes _lists _notices _reply_states _seen _ticket_events

-- A note has: note (its id), html, staff, name, at, id (the message_id of the reply that it becomes); sid and
-- other: Snappy's ids of its ticket ('': it has none).  `remember`: seconds.
local function keep_reply(kid, note, remember)
  local ticket = P .. 'ticket:' .. kid
  local tid = redis.call('HGET', ticket, 'tid')
  local n = redis.call('HINCRBY', ticket, 'replies', 1)
  redis.call('HSET', ticket, 'at', num(now), 'rs' .. n, 'stored')
  redis.call('HSET', P .. 'thread:' .. tid, 'at', num(now))
  saw(kid)
  remember_id('published', note.id, kid .. ':' .. n, tonumber(remember))
  -- Who of the staff wrote last; notes can come in any order.
  local wrote = heard_at(note.at)
  if note.staff ~= '' and wrote >= past(redis.call('HGET', ticket, 'staff_at')) then
    redis.call('HSET', ticket, 'staff', note.staff, 'staff_name', note.name, 'staff_at', num(wrote))
  end
  keep_content(kid, 'reply stored', 'r' .. n, '', note.id, note.at, note.html, note.note, note.staff,
               note.name)
  return n, tid
end

local function store_reply(kid, note, remember)
  local n, tid = keep_reply(kid, note, remember)
  link_sid(kid, note.sid)
  take_early(kid, '', note.sid)
  if recall_id('out', note.id) then
    -- It left before a fail-over by which it was lost, and its webhook has come again.
    move_reply(kid, n, 'published', '')
  else
    push('b', tid, {k = 'reply', t = kid, r = n, over = may_be_known(note.at)})
  end
  -- Last: what fails on the way is not taken for stored when it comes again.
  remember_id('seen:n', note.note, kid, tonumber(remember))
end

-- A note that goes to nobody: its agent is told `why`.
local function store_refused(kid, note, remember, why, notice)
  local n = keep_reply(kid, note, remember)
  move_reply(kid, n, 'refused', why)
  tell_undelivered(kid, n, 'refused', why, notice)
  remember_id('seen:n', note.note, kid, tonumber(remember))
end

-- Snappy's id of the ticket that has, or had, this nonce and led to `kid`; nil where it is not known.
local function sid_beside(kid, nonce)
  local t = redis.call('HMGET', P .. 'ticket:' .. kid, 'nonce', 'sid', 'was')
  if t[1] == nonce then return t[2] or nil end
  for _, name in ipairs(cjson.decode(t[3] or '[]')) do
    if name[1] == nonce and name[2] ~= '' then return name[2] end
  end
end

-- Why nobody can tell whose answer a note on ticket `kid` is, in words, or nil: its names of the ticket
-- fit each other, and what is known of it.
local function contradiction(kid, nonce, note)
  local sid, other = note.sid, note.other
  local named = 'its webhook says that it is on the ticket %s and on the ticket %s, so nobody can tell'
    .. ' whose answer it is: write it once more'
  if other ~= '' then return string.format(named, sid, other) end
  if nonce == '' or sid == '' then return nil end
  local known = sid_beside(kid, nonce)
  if known and known ~= sid then return string.format(named, known, sid) end
  local holder = redis.call('GET', P .. 'sid:' .. sid)
  if holder and holder ~= kid and redis.call('EXISTS', P .. 'ticket:' .. holder) == 1 then
    return string.format(named, nonce, sid)
  end
end

-- A ticket that was taken over keeps, in 'taken', the reply that was sent last before that. Snappy may bring
-- it again: it is known by its words, without entities and line feeds, which the Django bouncer drops, and
-- by having been written before.
local TAKEN_SLACK = 5  -- seconds that clocks may differ by

-- As gsub('<[^>]*>', ''), but in a time that does not grow with the square of the length.
local function without_tags(html)
  local kept, at = {}, 1
  while true do
    local from = string.find(html, '<', at, true)
    local to = from and string.find(html, '>', from, true)
    kept[#kept + 1] = string.sub(html, at, to and from - 1 or -1)
    if not to then return table.concat(kept) end
    at = to + 1
  end
end

local function bare(html)
  return (without_tags(html):gsub('&[#%w]+;', ''):gsub('%s+', ''))
end

local function taken_of(kid)
  local raw = redis.call('HGET', P .. 'ticket:' .. kid, 'taken')
  return raw and cjson.decode(raw)
end

local function keep_taken(kid, html, at)
  local before = taken_of(kid)
  if html ~= '' and (not before or tonumber(before.at) < tonumber(at)) then
    redis.call('HSET', P .. 'ticket:' .. kid, 'taken', cjson.encode({text = bare(html), at = at}))
  end
end

local function was_taken(kid, note)
  local taken, at = taken_of(kid), tonumber(note.at)
  return taken and at > 0 and at <= tonumber(taken.at) + TAKEN_SLACK and taken.text == bare(note.html)
end

-- Replies that came before it was known which ticket Snappy calls `nonce`, in their order.
local function adopt_orphans(kid, nonce, remember)
  local orphans = P .. 'orphans:' .. nonce
  if nonce == '' or redis.call('EXISTS', orphans) == 0 then return end
  local kept, notes = redis.call('HGETALL', orphans), {}
  for i = 1, #kept, 2 do
    local note = cjson.decode(kept[i + 1])
    note.note = kept[i]  -- 0.1.0 keeps the id in the field's name alone
    notes[#notes + 1] = note
  end
  table.sort(notes, function(a, b)
    if tonumber(a.at) ~= tonumber(b.at) then return tonumber(a.at) < tonumber(b.at) end
    return a.note < b.note
  end)
  for _, note in ipairs(notes) do
    redis.call('ZREM', P .. 'early_replies', nonce .. ' ' .. note.note)
    if not was_taken(kid, note) then
      local why = contradiction(kid, nonce, note)
      if why then
        store_refused(kid, note, remember, why, note.notice)
      else
        store_reply(kid, note, remember)
      end
    end
  end
  redis.call('DEL', orphans)
end
