-- Tickets that are called so, at most `limit`: one of `words` is our number, Snappy's nonce or id; or
-- the person's address is a key of `threads`, which has the threads that it can have.
-- Returns a JSON list.
-- @query
-- @takes limit words threads
-- @needs _args _people _summary
local seen, out = {}, {}
local function add(kid)
  if kid and not seen[kid] and #out < args.limit then
    seen[kid] = true
    out[#out + 1] = summary(kid)
  end
end
for _, word in ipairs(args.words) do
  add(redis.call('GET', P .. 'nonce:' .. word))
  add(redis.call('GET', P .. 'sid:' .. word))
  add(word)
end
for addr, tids in pairs(args.threads) do
  for _, tid in ipairs(threads_of(addr, tids)) do
    for _, kid in ipairs(tickets_of(tid, args.limit)) do add(kid) end
  end
end
return json_list(out)
