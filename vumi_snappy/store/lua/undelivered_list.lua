-- A page of the replies that did not arrive, oldest first.  ARGV: now, offset, how many
-- Returns a JSON list.
local out = {}

-- Why the reply did not arrive; up to schema 1, where that is told was not kept.
local function reason(kid, r, state, place)
  if place then return unpack_entry(redis.call('LINDEX', P .. 'history:' .. kid, place))[4] end
  local why = ''
  for _, raw in ipairs(redis.call('LRANGE', P .. 'history:' .. kid, -100, -1)) do
    local past = unpack_entry(raw)
    if past[3] == 'r' .. r and past[2] == state then why = past[4] end
  end
  return why
end

local items = redis.call('ZRANGE', P .. 'undelivered', ARGV[2], ARGV[2] + ARGV[3] - 1, 'WITHSCORES')
for i = 1, #items, 2 do
  local kid, r = string.match(items[i], '^(.*):(%d+)$')
  local t = redis.call('HMGET', P .. 'ticket:' .. kid, 'addr', 'rs' .. r, 'rw' .. r)
  local reply = said(kid, 'r' .. r) or {}
  out[#out + 1] = {id = items[i], ticket = kid, reply = tonumber(r), at = items[i + 1],
                   addr = t[1] or '', state = t[2] or '', reason = reason(kid, r, t[2], t[3]), html = reply.html or '',
                   name = reply.name or ''}
end
if #out == 0 then return '[]' end
return cjson.encode(out)
