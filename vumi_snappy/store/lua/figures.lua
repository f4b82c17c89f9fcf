-- What waits and what is wrong, for health and metrics.  ARGV: now      Returns JSON.
local oldest
for _, lane in ipairs({'s', 'b', 'x'}) do
  local first = redis.call('ZRANGE', P .. lane .. ':heads', 0, 0, 'WITHSCORES')
  if first[2] and (not oldest or tonumber(first[2]) < oldest) then oldest = tonumber(first[2]) end
end
local b = as_table(redis.call('HGETALL', BREAKER))
local forwards = tonumber(redis.call('GET', P .. 's:count') or '0')
local replies = tonumber(redis.call('GET', P .. 'b:count') or '0')
local lookups = tonumber(redis.call('GET', P .. 'x:count') or '0')
sample('waiting', forwards + replies + lookups)
return cjson.encode({
  forwards = forwards,
  replies = replies,
  lookups = lookups,
  undelivered = redis.call('ZCARD', P .. 'undelivered'),
  parked = redis.call('ZCARD', P .. 'parked'),
  oldest = oldest and math.max(now - oldest, 0) or 0,
  breaker = b.open == '1' and (b.why or 'open') or '',
  hold = math.max(tonumber(b.hold or '0') - now, told_to_wait()),
  tickets = redis.call('ZCARD', P .. 'tickets')})
