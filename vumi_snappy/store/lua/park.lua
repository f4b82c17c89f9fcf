-- Put an attempt (lane, tid, token) aside, with all it needs to be made again, and let the person's queue
-- go on.
-- reason: why, for operators.  answer: what the other side said.
-- @takes lane tid token reason answer
-- @needs _args _history _lanes _lists
local lane, tid = args.lane, args.tid
if not holds(lane, tid, args.token) then return 'lost' end
local attempt = as_table(redis.call('HGETALL', attempt_key(lane, tid)))
local jobs = redis.call('LRANGE', queue_key(lane, tid), 0, attempt.count - 1)
local pid = tostring(redis.call('INCR', P .. 'last_parked'))
local kid, addr
for _, raw in ipairs(jobs) do
  local job = cjson.decode(raw)
  kid = job.t
  mark(job, 'parked')
  if job.a then addr = redis.call('HGET', P .. 'answer:' .. job.a, 'addr') end
  history(kid, 'parked', ref_of(job) or job.k, args.reason)
end
redis.call('HSET', P .. 'parked:' .. pid, 'lane', lane, 'tid', tid, 'ticket', kid or '',
           'addr', addr or redis.call('HGET', P .. 'ticket:' .. kid, 'addr') or '',
           'jobs', cjson.encode(jobs), 'reason', args.reason, 'answer', args.answer, 'at', num(now),
           'tries', attempt.tries, 'first', attempt.first, 'look', attempt.look)
redis.call('ZADD', P .. 'parked', num(now), pid)
count_undone(kid, #jobs)
index_parked(kid, #jobs)
redis.call('SREM', P .. 'opening', tid)
complete(lane, tid, tonumber(attempt.count))
