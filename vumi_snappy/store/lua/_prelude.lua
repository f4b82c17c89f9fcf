-- Shared by every script: put in front of each (behind _base, _record and _index) before it is loaded.
--
-- A "lane" is a set of queues, one a person (a thread), that lead to the same place: 's' to
-- Snappy, 'b' to the bus.  A thread of a lane is in exactly one of these sets while its queue
-- holds anything: ready (score: when it was ready, plus a penalty for what can wait), delayed
-- (score: when to try again), outage (the same, but released at once when the other side is
-- back) or leased (score: when the lease ends).

-- What can wait, waits this many seconds behind what can't; with time everything comes first,
-- so nothing starves (promise 7).
local PENALTY = {open = 0, note = 10, notice = 60, private = 120, tags = 180, status = 180, reply = 0,
                 answer = 0, lookup = 0}

local function job_kind(job)
  if job.k ~= 'msg' then return job.k end
  if redis.call('HGET', P .. 'ticket:' .. job.t, 'nonce') then return 'note' end
  return 'open'
end

-- How a job is named in the history of its ticket.
local function ref_of(job)
  return job.m and ('m' .. job.m) or job.r and ('r' .. job.r) or job.n and ('a' .. job.n)
end

-- Jobs of a ticket that wait or are parked keep it from being forgotten.
local function count_undone(kid, n)
  if kid then index_undone(kid, n, redis.call('HINCRBY', P .. 'ticket:' .. kid, 'undone', n)) end
end

local function queue_key(lane, tid) return P .. lane .. ':q:' .. tid end

local function make_ready(lane, tid)
  local head = redis.call('LINDEX', queue_key(lane, tid), 0)
  if not head then
    redis.call('ZREM', P .. lane .. ':heads', tid)
    return
  end
  local job = cjson.decode(head)
  redis.call('ZADD', P .. lane .. ':heads', job.at, tid)
  redis.call('ZADD', P .. lane .. ':ready', num(now + PENALTY[job_kind(job)]), tid)
end

local function is_busy(lane, tid)
  return redis.call('ZSCORE', P .. lane .. ':leased', tid)
      or redis.call('ZSCORE', P .. lane .. ':delayed', tid)
      or redis.call('ZSCORE', P .. lane .. ':outage', tid)
end

-- Append a job to a person's queue; `front` puts it before the ones that wait.
local function push(lane, tid, job)
  job.at = job.at or num(now)
  redis.call('RPUSH', queue_key(lane, tid), cjson.encode(job))
  redis.call('INCR', P .. lane .. ':count')
  count_undone(job.t, 1)
  if not is_busy(lane, tid) and not redis.call('ZSCORE', P .. lane .. ':ready', tid) then
    make_ready(lane, tid)
  end
end

local function attempt_key(lane, tid) return P .. lane .. ':attempt:' .. tid end

-- Take the first `n` jobs off a person's queue, forget the attempt and free the person.
local function complete(lane, tid, n)
  for _ = 1, n do
    local raw = redis.call('LPOP', queue_key(lane, tid))
    if raw then
      redis.call('DECR', P .. lane .. ':count')
      count_undone(cjson.decode(raw).t, -1)
    end
  end
  redis.call('DEL', attempt_key(lane, tid))
  redis.call('ZREM', P .. lane .. ':leased', tid)
  redis.call('ZREM', P .. lane .. ':delayed', tid)
  redis.call('ZREM', P .. lane .. ':outage', tid)
  redis.call('ZREM', P .. lane .. ':ready', tid)
  make_ready(lane, tid)
end

-- An attempt that is out of its worker's hands: the next one must look before it sends.
local function reclaim_expired(lane, most)
  local tids = redis.call('ZRANGEBYSCORE', P .. lane .. ':leased', '-inf', num(now),
                          'LIMIT', 0, most)
  for _, tid in ipairs(tids) do
    redis.call('ZREM', P .. lane .. ':leased', tid)
    redis.call('HSET', attempt_key(lane, tid), 'look', '1', 'token', '')
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

local function release(lane, from, limit)
  local tids = redis.call('ZRANGEBYSCORE', P .. lane .. from, '-inf', limit, 'LIMIT', 0, 100)
  for _, tid in ipairs(tids) do
    redis.call('ZREM', P .. lane .. from, tid)
    make_ready(lane, tid)
  end
end

local function as_table(flat)
  local t = {}
  for i = 1, #flat, 2 do t[flat[i]] = flat[i + 1] end
  return t
end

local function next_due(lane)
  local due
  for _, name in ipairs({':delayed', ':outage', ':leased'}) do
    local first = redis.call('ZRANGE', P .. lane .. name, 0, 0, 'WITHSCORES')
    if first[2] and (not due or tonumber(first[2]) < due) then due = tonumber(first[2]) end
  end
  if due then return math.max(due - now, 0) end
  return -1
end

-- The lease is ours while the attempt carries our token.
local function holds(lane, tid, token)
  return token ~= '' and redis.call('HGET', attempt_key(lane, tid), 'token') == token
end
