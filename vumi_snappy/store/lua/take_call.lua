-- A call besides an attempt's own (a look): one more out of the bucket.
-- ARGV: now, bucket size, refill (calls a second)     Returns the seconds to wait, as text.
local told = told_to_wait()
if told > 0 then return string.format('%.6f', told) end
local wait = take_calls(1, tonumber(ARGV[2]), tonumber(ARGV[3]))
if wait == 0 then tally('calls', 1) end
return string.format('%.6f', wait)
