-- A ticket with what was said and what happened, for those who want all of it, a page at a time.

-- By which a message, reply or answer came to its ticket; what was kept as JSON does not tell it.
local STORED = {['stored'] = true, ['reply stored'] = true, ['answer stored'] = true,
                ['taken over'] = true}

local function state_of(t, field) return redis.call('HGET', t, field) or '' end

local function message_at(ticket, field, m)
  local n = string.sub(field, 2)
  return {number = tonumber(n), id = m.id, at = m.at, text = m.text,
          state = state_of(ticket, 'ms' .. n)}
end

local function reply_at(kid, ticket, field, r)
  local n = string.sub(field, 2)
  local state, parts = state_of(ticket, 'rs' .. n), {}
  for k, part in ipairs(parts_of(kid, n)) do
    parts[k] = {number = k, message_id = part.id, text = part.text,
                state = redis.call('HGET', ticket, 'rs' .. n .. '/' .. k) or state}
  end
  return {number = tonumber(n), id = r.id, at = r.at, html = r.html, note = r.note, staff = r.staff,
          name = r.name, state = state, parts = #parts > 0 and parts or nil}
end

local function answer_at(ticket, field)
  local id = redis.call('HGET', ticket, field)
  local a = redis.call('HMGET', P .. 'answer:' .. id, 'kind', 'text', 'at', 'state')
  return {number = tonumber(string.sub(field, 2)), message_id = id, kind = a[1], text = a[2],
          at = a[3], state = a[4]}
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
  local past, messages, replies, answers, told = {}, {}, {}, {}, {}
  if ends > 0 then
    for i, raw in ipairs(redis.call('LRANGE', P .. 'history:' .. kid, from, ends - 1)) do
      local entry = unpack_entry(raw)
      past[i] = {entry[1], entry[2], entry[3], entry[4]}
      local ref = entry[3]
      if STORED[entry[2]] and ref ~= '' and not told[ref] then
        told[ref] = true
        local kind = string.sub(ref, 1, 1)
        local said_here = kind ~= 'a' and (entry[5] and said_in(entry) or said(kid, ref))
        if kind == 'm' then
          messages[#messages + 1] = message_at(ticket, ref, said_here)
        elseif kind == 'r' then
          replies[#replies + 1] = reply_at(kid, ticket, ref, said_here)
        else
          answers[#answers + 1] = answer_at(ticket, ref)
        end
      end
    end
  end
  -- Of what was taken over under schema 1, the reply has no entry of its own.
  local old = told.m1 and not told.r1 and said(kid, 'r1')
  if old and old.note == '' then table.insert(replies, 1, reply_at(kid, ticket, 'r1', old)) end
  return {ticket = kid, fields = t, history = past, messages = messages, replies = replies,
          answers = answers, from = from}
end
