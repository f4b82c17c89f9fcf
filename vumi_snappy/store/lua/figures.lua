-- What waits and what is wrong, for health and metrics.  Returns JSON.
-- @query
-- @needs _clock _lanes _limits _tallies
local oldest
for _, lane in ipairs({'s', 'b', 'x'}) do
  local first = redis.call('ZRANGE', P .. lane .. ':heads', 0, 0, 'WITHSCORES')
  if first[2] and (not oldest or tonumber(first[2]) < oldest) then oldest = tonumber(first[2]) end
end
local b = as_table(redis.call('HGETALL', BREAKER))
local function jobs_on(lane) return tonumber(redis.call('GET', P .. lane .. ':count') or '0') end
local forwards, replies, lookups = jobs_on('s'), jobs_on('b'), jobs_on('x')
sample('waiting', forwards + replies + lookups)
return cjson.encode({
  forwards = forwards, replies = replies, lookups = lookups,
  undelivered = redis.call('ZCARD', P .. 'undelivered'),
  early = redis.call('ZCOUNT', P .. 'early_replies', num(now), '+inf'),
  parked = redis.call('ZCARD', P .. 'parked'),
  too_large = redis.call('SCARD', too_large_key('s')),
  oldest = oldest and math.max(steady() - oldest, 0) or 0,
  breaker = b.open == '1' and (b.why or 'open') or '',
  hold = math.max(tonumber(b.hold or '0') - steady(), seconds_away()),
  tickets = redis.call('ZCARD', P .. 'tickets')})
