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

-- cjson takes an empty table for an object.
local function json_list(list) return #list == 0 and '[]' or cjson.encode(list) end

-- The hash that HGETALL returned.
local function as_table(flat)
  local t = {}
  for i = 1, #flat, 2 do t[flat[i]] = flat[i + 1] end
  return t
end
