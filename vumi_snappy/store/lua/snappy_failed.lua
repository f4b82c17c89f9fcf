-- A call failed for a reason that is Snappy's: tell the breaker.
-- ARGV: now, why, threshold, hold (seconds), pause (seconds), longest pause (seconds), at_once,
--       age of the call (seconds)
breaker_failure(ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]),
                tonumber(ARGV[6]), ARGV[7] == '1', tonumber(ARGV[8]))
return 'done'
