-- The counts of the last minutes.  ARGV: now, how many hours back
-- Returns JSON: {"now": seconds, "hours": [[hour, {"minute:what": count}], ...]}.
local hour = math.floor(now / 3600)
local hours = {}
for h = hour - tonumber(ARGV[2]), hour do
  local flat = redis.call('HGETALL', P .. 'tally:' .. h)
  local t = {}
  for i = 1, #flat, 2 do t[flat[i]] = tonumber(flat[i + 1]) end
  if #flat > 0 then hours[#hours + 1] = {h, t} end
end
return '{"now":' .. num(now) .. ',"hours":' .. (#hours == 0 and '[]' or cjson.encode(hours)) .. '}'
