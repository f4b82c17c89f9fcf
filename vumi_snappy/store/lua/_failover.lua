-- What a replica that became the master may not know: claims of the last moment, and what came of them.
--
-- Each person's work that was stored before then, or comes again, is looked for before it is sent, when
-- whatever was under way has settled. An attempt's `over` is the fail-over of which that is done.
-- @needs _clock _lanes
local function failed_over() return redis.call('HGET', CLOCK, 'failed_over') or '' end

-- The fail-over before which what is from `time` (Redis's own) may have been stored already, or nil.
local function may_be_known(time)
  local over = failed_over()
  if over ~= '' and tonumber(time) <= in_redis_time(over) then return over end
end

-- Whether it may have been done by the master before.
local function is_from_before(job)
  local over = failed_over()
  return over ~= '' and (tonumber(job.at) <= tonumber(over) or job.over == over)
end

-- What is found missing at the other side, was sent by nobody: neither was what is behind it. Receipts
-- tell of all people's replies, if they were read after all that was under way had settled.
local function looked_key(lane, tid)
  if lane == 'b' then return CLOCK, 'replies_looked' end
  return P .. 'thread:' .. tid, 'looked'
end

local function have_looked(lane, tid, settle)
  local over = failed_over()
  local attempt = redis.call('HMGET', attempt_key(lane, tid), 'over', 'settles')
  if over == '' or attempt[1] ~= over then return end
  local claimed = tonumber(attempt[2] or '0') - settle
  local key, field = looked_key(lane, tid)
  if claimed >= tonumber(over) + settle and redis.call('EXISTS', key) == 1 then
    redis.call('HSET', key, field, over)
  end
end

-- Whether the job must be looked for because of it; and how many seconds any look has to wait: until what
-- may be under way, by whoever had the job, can have no more effect.
local function look_first(lane, tid, job, attempt, settle)
  local over, settles = failed_over(), attempt.look == '1' and tonumber(attempt.settles or '0') or 0
  local unsure = attempt.over ~= over and is_from_before(job)
    and redis.call('HGET', looked_key(lane, tid)) ~= over
  if unsure then settles = math.max(settles, tonumber(over) + settle) end
  return unsure, math.max(settles - steady(), 0)
end
