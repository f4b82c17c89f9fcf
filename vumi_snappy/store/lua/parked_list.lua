-- A page of what is parked, oldest first.  ARGV: now, offset, how many      Returns a JSON list.
local out = {}
for _, pid in ipairs(redis.call('ZRANGE', P .. 'parked', ARGV[2], ARGV[2] + ARGV[3] - 1)) do
  local p = as_table(redis.call('HGETALL', P .. 'parked:' .. pid))
  p.id = pid
  p.addr = p.addr or redis.call('HGET', P .. 'ticket:' .. p.ticket, 'addr') or ''
  out[#out + 1] = p
end
if #out == 0 then return '[]' end
return cjson.encode(out)
