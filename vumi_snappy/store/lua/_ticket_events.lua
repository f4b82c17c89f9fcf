-- Shared by the scripts that keep what Snappy's hook tells of a ticket.
--
-- Of its fields `status` and `told` (the last whole list of its tags) hold what was heard, `status_at` and
-- `told_at` (seconds) as of when.  Changes that came without a list stand in `changes`, by tag: as of when
-- (`at`), and whether it is there (`on`).  `tags` is what follows from both.
-- @needs _clock _history _lists

-- What an event that can't say its time, or says one in the future, is taken to be of: now.
local function heard_at(at)
  at = tonumber(at or '0')
  if at <= 0 or at > now then return now end
  return at
end

-- Whether these are the ticket's names now, and not those of one at Snappy that it has replaced.
local function is_called(kid, nonce, sid)
  local names = redis.call('HMGET', P .. 'ticket:' .. kid, 'nonce', 'sid')
  if nonce ~= '' then return names[1] == nonce end
  return names[2] == sid
end

-- Events that name only Snappy's id of the ticket can be told by it from now on.
local function link_sid(kid, sid)
  local ticket = P .. 'ticket:' .. kid
  if sid == '' or redis.call('EXISTS', ticket) == 0 then return end
  local taken = redis.call('GET', P .. 'sid:' .. sid)
  -- Snappy's two names of a ticket belong together for good: another one is a mistake.
  if redis.call('HEXISTS', ticket, 'sid') == 1
      or taken and redis.call('EXISTS', P .. 'ticket:' .. taken) == 1 then return end
  redis.call('HSET', ticket, 'sid', sid)
  redis.call('SET', P .. 'sid:' .. sid, kid)
end

local function list_of(ticket, field)
  return cjson.decode(redis.call('HGET', ticket, field) or '[]')
end

-- A ticket's tags: those of the last whole list, with what was changed since.
local function told_tags(ticket)
  local changes, tags, added, seen = list_of(ticket, 'changes'), {}, {}, {}
  for _, tag in ipairs(list_of(ticket, 'told')) do
    seen[tag] = true
    if not changes[tag] or changes[tag].on then tags[#tags + 1] = tag end
  end
  for tag, change in pairs(changes) do
    if change.on and not seen[tag] then added[#added + 1] = {tag, change.at} end
  end
  table.sort(added, function(a, b)
    if a[2] ~= b[2] then return a[2] < b[2] end
    return a[1] < b[1]
  end)
  for _, each in ipairs(added) do tags[#tags + 1] = each[1] end
  return tags
end

local function take_tags(ticket, event, at)
  local since = past(redis.call('HGET', ticket, 'told_at'))
  if at < since then return end
  local changes = list_of(ticket, 'changes')
  if event.tags then
    for tag, change in pairs(changes) do
      if past(change.at) <= at then changes[tag] = nil end
    end
    redis.call('HSET', ticket, 'told', cjson.encode(event.tags), 'told_at', num(at))
  else
    local function change(names, on)
      for _, tag in ipairs(names) do
        if not changes[tag] or past(changes[tag].at) <= at then changes[tag] = {at = at, on = on} end
      end
    end
    change(event.removed, false)
    change(event.added, true)
  end
  redis.call('HSET', ticket, 'changes', cjson.encode(changes))
end

-- Keep what an event tells of ticket `kid`; what is older than what is known changes nothing.
local function take_event(kid, event)
  local ticket = P .. 'ticket:' .. kid
  local at = heard_at(event.at)
  link_sid(kid, event.sid)
  if event.status ~= '' and at >= past(redis.call('HGET', ticket, 'status_at')) then
    if redis.call('HGET', ticket, 'status') ~= event.status then
      history(kid, 'ticket status', '', event.status)
    end
    redis.call('HSET', ticket, 'status', event.status, 'status_at', num(at))
  end
  if event.tags or #event.added > 0 or #event.removed > 0 then
    local before = table.concat(tags_of(kid), ' ')
    take_tags(ticket, event, at)
    index_tags(kid, told_tags(ticket))
    local after = table.concat(tags_of(kid), ' ')
    if after ~= before then
      history(kid, 'tags changed', '', after ~= '' and after or 'none')
    end
  end
end

-- We have set a tag ourselves; whatever whole list Snappy tells next may know better.
local function take_own_tag(kid, tag)
  local ticket = P .. 'ticket:' .. kid
  take_tags(ticket, {added = {tag}, removed = {}},
            past(redis.call('HGET', ticket, 'told_at')))
  index_tags(kid, told_tags(ticket))
end

-- Events that came before it was known whose ticket they are of; kept by nonce, or by id.
local function early_key(nonce, sid)
  return nonce ~= '' and P .. 'early:n:' .. nonce or P .. 'early:s:' .. sid
end

local function take_early(kid, nonce, sid)
  if nonce == '' and sid == '' then return end
  local key = early_key(nonce, sid)
  for _, raw in ipairs(redis.call('LRANGE', key, 0, -1)) do
    take_event(kid, cjson.decode(raw))
  end
  redis.call('DEL', key)
end
