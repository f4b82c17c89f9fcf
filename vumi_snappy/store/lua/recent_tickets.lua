-- The tickets that saw something last.  ARGV: now, how many, ticket id or '' for the newest, how many
--       entries of the history of each, the place before which they are, or ''
-- Returns a JSON list.
local kids
if ARGV[3] ~= '' then kids = {ARGV[3]}
else kids = redis.call('ZREVRANGE', P .. 'tickets', 0, tonumber(ARGV[2]) - 1) end
local out = {}
for _, kid in ipairs(kids) do out[#out + 1] = whole(kid, tonumber(ARGV[4]), tonumber(ARGV[5])) end
if #out == 0 then return '[]' end
return cjson.encode(out)
