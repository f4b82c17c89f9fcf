-- Shared by the scripts that move a reply on: a later state is never lowered by a late message.
-- @needs _clock _failover _history _lanes _lists
local RANK = {stored = 0, publishing = 1, parked = 1, dropped = 1, published = 2,
              unconfirmed = 3, acked = 4, failed = 5, delivered = 6,
              refused = 7, expired = 7}

local function rank_of(state) return RANK[state] or 0 end

-- The reply is in this state now, as the entry at `place` of the history tells; nothing more need be heard.
local function set_reply_state(kid, r, state, place)
  redis.call('HSET', P .. 'ticket:' .. kid, 'rs' .. r, state)
  index_reply(kid, r, state, place)
  redis.call('ZREM', P .. 'awaited', kid .. ':' .. r)
  return 'moved'
end

local function move_reply(kid, r, state, detail)
  local before = redis.call('HGET', P .. 'ticket:' .. kid, 'rs' .. r)
  if not before then return 'unknown' end
  local place = history(kid, state, 'r' .. r, detail)
  if rank_of(state) <= rank_of(before) then return 'kept' end
  return set_reply_state(kid, r, state, place)
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
  if rank_of(state) > rank_of(redis.call('HGET', ticket, field) or 'published') then
    redis.call('HSET', ticket, field, state)
  end
  local place = history(kid, state, 'r' .. r, detail)
  local worst = 'delivered'
  for n = 1, parts do
    local part = redis.call('HGET', ticket, 'rs' .. r .. '/' .. n) or 'published'
    if worst ~= 'failed' and (part == 'failed' or RANK[part] < RANK[worst]) then worst = part end
  end
  -- While nothing is known of some part, what is known of the whole stands.
  if worst == before or (worst == 'published' and RANK[before] > RANK.published) then
    return 'kept'
  end
  return set_reply_state(kid, r, worst, place)
end

-- Whether an event of the part `k` leaves open if the parts behind it were published: those follow one
-- another, and whoever published them may have died.  Then only that part is known to be on the bus.
local function proves_no_more(kid, r, k, state)
  local before = redis.call('HGET', P .. 'ticket:' .. kid, 'rs' .. r)
  return k and state ~= 'failed' and tonumber(k) < #parts_of(kid, r)
    and rank_of(before) < RANK.published
end

-- A transport has spoken of the part `k`: that one is on the bus.
local function part_is_out(kid, r, k, state, detail)
  local ticket, field = P .. 'ticket:' .. kid, 'rs' .. r .. '/' .. k
  if state == '' then
    redis.call('HSETNX', ticket, field, 'published')
  elseif rank_of(state) > rank_of(redis.call('HGET', ticket, field)) then
    redis.call('HSET', ticket, field, state)
    history(kid, state, 'r' .. r, detail)
  end
  -- Whoever looks whether to publish it again has other parts in hand than are left.
  local attempt = attempt_key('b', redis.call('HGET', ticket, 'tid'))
  if redis.call('HGET', attempt, 'look') == '1' then redis.call('HDEL', attempt, 'token') end
end

-- The messages that a reply is still to be sent as: those behind the last that a transport has spoken of.
local function parts_to_send(kid, r)
  local left = {}
  for k, part in ipairs(parts_of(kid, r)) do
    if redis.call('HEXISTS', P .. 'ticket:' .. kid, 'rs' .. r .. '/' .. k) == 1 then
      left = {}
    else
      left[#left + 1] = part
    end
  end
  return left
end

-- How a part is called in words; '' for a reply that is one message.
local function part_words(kid, r, k)
  if not k then return '' end
  return 'part ' .. k .. ' of ' .. #parts_of(kid, r)
end

-- The job of the reply `r`, or of the answer `a`, that waits on the queue of `tid` up to place `last`, as
-- it is kept, or nil; and how many are before it.
local function find_waiting(tid, kid, r, a, last)
  for n, raw in ipairs(redis.call('LRANGE', queue_key('b', tid), 0, last)) do
    local job = cjson.decode(raw)
    if a and job.a == a or not a and job.t == kid and tostring(job.r) == tostring(r) then
      return raw, n - 1
    end
  end
end

-- Take what is on the bus off its queue, if it still is there. It is at the head, but in a Redis that
-- took over: that may not know what became of those before it.
local function leave_queue_of(tid, state, kid, r, a)
  local raw, before = find_waiting(tid, kid, r, a, rank_of(state) >= RANK.published and 0 or -1)
  if not raw then return false end
  if before == 0 then
    complete('b', tid, 1)
  else
    redis.call('LREM', queue_key('b', tid), 1, raw)
    redis.call('DECR', P .. 'b:count')
    count_undone(cjson.decode(raw).t, -1)
  end
  return true
end

local function leave_queue(kid, r)
  local t = redis.call('HMGET', P .. 'ticket:' .. kid, 'tid', 'rs' .. r)
  return t[1] and leave_queue_of(t[1], t[2], kid, r) or false
end

-- Whether what is in `state` may have left for the bus.  While somebody has it in hand, it may: who
-- publishes dies before telling.  What was given back with nothing unknown has not; but of what waited at
-- a fail-over, nobody knows.
local function may_be_out(state, tid, kid, r, a)
  local rank = rank_of(state)
  if rank >= RANK.published then return rank < RANK.refused end
  if state == 'publishing' then
    local attempt = redis.call('HMGET', attempt_key('b', tid), 'look', 'token')
    if attempt[1] == '1' or (attempt[2] or '') ~= '' then return true end
  end
  if failed_over() == '' then return false end
  local raw = find_waiting(tid, kid, r, a, -1)
  return raw and is_from_before(cjson.decode(raw))
end

-- The reply is on the bus: something should be heard of it within `timeout` (seconds; 0: or not).
local function now_published(kid, r, timeout)
  move_reply(kid, r, 'published', '')
  if tonumber(timeout) > 0 then
    redis.call('ZADD', P .. 'awaited', num(steady() + tonumber(timeout)), kid .. ':' .. r)
  end
end
