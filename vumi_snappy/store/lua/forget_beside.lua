-- Erase what else is a person's: parked attempts among a page of them, answers of no ticket among some
-- keys.  ARGV: now, address, parked attempts to pass over, how many, who of the operators has it done
--       ('': the audit trail has it already), how the trail is to name the person, keys
-- Returns {parked attempts looked at, erased, answers erased}.
local addr, erased, answers = ARGV[2], 0, 0
local pids = redis.call('ZRANGE', P .. 'parked', ARGV[3], ARGV[3] + ARGV[4] - 1)
for _, pid in ipairs(pids) do
  local p = redis.call('HMGET', P .. 'parked:' .. pid, 'addr', 'jobs')
  if p[1] == addr then
    for _, raw in ipairs(cjson.decode(p[2])) do
      local job = cjson.decode(raw)
      if job.a then redis.call('DEL', P .. 'answer:' .. job.a) end
    end
    redis.call('DEL', P .. 'parked:' .. pid)
    redis.call('ZREM', P .. 'parked', pid)
    erased = erased + 1
  end
end
for i = 7, #ARGV do
  if redis.call('HGET', ARGV[i], 'addr') == addr then
    redis.call('DEL', ARGV[i])
    answers = answers + 1
  end
end
if erased + answers > 0 then audit(ARGV[5], 'forgot a person', '', ARGV[6]) end
return {#pids, erased, answers}
