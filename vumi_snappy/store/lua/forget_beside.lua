-- Erase the parked attempts of the person of `addresses` in a page of them: `limit` from `offset`.
-- who: the operator ('': the audit trail has it already).  person: how the trail is to name the person.
-- Returns {parked attempts looked at, erased}.
-- @takes addresses offset limit who person
-- @needs _args _audit
local theirs, erased = {}, 0
for _, addr in ipairs(args.addresses) do theirs[addr] = true end
local pids = redis.call('ZRANGE', P .. 'parked', args.offset, args.offset + args.limit - 1)
for _, pid in ipairs(pids) do
  local p = redis.call('HMGET', P .. 'parked:' .. pid, 'addr', 'jobs')
  if theirs[p[1] or ''] then
    for _, raw in ipairs(cjson.decode(p[2])) do
      local job = cjson.decode(raw)
      if job.a then redis.call('DEL', P .. 'answer:' .. job.a) end
    end
    redis.call('DEL', P .. 'parked:' .. pid)
    redis.call('ZREM', P .. 'parked', pid)
    erased = erased + 1
  end
end
if erased > 0 then audit(args.who, 'forgot a person', '', args.person) end
return {#pids, erased}
