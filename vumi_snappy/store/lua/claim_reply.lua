-- Take the next reply to publish, with a lease.
-- ARGV: now, token, lease (seconds), settle (seconds), tokens of claims that were lost
-- Returns JSON: {"wait": seconds} or the attempt.
local token = ARGV[2]
unclaim('b', ARGV[5])
reclaim_expired('b', 50)
release('b', ':delayed', num(now))
release('b', ':outage', num(now))
local tid, head
repeat
  local popped = redis.call('ZPOPMIN', P .. 'b:ready')
  tid = popped[1]
  head = tid and redis.call('LINDEX', queue_key('b', tid), 0)
until head or not tid
if not tid then return cjson.encode({wait = next_due('b')}) end
local job = cjson.decode(head)
local key = attempt_key('b', tid)
local attempt = as_table(redis.call('HGETALL', key))
if attempt.look == '1' and tonumber(attempt.settles or '0') > now then
  redis.call('ZADD', P .. 'b:delayed', attempt.settles, tid)
  return cjson.encode({wait = 0})
end
attempt.tries = attempt.tries or '0'
attempt.first = attempt.first or num(now)
attempt.look = attempt.look or job.look or '0'
redis.call('HSET', key, 'token', token, 'tries', attempt.tries, 'first', attempt.first,
           'look', attempt.look, 'count', '1', 'settles', num(now + tonumber(ARGV[4])))
redis.call('ZADD', P .. 'b:leased', num(now + tonumber(ARGV[3])), tid)
if job.k == 'answer' then
  local a = as_table(redis.call('HGETALL', P .. 'answer:' .. job.a))
  local good_for = tonumber(a.good_for or '0')
  if a.state == 'stored' then
    redis.call('HSET', P .. 'answer:' .. job.a, 'state', 'publishing')
  end
  return cjson.encode({
    tid = tid, token = token, ticket = job.t or '', answer = job.a, kind = a.kind,
    look = attempt.look == '1', tries = tonumber(attempt.tries), first = attempt.first,
    text = a.text, event = a.event, envelope = a.envelope, addr = a.addr,
    late = good_for > 0 and now - tonumber(a.at) > good_for})
end
local ticket = P .. 'ticket:' .. job.t
local r, addr = said(job.t, 'r' .. job.r), redis.call('HGET', ticket, 'addr')
local parts = parts_of(job.t, job.r)
if redis.call('HGET', ticket, 'rs' .. job.r) == 'stored' then
  redis.call('HSET', ticket, 'rs' .. job.r, 'publishing')
end
return cjson.encode({
  tid = tid, token = token, ticket = job.t, r = job.r, look = attempt.look == '1',
  tries = tonumber(attempt.tries), first = attempt.first, html = r.html, message_id = r.id,
  opted_out = redis.call('HEXISTS', P .. 'opted_out', addr) == 1,
  note = r.note, envelope = envelope_of(tid), addr = addr,
  parts = #parts > 0 and parts or nil})
