-- A page of the replies that did not arrive, oldest first: `limit` from `offset`.
-- Returns a JSON list.
-- @query
-- @takes offset limit
-- @needs _args _history
local out = {}
local last = args.offset + args.limit - 1
local items = redis.call('ZRANGE', P .. 'undelivered', args.offset, last, 'WITHSCORES')
for i = 1, #items, 2 do
  local kid, r = string.match(items[i], '^(.*):(%d+)$')
  local t = redis.call('HMGET', P .. 'ticket:' .. kid, 'addr', 'rs' .. r)
  local reply, lost = content_of(kid, 'r' .. r) or {}, entry_of(kid, 'rw' .. r)
  out[#out + 1] = {id = items[i], ticket = kid, reply = tonumber(r), at = items[i + 1],
                   addr = t[1] or '', state = t[2] or '', reason = lost and lost[4] or '',
                   html = reply.html or '', name = reply.name or ''}
end
return json_list(out)
