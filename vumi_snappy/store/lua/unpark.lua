-- Put a parked attempt's jobs back at the end of the person's queue, or drop them.
-- ARGV: now, parked id, 'retry' or 'drop', reason, who ('': no operator)     Returns 'done' or 'unknown'.
local key = P .. 'parked:' .. ARGV[2]
local p = as_table(redis.call('HGETALL', key))
if not p.lane then return 'unknown' end
for _, raw in ipairs(cjson.decode(p.jobs)) do
  local job = cjson.decode(raw)
  local state = ARGV[3] == 'retry' and 'stored' or 'dropped'
  if job.m then redis.call('HSET', P .. 'ticket:' .. job.t, 'ms' .. job.m, state) end
  if job.r then redis.call('HSET', P .. 'ticket:' .. job.t, 'rs' .. job.r, state) end
  if job.a and (job.t or state == 'stored') then
    redis.call('HSET', P .. 'answer:' .. job.a, 'state', state)
  elseif job.a then
    redis.call('DEL', P .. 'answer:' .. job.a)
  end
  if p.ix then index_parked(job.t, -1) end
  count_undone(job.t, -1)
  history(job.t, ARGV[3] == 'retry' and 'put back' or 'dropped', ref_of(job) or job.k, ARGV[4])
  if ARGV[3] == 'retry' then
    job.p, job.look = ARGV[2], p.look
    push(p.lane, p.tid, job)
  end
end
redis.call('DEL', key)
redis.call('ZREM', P .. 'parked', ARGV[2])
audit(ARGV[5], ARGV[3] == 'retry' and 'put back' or 'dropped', 'ticket ' .. p.ticket, ARGV[4])
return 'done'
