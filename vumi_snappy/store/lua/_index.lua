-- What the console's lists and graphs are read from, kept by the transitions themselves.
--
-- 'tickets' is the list of all of them.  A list is a sorted set of tickets, by when they last saw
-- something: 'list:waiting', 'list:parked', 'list:undelivered' and one a tag, 'list:tag:<tag>'.
-- 'undelivered' holds the replies themselves (ticket:number), by when they failed; 'tally:<hour>'
-- counts by the minute.
-- A ticket that is kept in the lists carries 'ix'; one from before has it from index_old.
local LISTS = {'waiting', 'parked', 'undelivered'}
local TALLY_KEEP = 26 * 3600

local function list_key(name) return P .. 'list:' .. name end

local function enlist(name, kid)
  redis.call('ZADD', list_key(name), redis.call('ZSCORE', P .. 'tickets', kid) or num(now), kid)
end

local function delist(name, kid) redis.call('ZREM', list_key(name), kid) end

-- Count `n` more of `what` in this minute.
local function tally(what, n)
  local minute = math.floor(now / 60)
  local key = P .. 'tally:' .. math.floor(minute / 60)
  if redis.call('HINCRBY', key, (minute % 60) .. ':' .. what, n) == n then
    redis.call('EXPIRE', key, TALLY_KEEP)
  end
end

-- `what` stands at `value` in this minute.
local function sample(what, value)
  local minute = math.floor(now / 60)
  local key = P .. 'tally:' .. math.floor(minute / 60)
  if redis.call('HSET', key, (minute % 60) .. ':' .. what, value) == 1 then
    redis.call('EXPIRE', key, TALLY_KEEP)
  end
end

local function tags_of(kid)
  local raw = redis.call('HGET', P .. 'ticket:' .. kid, 'tags')
  return raw and cjson.decode(raw) or {}
end

-- The ticket saw something: it comes to the head of the lists that it is in.
local function saw(kid, fresh)
  redis.call('ZADD', P .. 'tickets', num(now), kid)
  if fresh then return end
  for _, name in ipairs(LISTS) do
    redis.call('ZADD', list_key(name), 'XX', num(now), kid)
  end
  for _, tag in ipairs(tags_of(kid)) do
    redis.call('ZADD', list_key('tag:' .. tag), 'XX', num(now), kid)
  end
end

-- What the Django bouncer's API tells of: 'posted' are its tickets by number, 'posted:<contact_key>'
-- those of a contact.  A ticket's field 'posted' (JSON) is what it knows besides the texts.
local function contact_list(posted)
  return P .. 'posted:' .. cjson.decode(posted).contact_key
end

local function index_posted(kid, posted)
  if posted == '' then return end
  local ticket = P .. 'ticket:' .. kid
  local before = redis.call('HGET', ticket, 'posted')
  if before == posted then return end
  if before then redis.call('ZREM', contact_list(before), kid) end
  redis.call('HSET', ticket, 'posted', posted)
  redis.call('ZADD', P .. 'posted', kid, kid)
  redis.call('ZADD', contact_list(posted), kid, kid)
end

-- As _people tells; for tickets of whose thread nothing else is known.
local function index_person(addr, tid) redis.call('SADD', P .. 'person:' .. addr, tid) end

-- Answers that belong to no ticket are found by their person's thread, while they can be there.
local function list_answer(tid, id, keep)
  local key = P .. 'answers_of:' .. tid
  redis.call('ZREMRANGEBYSCORE', key, '-inf', num(now - 2 * keep))
  redis.call('ZADD', key, num(now), id)
  redis.call('EXPIRE', key, 2 * keep)
end

-- `undone` jobs of the ticket are left after `n` more; those that are parked do not wait.
local function index_undone(kid, n, undone)
  if n > 0 then
    enlist('waiting', kid)
  elseif undone <= 0
      or undone <= tonumber(redis.call('HGET', P .. 'ticket:' .. kid, 'parked') or '0') then
    delist('waiting', kid)
  end
