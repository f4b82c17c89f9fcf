-- A page of the tickets that the Django bouncer's API tells of, by number: `limit` from `offset`.
-- contact_keys: only those of these contacts (nil: all).  threads: only those of these addresses: by
-- address, the threads that it can have (nil: all).  most: tickets that may be gone through to find those.
-- Returns JSON: {"total": how many there are (-1: too many to count), "tickets": [...]}.
-- @query
-- @takes offset limit contact_keys threads most
-- @needs _args _people _posted
local offset, want, most = args.offset, args.limit, args.most
local contacts, addresses = args.contact_keys, args.threads

local function page(total, kids)
  return '{"total":' .. total .. ',"tickets":' .. posted_lines(kids) .. '}'
end

if not addresses and (not contacts or #contacts == 1) then
  local key = contacts and P .. 'posted:' .. contacts[1] or P .. 'posted'
  return page(redis.call('ZCARD', key), redis.call('ZRANGE', key, offset, offset + want - 1))
end

-- Others are few, and found from the side of the people or contacts that are named.
local wanted, found, seen, gone_through = {}, {}, {}, 0
for _, contact in ipairs(contacts or {}) do wanted[contact] = true end

local function add(kids)
  for _, kid in ipairs(kids) do
    local posted = not seen[kid] and redis.call('HGET', P .. 'ticket:' .. kid, 'posted')
    seen[kid] = true
    if posted and (not contacts or wanted[cjson.decode(posted).contact_key]) then
      found[#found + 1] = kid
    end
  end
end

local function is_too_many(n)
  gone_through = gone_through + n
  return gone_through > most
end

if addresses then
  for addr, tids in pairs(addresses) do
    for _, tid in ipairs(threads_of(addr, tids)) do
      if is_too_many(redis.call('LLEN', P .. 'tickets_of:' .. tid) + 1) then return page(-1, {}) end
      add(tickets_of(tid, most))
    end
  end
else
  for contact in pairs(wanted) do
    local key = P .. 'posted:' .. contact
    if is_too_many(redis.call('ZCARD', key)) then return page(-1, {}) end
    add(redis.call('ZRANGE', key, 0, -1))
  end
end
table.sort(found, function(a, b) return tonumber(a) < tonumber(b) end)
local kids = {}
for n = offset + 1, math.min(offset + want, #found) do kids[#kids + 1] = found[n] end
return page(#found, kids)
