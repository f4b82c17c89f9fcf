-- Take the next replies to publish, each of another person, with a lease.
-- ARGV: now, token, lease (seconds), settle (seconds), how many at most, tokens of claims that were
--       lost
-- Returns JSON: attempts, why others of them failed (what can't be read is in nobody's way), the
--       token, and the seconds until there is more if these are all.
-- Seconds until what can't be read is looked at again: somebody may have mended it.
local UNREADABLE = 60
local token, most = ARGV[2], tonumber(ARGV[5])
unclaim('b', ARGV[6])
reclaim_expired('b', 50)
release('b', ':delayed', num(now))
release('b', ':outage', num(now))

local function answer_of(tid, job, attempt)
  local a = as_table(redis.call('HGETALL', P .. 'answer:' .. job.a))
  local good_for = tonumber(a.good_for or '0')
  if a.state == 'stored' then
    redis.call('HSET', P .. 'answer:' .. job.a, 'state', 'publishing')
  end
  return {
    tid = tid, ticket = job.t or '', answer = job.a, kind = a.kind,
    look = attempt.look == '1', tries = tonumber(attempt.tries), first = attempt.first,
    text = a.text, event = a.event, envelope = a.envelope, addr = a.addr,
    late = good_for > 0 and now - tonumber(a.at) > good_for}
end

local function reply_of(tid, job, attempt)
  local ticket = P .. 'ticket:' .. job.t
  local t = redis.call('HMGET', ticket, 'rs' .. job.r, 'addr')
  local r, addr, parts = said(job.t, 'r' .. job.r), t[2], parts_of(job.t, job.r)
  if t[1] == 'stored' then redis.call('HSET', ticket, 'rs' .. job.r, 'publishing') end
  return {
    tid = tid, ticket = job.t, r = job.r, look = attempt.look == '1',
    tries = tonumber(attempt.tries), first = attempt.first, html = r.html, message_id = r.id,
    opted_out = redis.call('HEXISTS', P .. 'opted_out', addr) == 1,
    note = r.note, envelope = envelope_of(tid), addr = addr,
    parts = #parts > 0 and parts or nil}
end

-- Lease the work of a person who is ready; nil: there is none, or not yet.
local function claim(tid)
  local head = redis.call('LINDEX', queue_key('b', tid), 0)
  if not head then return nil end
  local job = cjson.decode(head)
  local key = attempt_key('b', tid)
  local attempt = as_table(redis.call('HGETALL', key))
  if attempt.look == '1' and tonumber(attempt.settles or '0') > now then
    redis.call('ZADD', P .. 'b:delayed', attempt.settles, tid)
    return nil
  end
  attempt.tries = attempt.tries or '0'
  attempt.first = attempt.first or num(now)
  attempt.look = attempt.look or job.look or '0'
  local claimed = (job.k == 'answer' and answer_of or reply_of)(tid, job, attempt)
  redis.call('HSET', key, 'token', token, 'tries', attempt.tries, 'first', attempt.first,
             'look', attempt.look, 'count', '1', 'settles', num(now + tonumber(ARGV[4])))
  redis.call('ZADD', P .. 'b:leased', num(now + tonumber(ARGV[3])), tid)
  return claimed
end

local attempts, failed = {}, {}
while #attempts < most do
  local tid = redis.call('ZPOPMIN', P .. 'b:ready')[1]
  if not tid then break end
  local worked, said = pcall(claim, tid)
  if not worked then
    redis.call('ZADD', P .. 'b:delayed', num(now + UNREADABLE), tid)
    failed[#failed + 1] = type(said) == 'table' and said.err or tostring(said)
  elseif said then
    attempts[#attempts + 1] = said
  end
end
return cjson.encode({
  attempts = #attempts > 0 and attempts or nil, failed = #failed > 0 and failed or nil,
  token = token, wait = #attempts < most and next_due('b') or nil})