end

-- `n` more jobs of the ticket (if it has one) are parked.
local function index_parked(kid, n)
  if not kid then return end
  local ticket = P .. 'ticket:' .. kid
  if n > 0 then tally('parked', n) end
  if redis.call('HINCRBY', ticket, 'parked', n) > 0 then
    enlist('parked', kid)
  else
    redis.call('HDEL', ticket, 'parked')
    delist('parked', kid)
  end
end

-- States in which a reply did not reach its person.
local LOST = {failed = true, refused = true, unconfirmed = true}

-- There is one more (1) or less (-1) of them on the ticket, which 'undelivered' has by now.
local function count_lost(kid, change)
  local ticket = P .. 'ticket:' .. kid
  local t = redis.call('HMGET', ticket, 'v', 'lost')
  local count = 0
  if t[1] ~= '1' or t[2] then
    count = redis.call('HINCRBY', ticket, 'lost', change)
  else  -- Up to schema 1 they were not counted.
    for n = 1, tonumber(redis.call('HGET', ticket, 'replies') or '0') do
      if redis.call('ZSCORE', P .. 'undelivered', kid .. ':' .. n) then count = count + 1 end
    end
    redis.call('HSET', ticket, 'lost', count)
  end
  if count == 0 then delist('undelivered', kid) end
end

local function delist_undelivered(kid, r)
  if redis.call('ZREM', P .. 'undelivered', kid .. ':' .. r) == 0 then return false end
  count_lost(kid, -1)
  return true
end

-- A reply moved on to `state`, as the entry at `place` of the ticket's history tells.
local function index_reply(kid, r, state, place)
  tally(state, 1)
  if LOST[state] then
    if redis.call('ZADD', P .. 'undelivered', num(now), kid .. ':' .. r) == 1 then
      count_lost(kid, 1)
    end
    redis.call('HSET', P .. 'ticket:' .. kid, 'rw' .. r, place)
    enlist('undelivered', kid)
  else
    delist_undelivered(kid, r)
  end
end

-- The ticket has these tags (a list of texts), and no others.
local function index_tags(kid, tags)
  local had, has = {}, {}
  for _, tag in ipairs(tags_of(kid)) do had[tag] = true end
  for _, tag in ipairs(tags) do
    if not has[tag] and not had[tag] then
      enlist('tag:' .. tag, kid)
      redis.call('ZINCRBY', P .. 'tags', 1, tag)
    end
    has[tag] = true
  end
  for tag in pairs(had) do
    if not has[tag] then
      delist('tag:' .. tag, kid)
      redis.call('ZINCRBY', P .. 'tags', -1, tag)
    end
  end
  redis.call('ZREMRANGEBYSCORE', P .. 'tags', '-inf', 0)
  if #tags > 0 then
    redis.call('HSET', P .. 'ticket:' .. kid, 'tags', cjson.encode(tags))
  else
    redis.call('HDEL', P .. 'ticket:' .. kid, 'tags')
  end
end

-- The ticket is about to be forgotten.
local function unindex(kid)
  local t = redis.call('HMGET', P .. 'ticket:' .. kid, 'addr', 'tid', 'replies', 'posted')
  index_tags(kid, {})
  for _, name in ipairs(LISTS) do delist(name, kid) end
  for n = 1, tonumber(t[3] or '0') do redis.call('ZREM', P .. 'undelivered', kid .. ':' .. n) end
  redis.call('ZREM', P .. 'tickets', kid)
  if t[4] then
    redis.call('ZREM', P .. 'posted', kid)
    redis.call('ZREM', contact_list(t[4]), kid)
  end
  if t[1] and t[2]
      and redis.call('EXISTS', P .. 'tickets_of:' .. t[2], P .. 'thread:' .. t[2]) == 0 then
    redis.call('SREM', P .. 'person:' .. t[1], t[2])
  end
end
