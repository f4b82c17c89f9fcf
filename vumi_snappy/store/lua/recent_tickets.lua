-- Whole tickets: `ticket`, or without it the `limit` that saw something last.
-- entries: how many of the history of each, the last ones, or those before the place `before`.
-- Returns a JSON list.
-- @query
-- @takes limit ticket entries before
-- @needs _args _whole
local kids
if args.ticket then kids = {args.ticket}
else kids = redis.call('ZREVRANGE', P .. 'tickets', 0, args.limit - 1) end
local out = {}
for _, kid in ipairs(kids) do out[#out + 1] = whole(kid, args.entries, args.before) end
return json_list(out)
