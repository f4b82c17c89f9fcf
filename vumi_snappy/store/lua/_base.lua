-- In front of every script: where it works, and when.
--
-- KEYS[1] is the key prefix with its colon.  ARGV[1] is the time, in seconds since the epoch, or
-- '' for Redis's own clock: leases and the rate limit must not depend on the workers' clocks.
local P = KEYS[1]
local now
if ARGV[1] == '' then
  local t = redis.call('TIME')
  now = tonumber(t[1]) + tonumber(t[2]) / 1000000
else
  now = tonumber(ARGV[1])
end

local function num(x) return string.format('%.3f', x) end
