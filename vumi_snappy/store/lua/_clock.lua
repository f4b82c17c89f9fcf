-- A clock for what is due later, that never goes back: leases, delays, holds and the rate limit.
--
-- Redis's own clock can be set back, and another Redis's that takes its place can be behind it: what was due
-- in a second would then be due in an hour.  So 'clock' keeps the latest time that was told (`at`) and by how
-- much this clock is ahead of Redis's (`ahead`), which grows by what that goes back; of the last step that was
-- not too small to matter it keeps the seconds (`back`) and when that was (`back_at`).  People are shown
-- Redis's own time.
local CLOCK = P .. 'clock'
-- Seconds for which the latest time need not be kept anew; those of a step that is told.
local KEPT_FOR, TOLD_FROM = 0.25, 1
local steady_time, steady_ahead
local function exact(x) return string.format('%.6f', x) end

-- The time of this call.
local function steady()
  if steady_time then return steady_time end
  local kept = redis.call('HMGET', CLOCK, 'at', 'ahead')
  local last, ahead = tonumber(kept[1] or '0'), tonumber(kept[2] or '0')
  local time = now + ahead
  if time < last then
    local back = last - time
    time, ahead = last, ahead + back
    redis.call('HSET', CLOCK, 'ahead', exact(ahead))
    if back >= TOLD_FROM then
      redis.call('HSET', CLOCK, 'back', num(back), 'back_at', num(time))
    end
  elseif time - last > KEPT_FOR then
    redis.call('HSET', CLOCK, 'at', exact(time))
  end
  steady_time, steady_ahead = time, ahead
  return time
end

-- When, in Redis's own time, it was this of the steady clock.
local function in_redis_time(time)
  steady()
  return tonumber(time) - steady_ahead
end

-- What happened can't lie ahead: the time of it, or now.
local function past(time) return math.min(tonumber(time or '0'), now) end
