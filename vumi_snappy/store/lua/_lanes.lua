-- Lanes: queues of jobs, one per person (thread), that lead to the same place: 's' to Snappy, 'b' to
-- the bus, 'x' to the look-ups of extras.
--
-- A thread of a lane is in exactly one of these sets while its queue holds anything: ready (score: see
-- _order_of_work), delayed (score: when to try again), outage (the same, but released at once when the other
-- side is back) or leased (score: when the lease ends).  What is leased is an attempt: scripts that are given
-- one (lane, tid, token) return 'lost' when its lease has gone to another worker.
-- @needs _clock _lists _order_of_work

-- How a job is named in the history of its ticket.
local function ref_of(job)
  return job.m and ('m' .. job.m) or job.r and ('r' .. job.r) or job.n and ('a' .. job.n)
end

-- Jobs of a ticket that wait or are parked keep it from being forgotten.
local function count_undone(kid, n)
  if kid then index_undone(kid, n, redis.call('HINCRBY', P .. 'ticket:' .. kid, 'undone', n)) end
end

local function queue_key(lane, tid) return P .. lane .. ':q:' .. tid end

-- The first job of a person's queue, or nil.
local function head_of(lane, tid)
  local head = redis.call('LINDEX', queue_key(lane, tid), 0)
  return head and cjson.decode(head) or nil
end

local function make_ready(lane, tid)
  local job = head_of(lane, tid)
  if not job then
    redis.call('ZREM', P .. lane .. ':heads', tid)
    return
  end
  redis.call('ZADD', P .. lane .. ':heads', job.at, tid)
  redis.call('ZADD', P .. lane .. ':ready', turn_of(job, steady()), tid)
end

local function sets_of(lane)
  return {P .. lane .. ':leased', P .. lane .. ':delayed', P .. lane .. ':outage', P .. lane .. ':ready'}
end

local function is_in_a_set(lane, tid)
  for _, key in ipairs(sets_of(lane)) do
    if redis.call('ZSCORE', key, tid) then return true end
  end
  return false
end

-- Append a job to a person's queue.
local function push(lane, tid, job)
  job.at = job.at or num(steady())
  redis.call('RPUSH', queue_key(lane, tid), cjson.encode(job))
  redis.call('INCR', P .. lane .. ':count')
  count_undone(job.t, 1)
  if not is_in_a_set(lane, tid) then make_ready(lane, tid) end
end

local function attempt_key(lane, tid) return P .. lane .. ':attempt:' .. tid end

-- Whose attempts could not be looked for, as the other side's lists were too large.
local function too_large_key(lane) return P .. lane .. ':too_large' end

-- Forget the person's attempt, and take them out of all sets.
local function leave_lane(lane, tid)
  redis.call('DEL', attempt_key(lane, tid))
  redis.call('SREM', too_large_key(lane), tid)
  for _, key in ipairs(sets_of(lane)) do redis.call('ZREM', key, tid) end
end

-- Take the first `n` jobs off a person's queue, forget the attempt and free the person.
local function complete(lane, tid, n)
  for _ = 1, n do
    local raw = redis.call('LPOP', queue_key(lane, tid))
    if raw then
      redis.call('DECR', P .. lane .. ':count')
      count_undone(cjson.decode(raw).t, -1)
    end
  end
  leave_lane(lane, tid)
  make_ready(lane, tid)
end

-- Make those ready who are in the set `from` of the lane with a score up to `limit`; the fields that follow
-- are set in their attempts.
local function release(lane, from, limit, ...)
  for _, tid in ipairs(redis.call('ZRANGEBYSCORE', from, '-inf', limit, 'LIMIT', 0, 100)) do
    redis.call('ZREM', from, tid)
    if ... then redis.call('HSET', attempt_key(lane, tid), ...) end
    make_ready(lane, tid)
  end
end

-- Claims whose answer never reached their worker (Redis was frozen, or the connection lost): nobody
-- has begun with them, so they need neither wait for the lease's end nor be looked for.
local function unclaim(lane, tokens)
  if tokens == '' then return end
  for _, tid in ipairs(redis.call('ZRANGE', P .. lane .. ':leased', 0, 999)) do
    local token = redis.call('HGET', attempt_key(lane, tid), 'token')
    if token and token ~= '' and string.find(tokens, token, 1, true) then
      redis.call('ZREM', P .. lane .. ':leased', tid)
      redis.call('HSET', attempt_key(lane, tid), 'token', '', 'settles', '0')
      make_ready(lane, tid)
    end
  end
end

-- Before a claim: whoever is due is ready; `lost` are the tokens of claims whose answer was lost.
local function release_due(lane, lost)
  unclaim(lane, lost)
  -- An attempt that is out of its worker's hands: the next one must look before it sends.
  release(lane, P .. lane .. ':leased', num(steady()), 'look', '1', 'token', '')
  release(lane, P .. lane .. ':delayed', num(steady()))
  release(lane, P .. lane .. ':outage', num(steady()))
end

-- The person whose turn it is, with the first job of their queue; nil: nobody is ready.
local function pop_ready(lane)
  while true do
    local tid = redis.call('ZPOPMIN', P .. lane .. ':ready')[1]
    local job = tid and head_of(lane, tid)
    if job or not tid then return tid, job end
  end
end

-- Nobody is ready: seconds until somebody is due; -1: there is nobody.
local function next_due(lane)
  local due
  for _, key in ipairs(sets_of(lane)) do
    local first = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2]
    if first and (not due or tonumber(first) < due) then due = tonumber(first) end
  end
  return due and math.max(due - steady(), 0) or -1
end

-- The lease is ours while the attempt carries our token.
local function holds(lane, tid, token)
  return token ~= '' and redis.call('HGET', attempt_key(lane, tid), 'token') == token
end

-- The first job of the attempt, while we hold it, or nil.
local function held_job(lane, tid, token) return holds(lane, tid, token) and head_of(lane, tid) or nil end

-- The message, reply or answer that the job is about is in this state now.
local function mark(job, state)
  if job.m then redis.call('HSET', P .. 'ticket:' .. job.t, 'ms' .. job.m, state) end
  if job.r then redis.call('HSET', P .. 'ticket:' .. job.t, 'rs' .. job.r, state) end
  if job.a then redis.call('HSET', P .. 'answer:' .. job.a, 'state', state) end
end
