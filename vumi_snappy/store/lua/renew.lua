-- Keep the leases of the lane that are held: `held` is a list of {tid, token}, `lease` are seconds.
-- Returns the tids whose lease is lost.
-- @takes lane lease held
-- @needs _args _clock _lanes
local lost = {}
for _, each in ipairs(args.held) do
  local tid, token = each[1], each[2]
  if holds(args.lane, tid, token) then
    redis.call('ZADD', P .. args.lane .. ':leased', num(steady() + args.lease), tid)
  else
    lost[#lost + 1] = tid
  end
end
return lost
