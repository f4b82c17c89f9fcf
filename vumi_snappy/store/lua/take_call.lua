-- A call besides an attempt's own (a look): one more out of the bucket.
-- ARGV: now, bucket size, refill (calls a second)     Returns the seconds to wait, as text.
return string.format('%.6f', take_calls(1, tonumber(ARGV[2]), tonumber(ARGV[3])))
