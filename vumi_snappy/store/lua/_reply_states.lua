-- Shared by the scripts that move a reply on: a later state is never lowered by a late message.
local RANK = {stored = 0, publishing = 1, parked = 1, dropped = 1, published = 2,
              unconfirmed = 3, acked = 4, failed = 5, delivered = 6,
              refused = 7, expired = 7}

-- Nothing more need be heard of the reply.
local function not_awaited(kid, r) redis.call('ZREM', P .. 'awaited', kid .. ':' .. r) end

local function move_reply(kid, r, state, detail)
  local ticket = P .. 'ticket:' .. kid
  local before = redis.call('HGET', ticket, 'rs' .. r)
  if not before then return 'unknown' end
  local place = history(kid, state, 'r' .. r, detail)
  if RANK[state] > (RANK[before] or 0) then
    redis.call('HSET', ticket, 'rs' .. r, state)
    index_reply(kid, r, state, place)
    not_awaited(kid, r)
    return 'moved'
  end
  return 'kept'
end

-- One of the messages that a reply is sent as: the reply has failed where any part has, and is
-- acked or delivered where all parts are.  `k` is nil for a reply that is one message.
local function move_part(kid, r, k, state, detail)
  if not k then return move_reply(kid, r, state, detail) end
  local ticket = P .. 'ticket:' .. kid
  local before = redis.call('HGET', ticket, 'rs' .. r)
  if not before then return 'unknown' end
  local parts = #parts_of(kid, r)
  local field = 'rs' .. r .. '/' .. k
  if RANK[state] > (RANK[redis.call('HGET', ticket, field) or 'published'] or 0) then
    redis.call('HSET', ticket, field, state)
  end
  local place = history(kid, state, 'r' .. r, detail)
  local worst = 'delivered'
  for n = 1, parts do
    local part = redis.call('HGET', ticket, 'rs' .. r .. '/' .. n) or 'published'
    if part == 'failed' then
      worst = part
      break
    end
    if RANK[part] < RANK[worst] then worst = part end
  end
  -- While nothing is known of some part, what is known of the whole stands.
  if worst == before or (worst == 'published' and RANK[before] > RANK.published) then
    return 'kept'
  end
  redis.call('HSET', ticket, 'rs' .. r, worst)
  index_reply(kid, r, worst, place)
  not_awaited(kid, r)
  return 'moved'
end

-- How a part is called in words; '' for a reply that is one message.
local function part_words(kid, r, k)
  if not k then return '' end
  return 'part ' .. k .. ' of ' .. #parts_of(kid, r)
end

-- The reply is on the bus: take it off its queue if it still is at its head.
local function leave_queue(kid, r)
  local tid = redis.call('HGET', P .. 'ticket:' .. kid, 'tid')
  local head = tid and redis.call('LINDEX', queue_key('b', tid), 0)
  if not head then return false end
  local job = cjson.decode(head)
  if job.t ~= kid or tostring(job.r) ~= tostring(r) then return false end
  complete('b', tid, 1)
  return true
end

-- The reply is on the bus: something should be heard of it within `timeout` (seconds; 0: or not).
local function now_published(kid, r, timeout)
  move_reply(kid, r, 'published', '')
  if tonumber(timeout) > 0 then
    redis.call('ZADD', P .. 'awaited', num(now + tonumber(timeout)), kid .. ':' .. r)
  end
end
