-- Take out of a page of the audit trail (`limit` entries from `offset`) what operators wrote of a person,
-- as reasons do.
-- threads: by address, the threads that it can have.  digits: of the address ('': too few to tell it
-- from others).
-- Returns {entries looked at, changed}.  Entries that come meanwhile move others on, to be looked at
-- twice, not past.
-- @takes offset limit threads digits
-- @needs _args _people
local tickets = {}
for addr, tids in pairs(args.threads) do
  for _, tid in ipairs(threads_of(addr, tids)) do
    for _, kid in ipairs(tickets_of(tid, 1000000)) do tickets['ticket ' .. kid] = true end
  end
end
local entries = redis.call('LRANGE', P .. 'audit', args.offset, args.offset + args.limit - 1)
local changed = 0
for i, raw in ipairs(entries) do
  local e = cjson.decode(raw)
  if e.detail ~= '' and (tickets[e.about]
      or args.digits ~= ''
        and string.find((string.gsub(e.detail, '[ ()./-]', '')), args.digits, 1, true)) then
    e.detail = '(erased with the person)'
    redis.call('LSET', P .. 'audit', args.offset + i - 1, cjson.encode(e))
    changed = changed + 1
  end
end
return {#entries, changed}
