-- Take the next piece of work for Snappy: one person's waiting messages (joined), or one other job, with a
-- lease, as the rate limit and the breaker allow.
-- ARGV: now, token, lease (seconds), settle (seconds a call may take), messages and bytes that are joined,
--       attempt id, bucket size (calls), refill (calls a second), tokens of claims that were lost
-- Returns JSON: {"wait": seconds, "why": ...} or the attempt.
-- @positions forwarding-fast forwarding-wide growth
-- @needs _clock _failover _history _lanes _limits _order_of_work _tallies
local token, settle = ARGV[2], tonumber(ARGV[4])
release_due('s', ARGV[10])
if redis.call('ZCARD', P .. 's:ready') == 0 then
  return cjson.encode({wait = next_due('s'), why = 'idle'})
end
local may, pause, why = breaker_allows()
if not may then return cjson.encode({wait = pause, why = why}) end
local calls = take_calls(1, tonumber(ARGV[8]), tonumber(ARGV[9]))
if calls > 0 then return cjson.encode({wait = calls, why = 'rate'}) end

local tid, job = pop_ready('s')
if not tid then return cjson.encode({wait = next_due('s'), why = 'idle'}) end

local key = attempt_key('s', tid)
local attempt = as_table(redis.call('HGETALL', key))
local kind = job_kind(job)
local unsure, settles_in = look_first('s', tid, job, attempt, settle)
if settles_in > 0 then
  redis.call('ZADD', P .. 's:delayed', num(steady() + settles_in), tid)
  give_back_calls(1)
  return cjson.encode({wait = 0, why = 'settling'})
end
-- First of all: what can't be read below comes again when the lease is over.
redis.call('ZADD', P .. 's:leased', num(steady() + tonumber(ARGV[3])), tid)
local is_new, messages = not attempt.id, {}
if job.k == 'msg' then
  local bytes = 0
  for _, raw in ipairs(redis.call('LRANGE', queue_key('s', tid), 0, (attempt.count or ARGV[5]) - 1)) do
    local each = cjson.decode(raw)
    -- What may have been sent already may have been sent with others, or without: each is looked for.
    if is_new and (each.k ~= 'msg' or each.t ~= job.t or each.p ~= job.p or unsure and #messages == 1) then
      break
    end
    local m = content_of(each.t, 'm' .. each.m)
    bytes = bytes + #m.text
    if is_new and #messages > 0 and bytes > tonumber(ARGV[6]) then break end
    messages[#messages + 1] = {at = m.at, text = m.text, id = m.id}
    mark(each, 'sending')
  end
end
if is_new then
  -- What comes back from parking goes out as it would have, and is looked at if it was unknown.
  attempt = {id = ARGV[7], tries = '0', first = num(now), look = job.look or '0',
             count = tostring(math.max(#messages, 1))}
end
if unsure then attempt.look = '1' end
redis.call('HSET', key, 'id', attempt.id, 'tries', attempt.tries, 'first', attempt.first,
           'look', attempt.look, 'count', attempt.count, 'token', token, 'over', failed_over(),
           'settles', num(steady() + settle))
breaker_called()
tally('calls', 1)
if kind == 'open' then redis.call('SADD', P .. 'opening', tid) end

local about = job.about and content_of(job.t, 'r' .. job.about)
local f = redis.call('HMGET', P .. 'ticket:' .. job.t, 'nonce', 'subject', 'contact', 'addr')
return cjson.encode({
  tid = tid, token = token, id = attempt.id, kind = kind, look = attempt.look == '1',
  tries = tonumber(attempt.tries), first = attempt.first, ticket = job.t,
  nonce = f[1] or '', subject = f[2] or '', contact = f[3] or '', addr = f[4] or '',
  stored = num(in_redis_time(job.at)), messages = messages, text = job.text or '',
  outcome = job.outcome or '', about = about and about.html or ''})
