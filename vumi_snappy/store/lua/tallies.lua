-- The counts of the minutes of the last `hours`.
-- Returns JSON: {"now": seconds, "hours": [[hour, {"minute:what": count}], ...]}.
-- @query
-- @takes hours
-- @needs _args
local hour = math.floor(now / 3600)
local hours = {}
for h = hour - args.hours, hour do
  local flat = redis.call('HGETALL', P .. 'tally:' .. h)
  local t = {}
  for i = 1, #flat, 2 do t[flat[i]] = tonumber(flat[i + 1]) end
  if #flat > 0 then hours[#hours + 1] = {h, t} end
end
return '{"now":' .. num(now) .. ',"hours":' .. json_list(hours) .. '}'
