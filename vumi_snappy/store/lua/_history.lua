-- How a ticket's history, messages and replies are kept.
--
-- The list 'history:<ticket>' has an entry for all that happened to it: {when, what, ref, detail}, in
-- MessagePack.  The entry by which a message or reply was stored goes on with: id, sent at, text, and of a
-- reply the note, the staff's id and name.  The ticket's fields m<n> and r<n> tell the place of that entry,
-- rp<n> that of the one that lists a reply's parts: Redis keeps a hash of short values packed.

local function unpack_entry(raw)
  local entry = cmsgpack.unpack(raw)
  entry[1] = num(entry[1])
  return entry
end

-- What belongs to no ticket (an answer to a message that opened none) has no history.
-- Returns the place of the entry.
local function history(kid, what, ref, detail, ...)
  if not kid then return end
  return redis.call('RPUSH', P .. 'history:' .. kid,
                    cmsgpack.pack({now, what, ref or '', detail or '', ...})) - 1
end

local function content_in(entry)
  return {id = entry[5], at = num(entry[6]), text = entry[7], html = entry[7], note = entry[8],
          staff = entry[9], name = entry[10]}
end

-- Keep what a person or an agent said, as `field` ('m1', 'r1') of the ticket.
local function keep_content(kid, what, field, detail, id, at, text, ...)
  local place = history(kid, what, field, detail, id, tonumber(at), text, ...)
  redis.call('HSET', P .. 'ticket:' .. kid, field, place)
end

-- The entry of the ticket's history at the place that its `field` tells, or nil.
local function entry_of(kid, field)
  local place = redis.call('HGET', P .. 'ticket:' .. kid, field)
  return place and unpack_entry(redis.call('LINDEX', P .. 'history:' .. kid, place)) or nil
end

-- What was said as `field` of the ticket, or nil: id, at, text; of a reply html, note, staff, name.
local function content_of(kid, field)
  local entry = entry_of(kid, field)
  return entry and content_in(entry)
end

-- The messages that the reply is sent as, a list of {id, text}; empty for one that was not cut.
local function parts_of(kid, r)
  local entry = entry_of(kid, 'rp' .. r)
  return entry and entry[5] or {}
end
