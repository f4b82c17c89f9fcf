-- A call failed for a reason that is Snappy's: tell the breaker, or all workers to keep away.
-- why: the error.  hold: seconds for which Snappy asked everybody to keep away (0: it did not).
-- threshold, pause, longest: the breaker's failures in a row, its pause and its longest pause (seconds).
-- at_once: one failure is enough.  age: seconds since the call began.
-- @takes why threshold hold pause longest at_once age
-- @needs _args _limits
if args.hold > 0 then
  keep_away(args.why, args.hold)
  -- It answers, so it is not what the breaker is for; a probe has had its answer.
  redis.call('HDEL', BREAKER, 'probe_ends')
else
  breaker_failure(args.why, args.threshold, args.pause, args.longest, args.at_once, args.age)
end
