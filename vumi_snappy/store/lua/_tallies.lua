-- Counts by the minute, for the console's graphs.
local TALLY_KEEP = 26 * 3600

local function keep_tally(command, what, n, if_new)
  local minute = math.floor(now / 60)
  local key = P .. 'tally:' .. math.floor(minute / 60)
  if redis.call(command, key, (minute % 60) .. ':' .. what, n) == if_new then
    redis.call('EXPIRE', key, TALLY_KEEP)
  end
end

-- Count `n` more of `what` in this minute.
local function tally(what, n) keep_tally('HINCRBY', what, n, n) end

-- `what` stands at `value` in this minute.
local function sample(what, value) keep_tally('HSET', what, value, 1) end
