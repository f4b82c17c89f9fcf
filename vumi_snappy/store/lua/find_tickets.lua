-- Tickets that are called so: by our number, Snappy's nonce or id, or the person's address.
-- ARGV: now, how many, what to look for (JSON list), addresses to look for (JSON object: of each, a list
--       of the threads that it can have)
-- Returns a JSON list.
local found, out = {}, {}
local function add(kid)
  if kid and not found[kid] and #out < tonumber(ARGV[2]) then
    found[kid] = true
    out[#out + 1] = summary(kid)
  end
end
for _, word in ipairs(cjson.decode(ARGV[3])) do
  add(redis.call('GET', P .. 'nonce:' .. word))
  add(redis.call('GET', P .. 'sid:' .. word))
  add(word)
end
for addr, told in pairs(cjson.decode(ARGV[4])) do
  for _, tid in ipairs(threads_of(addr, told)) do
    for _, kid in ipairs(tickets_of(tid, tonumber(ARGV[2]))) do add(kid) end
  end
end
if #out == 0 then return '[]' end
return cjson.encode(out)
