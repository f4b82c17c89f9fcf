-- The lists of tickets that the console shows, kept by the transitions themselves.
--
-- 'tickets' is the list of all of them.  A list is a sorted set of tickets, scored by when they last
-- saw something: 'list:waiting', 'list:parked', 'list:undelivered' and one per tag, 'list:tag:<tag>'.
-- 'undelivered' holds the replies themselves (ticket:number), by when they failed.
-- @needs _tallies
local LISTS = {'waiting', 'parked', 'undelivered'}

local function list_key(name) return P .. 'list:' .. name end

local function enlist(name, kid)
  redis.call('ZADD', list_key(name), redis.call('ZSCORE', P .. 'tickets', kid) or num(now), kid)
end

local function delist(name, kid) redis.call('ZREM', list_key(name), kid) end

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
  if n > 0 then tally('parked', n) end
  if redis.call('HINCRBY', P .. 'ticket:' .. kid, 'parked', n) > 0 then enlist('parked', kid)
  else delist('parked', kid) end
end

-- States in which a reply did not reach its person.
local LOST = {failed = true, refused = true, unconfirmed = true}

-- There is one more (1) or less (-1) of them on the ticket, which 'undelivered' has by now.
local function count_lost(kid, change)
  if redis.call('HINCRBY', P .. 'ticket:' .. kid, 'lost', change) == 0 then delist('undelivered', kid) end
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
  redis.call('HSET', P .. 'ticket:' .. kid, 'tags', json_list(tags))
end
