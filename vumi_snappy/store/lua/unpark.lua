-- Put the jobs of the parked attempt `id` back at the end of the person's queue (`action` is 'retry'), or
-- drop them ('drop').
-- reason: for the history.  who: the operator ('': none).
-- Returns 'done' or 'unknown'.
-- @takes id action reason who
-- @needs _args _audit _history _lanes _lists
local key = P .. 'parked:' .. args.id
local p = as_table(redis.call('HGETALL', key))
if not p.lane then return 'unknown' end
local is_retry = args.action == 'retry'
local what = is_retry and 'put back' or 'dropped'
for _, raw in ipairs(cjson.decode(p.jobs)) do
  local job = cjson.decode(raw)
  mark(job, is_retry and 'stored' or 'dropped')
  if job.a and not job.t and not is_retry then redis.call('DEL', P .. 'answer:' .. job.a) end
  index_parked(job.t, -1)
  count_undone(job.t, -1)
  history(job.t, what, ref_of(job) or job.k, args.reason)
  if is_retry then
    job.p, job.look = args.id, p.look
    push(p.lane, p.tid, job)
  end
end
redis.call('DEL', key)
redis.call('ZREM', P .. 'parked', args.id)
audit(args.who, what, 'ticket ' .. p.ticket, args.reason)
return 'done'
