-- Shared by the scripts that store replies.

local function store_reply(kid, note, sid, html, staff, name, at, message_id, remember)
  local ticket = P .. 'ticket:' .. kid
  local tid = redis.call('HGET', ticket, 'tid')
  local n = redis.call('HINCRBY', ticket, 'replies', 1)
  redis.call('HSET', ticket, 'at', num(now), 'rs' .. n, 'stored')
  redis.call('HSET', P .. 'thread:' .. tid, 'at', num(now))
  saw(kid)
  remember_id('published', message_id, kid .. ':' .. n, tonumber(remember))
  link_sid(kid, sid)
  take_early(kid, '', sid)
  -- Who of the staff wrote last; notes can come in any order.
  local wrote = heard_at(at)
  if staff ~= '' and wrote >= tonumber(redis.call('HGET', ticket, 'staff_at') or '0') then
    redis.call('HSET', ticket, 'staff', staff, 'staff_name', name, 'staff_at', num(wrote))
  end
  keep_said(kid, 'reply stored', 'r' .. n, '', message_id, at, html, note, staff, name)
  push('b', tid, {k = 'reply', t = kid, r = n})
  -- Last: what fails on the way is not taken for stored when it comes again.
  remember_id('seen:n', note, kid, tonumber(remember))
end

-- A ticket that was taken over keeps, in 'taken', the reply that was sent last before that. Snappy may
-- bring it again, as when its first answer was lost: it is known by its words (the Django bouncer drops
-- entities and line feeds, so they do not count) and by having been written before.
local TAKEN_SLACK = 5  -- seconds that clocks may differ by

local function bare(html)
  return (html:gsub('<[^>]*>', ''):gsub('&[#%w]+;', ''):gsub('%s+', ''))
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

local function was_taken(kid, html, at)
  local taken = taken_of(kid)
  return taken and tonumber(at) > 0 and tonumber(at) <= tonumber(taken.at) + TAKEN_SLACK
    and taken.text == bare(html)
end

-- Replies that came before it was known which ticket Snappy calls `nonce`, in their order.
local function adopt_orphans(kid, nonce, remember)
  local orphans = P .. 'orphans:' .. nonce
  if nonce == '' or redis.call('EXISTS', orphans) == 0 then return end
  local kept = redis.call('HGETALL', orphans)
  local notes = {}
  for i = 1, #kept, 2 do
    local o = cjson.decode(kept[i + 1])
    o.note = kept[i]
    notes[#notes + 1] = o
  end
  table.sort(notes, function(a, b)
    if tonumber(a.at) ~= tonumber(b.at) then return tonumber(a.at) < tonumber(b.at) end
    return a.note < b.note
  end)
  for _, o in ipairs(notes) do
    if not was_taken(kid, o.html, o.at) then
      store_reply(kid, o.note, o.sid, o.html, o.staff, o.name, o.at, o.id, remember)
    end
  end
  redis.call('DEL', orphans)
end
