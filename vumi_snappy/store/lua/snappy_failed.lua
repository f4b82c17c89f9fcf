-- A call failed for a reason that is Snappy's: tell the breaker, or all workers to keep away.
-- ARGV: now, why, threshold, hold (seconds; 0: Snappy did not ask for it), pause (seconds),
--       longest pause (seconds), at_once, age of the call (seconds)
if tonumber(ARGV[4]) > 0 then
  keep_away(ARGV[2], tonumber(ARGV[4]))
  -- It answers, so it is not what the breaker is for; a probe has had its answer.
  redis.call('HDEL', BREAKER, 'probe_ends')
else
  breaker_failure(ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[5]), tonumber(ARGV[6]),
                  ARGV[7] == '1', tonumber(ARGV[8]))
end
return 'done'
