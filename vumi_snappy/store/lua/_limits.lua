-- The rate limit and the breaker, shared by all workers (promise 7).
-- @needs _clock _lanes
local RATE, BREAKER = P .. 'rate', P .. 'breaker'

-- Take `n` calls out of the bucket.  Returns 0, or the seconds until they will be there.
local function take_calls(n, size, refill)
  if refill <= 0 then return 0 end
  local had = redis.call('HMGET', RATE, 'calls', 'at')
  local at = tonumber(had[2] or '0')
  local calls = math.min(size, tonumber(had[1] or size) + math.max(steady() - at, 0) * refill)
  -- Never a wait so short that it is lost in the rounding on its way to the caller.
  if calls < n then return math.max((n - calls) / refill, 0.001) end
  redis.call('HSET', RATE, 'calls', string.format('%.6f', calls - n), 'at', exact(steady()))
  return 0
end

local function give_back_calls(n) redis.call('HINCRBYFLOAT', RATE, 'calls', n) end

-- Seconds for which Snappy has asked everybody to keep away: its own word, which no success of a
-- call that was under way before takes back. When they are over one call goes alone, until one works.
local function seconds_away()
  return math.max(tonumber(redis.call('HGET', RATE, 'away_until') or '0') - steady(), 0)
end

-- May a call be made now?  An open breaker lets one probe through when its pause is over.
local function breaker_allows()
  local away = seconds_away()
  if away > 0 then return false, away, redis.call('HGET', RATE, 'why') end
  local b = as_table(redis.call('HGETALL', BREAKER))
  local hold = tonumber(b.hold or '0')
  if hold > steady() then return false, hold - steady(), b.why or 'hold' end
  if b.open ~= '1' and not redis.call('HGET', RATE, 'away_until') then return true end
  local probe_ends = tonumber(b.probe_ends or '0')
  if probe_ends > steady() then
    return false, math.min(probe_ends - steady(), 1), b.why or redis.call('HGET', RATE, 'why') or 'probing'
  end
  return true
end

-- Seconds after which another probe is made, should one hang.
local PROBE = 2

-- A call is about to be made: if the breaker is open it is the probe, the only one for a while.
local function breaker_called()
  if redis.call('HGET', BREAKER, 'open') == '1' or redis.call('HGET', RATE, 'away_until') then
    redis.call('HSET', BREAKER, 'probe_ends', num(steady() + PROBE))
  end
end

local function breaker_success()
  local was_open = redis.call('HGET', BREAKER, 'open') == '1'
  redis.call('DEL', BREAKER)
  redis.call('HSET', BREAKER, 'worked', num(steady()))
  if seconds_away() == 0 and redis.call('HDEL', RATE, 'away_until', 'why') > 0 then was_open = true end
  if was_open then release('s', P .. 's:outage', '+inf') end
end

-- Snappy asks everybody to keep away for `hold` seconds.
local function keep_away(why, hold)
  if hold > seconds_away() then
    redis.call('HSET', RATE, 'away_until', num(steady() + hold), 'why', why)
  end
end

-- A call failed for a reason that is Snappy's.  `at_once`: the breaker opens without waiting for more.  A
-- call that began (`age` seconds ago) before another one worked says nothing of how Snappy is now.
local function breaker_failure(why, threshold, pause, most, at_once, age)
  if steady() - age < tonumber(redis.call('HGET', BREAKER, 'worked') or '0') then return end
  local fails = redis.call('HINCRBY', BREAKER, 'fails', 1)
  redis.call('HSET', BREAKER, 'why', why, 'probe_ends', '0')
  if at_once or fails >= threshold then
    local opens = redis.call('HINCRBY', BREAKER, 'opens', 1)
    redis.call('HSET', BREAKER, 'open', '1', 'hold',
               num(steady() + math.min(pause * 2 ^ math.min(opens - 1, 20), most)))
  end
end
