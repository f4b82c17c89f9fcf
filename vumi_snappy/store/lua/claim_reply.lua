-- Take the next replies to publish, each of another person, with a lease.
-- ARGV: now, token, lease (seconds), settle (seconds), how many at most, tokens of claims that were lost
-- Returns JSON: attempts, why others of them failed (what can't be read is in nobody's way), the token, and
--       the seconds until there is more if these are all.
-- @positions growth
-- @needs _clock _failover _history _lanes _people _reply_states
-- Seconds until what can't be read is looked at again: somebody may have mended it.
local UNREADABLE = 60
local token, most = ARGV[2], tonumber(ARGV[5])
release_due('b', ARGV[6])

local function answer_of(tid, job, attempt)
  local a = as_table(redis.call('HGETALL', P .. 'answer:' .. job.a))
  local good_for = tonumber(a.good_for or '0')
  if a.state == 'stored' then
    redis.call('HSET', P .. 'answer:' .. job.a, 'state', 'publishing')
  end
  return {
    tid = tid, ticket = job.t or '', message_id = job.a, kind = a.kind,
    look = attempt.look == '1', tries = tonumber(attempt.tries),
    text = a.text, event = a.event, envelope = a.envelope, addr = a.addr,
    late = good_for > 0 and steady() - tonumber(a.since) > good_for}
end

local function reply_of(tid, job, attempt)
  local ticket = P .. 'ticket:' .. job.t
  local t = redis.call('HMGET', ticket, 'rs' .. job.r, 'addr')
  local r, addr, parts = content_of(job.t, 'r' .. job.r), t[2], parts_to_send(job.t, job.r)
  if t[1] == 'stored' then redis.call('HSET', ticket, 'rs' .. job.r, 'publishing') end
  return {
    tid = tid, ticket = job.t, r = job.r, look = attempt.look == '1',
    tries = tonumber(attempt.tries), html = r.html, message_id = r.id,
    opted_out = redis.call('HEXISTS', P .. 'opted_out', addr) == 1,
    note = r.note, envelope = envelope_of(tid), addr = addr, parts = parts}
end

-- Lease the work of a person who is ready; nil: there is none, or not yet.
local function claim(tid)
  local job = head_of('b', tid)
  if not job then return nil end
  local key = attempt_key('b', tid)
  local attempt = as_table(redis.call('HGETALL', key))
  local unsure, settles_in = look_first('b', tid, job, attempt, tonumber(ARGV[4]))
  if settles_in > 0 then
    redis.call('ZADD', P .. 'b:delayed', num(steady() + settles_in), tid)
    return nil
  end
  if unsure then attempt.look = '1' end
  attempt.tries = attempt.tries or '0'
  attempt.first = attempt.first or num(now)
  attempt.look = attempt.look or job.look or '0'
  local claimed = (job.k == 'answer' and answer_of or reply_of)(tid, job, attempt)
  redis.call('HSET', key, 'token', token, 'tries', attempt.tries, 'first', attempt.first,
             'look', attempt.look, 'count', '1', 'over', failed_over(),
             'settles', num(steady() + tonumber(ARGV[4])))
  redis.call('ZADD', P .. 'b:leased', num(steady() + tonumber(ARGV[3])), tid)
  return claimed
end

local attempts, failed = {}, {}
while #attempts < most do
  local tid = redis.call('ZPOPMIN', P .. 'b:ready')[1]
  if not tid then break end
  local worked, attempt = pcall(claim, tid)
  if not worked then
    redis.call('ZADD', P .. 'b:delayed', num(steady() + UNREADABLE), tid)
    failed[#failed + 1] = item_error(attempt)
  elseif attempt then
    attempts[#attempts + 1] = attempt
  end
end
return cjson.encode({
  attempts = attempts, failed = failed, token = token,
  wait = #attempts < most and next_due('b') or nil})
