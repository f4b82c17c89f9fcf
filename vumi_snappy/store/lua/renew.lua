-- Keep leases.  ARGV: now, lane, lease (seconds), call (seconds a call may take), then pairs of
-- tid and token.  Returns the tids whose lease is lost.
local lost = {}
for i = 5, #ARGV, 2 do
  if holds(ARGV[2], ARGV[i], ARGV[i + 1]) then
    redis.call('ZADD', P .. ARGV[2] .. ':leased', num(now + tonumber(ARGV[3])), ARGV[i])
  else
    lost[#lost + 1] = ARGV[i]
  end
end
return lost
