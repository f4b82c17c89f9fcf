-- A call besides an attempt's own (a look): take one more out of the bucket.
-- burst: the calls that it holds.  refill: calls a second.
-- Returns the seconds to wait, as text.
-- @takes burst refill
-- @needs _args _limits _tallies
local away = seconds_away()
if away > 0 then return string.format('%.6f', away) end
local wait = take_calls(1, args.burst, args.refill)
if wait == 0 then tally('calls', 1) end
return string.format('%.6f', wait)
