-- How a ticket's history, messages and replies are kept.
--
-- The list 'history:<ticket>' has an entry for all that happened to it: {when, what, ref, detail},
-- in MessagePack.  The entry by which a message or reply was stored goes on with what was said:
-- id, sent at, text, and of a reply the note, the staff's id and name.  The ticket's fields m<n> and r<n>
-- tell the place of that entry in the list, rp<n> that of the one that lists a reply's parts.
-- So the ticket itself is of short values only, and Redis keeps a hash of those packed.
--
-- Up to schema 1, entries were JSON lists, and the fields held what was said, as JSON objects.
local OLD_LIST, OLD_OBJECT = 91, 123  -- '[' and '{'; MessagePack's lists of ours begin above both

local function unpack_entry(raw)
  if string.byte(raw) == OLD_LIST then return cjson.decode(raw) end
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

local function said_in(entry)
  return {id = entry[5], at = num(entry[6]), text = entry[7], html = entry[7], note = entry[8],
          staff = entry[9], name = entry[10]}
end

-- Keep what a person or an agent said, as `field` ('m1', 'r1') of the ticket.
local function keep_said(kid, what, field, detail, id, at, text, ...)
  local place = history(kid, what, field, detail, id, tonumber(at), text, ...)
  redis.call('HSET', P .. 'ticket:' .. kid, field, place)
end

local function old_or_entry(kid, field)
  local raw = redis.call('HGET', P .. 'ticket:' .. kid, field)
  if not raw then return nil end
  local first = string.byte(raw)
  if first == OLD_OBJECT or first == OLD_LIST then return cjson.decode(raw) end
  return nil, unpack_entry(redis.call('LINDEX', P .. 'history:' .. kid, raw))
end

-- What was said as `field` of the ticket, or nil: id, at, text; of a reply html, note, staff, name.
local function said(kid, field)
  local old, entry = old_or_entry(kid, field)
  return old or entry and said_in(entry)
end

-- The messages that the reply is sent as, a list of {id, text}; empty for one that was not cut.
local function parts_of(kid, r)
  local old, entry = old_or_entry(kid, 'rp' .. r)
  return old or entry and entry[5] or {}
end
