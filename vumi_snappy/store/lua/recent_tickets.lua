-- The tickets that saw something last.  ARGV: now, how many, ticket id or '' for the newest
-- Returns a JSON list.
local kids
if ARGV[3] ~= '' then kids = {ARGV[3]}
else kids = redis.call('ZREVRANGE', P .. 'tickets', 0, tonumber(ARGV[2]) - 1) end
local out = {}
for _, kid in ipairs(kids) do
  local t = as_table(redis.call('HGETALL', P .. 'ticket:' .. kid))
  if t.tid then
    local past = {}
    for _, raw in ipairs(redis.call('LRANGE', P .. 'history:' .. kid, 0, -1)) do
      past[#past + 1] = cjson.decode(raw)
    end
    local answers = {}
    for n = 1, tonumber(t.answers or '0') do
      local a = as_table(redis.call('HGETALL', P .. 'answer:' .. t['a' .. n]))
      answers[n] = {number = n, message_id = t['a' .. n], kind = a.kind, text = a.text,
                    at = a.at, state = a.state}
    end
    out[#out + 1] = {ticket = kid, fields = t, history = past, answers = answers}
  end
end
if #out == 0 then return '[]' end
return cjson.encode(out)
