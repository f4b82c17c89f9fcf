-- Put an attempt aside, with all it needs to be made again, and let the person's queue go on.
-- ARGV: now, lane, tid, token, reason, answer     Returns the parked id, or 'lost'.
local lane, tid = ARGV[2], ARGV[3]
if not holds(lane, tid, ARGV[4]) then return 'lost' end
local attempt = as_table(redis.call('HGETALL', attempt_key(lane, tid)))
local jobs = redis.call('LRANGE', queue_key(lane, tid), 0, attempt.count - 1)
local pid = tostring(redis.call('INCR', P .. 'last_parked'))
local kid, addr
for _, raw in ipairs(jobs) do
  local job = cjson.decode(raw)
  kid = job.t
  if job.m then redis.call('HSET', P .. 'ticket:' .. kid, 'ms' .. job.m, 'parked') end
  if job.r then redis.call('HSET', P .. 'ticket:' .. kid, 'rs' .. job.r, 'parked') end
  if job.a then
    redis.call('HSET', P .. 'answer:' .. job.a, 'state', 'parked')
    addr = redis.call('HGET', P .. 'answer:' .. job.a, 'addr')
  end
  history(kid, 'parked', ref_of(job) or job.k, ARGV[5])
end
redis.call('HSET', P .. 'parked:' .. pid, 'lane', lane, 'tid', tid, 'ticket', kid or '',
           'addr', addr or redis.call('HGET', P .. 'ticket:' .. kid, 'addr') or '',
           'jobs', cjson.encode(jobs), 'reason', ARGV[5], 'answer', ARGV[6], 'at', num(now),
           'tries', attempt.tries, 'first', attempt.first, 'look', attempt.look,
           'ix', '1')
redis.call('ZADD', P .. 'parked', num(now), pid)
count_undone(kid, #jobs)
index_parked(kid, #jobs)
redis.call('SREM', P .. 'opening', tid)
complete(lane, tid, tonumber(attempt.count))
return pid
