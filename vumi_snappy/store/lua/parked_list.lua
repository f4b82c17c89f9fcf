-- A page of what is parked, oldest first: `limit` from `offset`.
-- Returns a JSON list.
-- @query
-- @takes offset limit
-- @needs _args
local out = {}
for _, pid in ipairs(redis.call('ZRANGE', P .. 'parked', args.offset, args.offset + args.limit - 1)) do
  local p = as_table(redis.call('HGETALL', P .. 'parked:' .. pid))
  p.id = pid
  out[#out + 1] = p
end
return json_list(out)
