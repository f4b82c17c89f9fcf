-- Count a failed log-in: one line for each user and address, apart from the audit trail, which
-- strangers could else push out.  The thousand latest are kept, for thirty days.
-- who: the user ('': there is none of that name).  caller: the address that it came from.
-- @takes who caller
-- @needs _args
local lines, at = P .. 'failed_log_ins', P .. 'failed_log_ins_at'
local key = cjson.encode({args.who, args.caller})
local old = redis.call('ZRANGEBYSCORE', at, '-inf', now - 30 * 86400, 'LIMIT', 0, 100)
if redis.call('ZCARD', at) >= 1000 then old[#old + 1] = redis.call('ZRANGE', at, 0, 0)[1] end
for _, gone in ipairs(old) do
  redis.call('ZREM', at, gone)
  redis.call('HDEL', lines, gone)
end
redis.call('HINCRBY', lines, key, 1)
redis.call('ZADD', at, num(now), key)
for _, each in ipairs({lines, at}) do redis.call('EXPIRE', each, 30 * 86400) end
