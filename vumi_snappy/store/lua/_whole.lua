-- A ticket with what was said and what happened, for those who want all of it, a page at a time.
-- @needs _history

-- By which a message, reply or answer came to its ticket.
local STORED = {['stored'] = true, ['reply stored'] = true, ['answer stored'] = true,
                ['taken over'] = true}

local function message_at(ticket, n, m)
  return {number = tonumber(n), id = m.id, at = m.at, text = m.text,
          state = redis.call('HGET', ticket, 'ms' .. n) or ''}
end

local function reply_at(kid, ticket, n, r)
  local state, parts = redis.call('HGET', ticket, 'rs' .. n) or '', {}
  for k, part in ipairs(parts_of(kid, n)) do
    parts[k] = {number = k, message_id = part.id, text = part.text,
                state = redis.call('HGET', ticket, 'rs' .. n .. '/' .. k) or state}
  end
  return {number = tonumber(n), id = r.id, at = r.at, html = r.html, note = r.note, staff = r.staff,
          name = r.name, state = state, parts = parts}
end

local function answer_at(ticket, n)
  local id = redis.call('HGET', ticket, 'a' .. n)
  local a = redis.call('HMGET', P .. 'answer:' .. id, 'kind', 'text', 'at', 'state')
  return {number = tonumber(n), message_id = id, kind = a[1], text = a[2], at = a[3], state = a[4]}
end

-- The ticket, or nil where it is gone, with the last `most` entries of its history that are before the
-- place `before` (nil: the last of all), and what was said by these.
local function whole(kid, most, before)
  local ticket = P .. 'ticket:' .. kid
  local names = {'addr', 'subject', 'contact', 'nonce', 'sid', 'opened', 'at', 'undone', 'parked',
                 'status', 'tags', 'staff', 'staff_name', 'messages', 'replies', 'answers'}
  local values, t = redis.call('HMGET', ticket, unpack(names)), {}
  if not values[1] then return nil end
  for i, name in ipairs(names) do t[name] = values[i] or nil end
  local ends = before or redis.call('LLEN', P .. 'history:' .. kid)
  local from = math.max(ends - most, 0)
  local past, messages, replies, answers, seen = {}, {}, {}, {}, {}
  if ends > 0 then
    for i, raw in ipairs(redis.call('LRANGE', P .. 'history:' .. kid, from, ends - 1)) do
      local entry = unpack_entry(raw)
      past[i] = {entry[1], entry[2], entry[3], entry[4]}
      local ref = entry[3]
      if STORED[entry[2]] and ref ~= '' and not seen[ref] then
        seen[ref] = true
        local kind, n = string.sub(ref, 1, 1), string.sub(ref, 2)
        if kind == 'm' then messages[#messages + 1] = message_at(ticket, n, content_in(entry))
        elseif kind == 'r' then replies[#replies + 1] = reply_at(kid, ticket, n, content_in(entry))
        else answers[#answers + 1] = answer_at(ticket, n) end
      end
    end
  end
  return {ticket = kid, fields = t, history = past, messages = messages, replies = replies,
          answers = answers, from = from}
end
