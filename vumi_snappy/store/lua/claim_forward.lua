-- Take the next piece of work for Snappy: one person's waiting messages (joined), or one other
-- job, with a lease, a token of the rate limit and the breaker's leave.
-- ARGV: now, token, lease (seconds), call (seconds a call may take), join_count, join_bytes,
--       attempt id, bucket size (calls), refill (calls a second), tokens of claims that were lost
-- Returns JSON: {"wait": seconds, "why": ...} or the attempt.
local token, lease = ARGV[2], tonumber(ARGV[3])
unclaim('s', ARGV[10])
reclaim_expired('s', 50)
release('s', ':delayed', num(now))
release('s', ':outage', num(now))
if redis.call('ZCARD', P .. 's:ready') == 0 then
  return cjson.encode({wait = next_due('s'), why = 'idle'})
end
local may, pause, why = breaker_allows()
if not may then return cjson.encode({wait = pause, why = why}) end
local calls = take_calls(1, tonumber(ARGV[8]), tonumber(ARGV[9]))
if calls > 0 then return cjson.encode({wait = calls, why = 'rate'}) end

local tid, head
repeat
  local popped = redis.call('ZPOPMIN', P .. 's:ready')
  tid = popped[1]
  head = tid and redis.call('LINDEX', queue_key('s', tid), 0)
until head or not tid
if not tid then return cjson.encode({wait = next_due('s'), why = 'idle'}) end

local job = cjson.decode(head)
local key = attempt_key('s', tid)
local attempt = as_table(redis.call('HGETALL', key))
local kind = job_kind(job)
if attempt.id and attempt.look == '1' then
  -- The call of the worker that had this may still be under way at Snappy: look only when it
  -- can't be any more.
  local settled = tonumber(attempt.settles or '0')
  if settled > now then
    redis.call('ZADD', P .. 's:delayed', num(settled), tid)
    give_back_calls(1)
    return cjson.encode({wait = 0, why = 'settling'})
  end
end
local said_by = {}
if not attempt.id then
  -- What comes back from parking goes out as it would have, and is looked at if it was unknown.
  attempt = {id = ARGV[7], tries = '0', first = num(now), look = job.look or '0', kind = kind}
  local count = 1
  if job.k == 'msg' then
    local bytes = 0
    local jobs = redis.call('LRANGE', queue_key('s', tid), 0, tonumber(ARGV[5]) - 1)
    count = 0
    for _, raw in ipairs(jobs) do
      local each = cjson.decode(raw)
      if each.k ~= 'msg' or each.t ~= job.t or each.p ~= job.p then break end
      said_by[each.m] = said(each.t, 'm' .. each.m)
      bytes = bytes + #said_by[each.m].text
      if count > 0 and bytes > tonumber(ARGV[6]) then break end
      count = count + 1
    end
  end
  attempt.count = tostring(count)
end
-- A ticket may have been opened, or lost, since the attempt was first made.
attempt.kind = kind
attempt.token = token
attempt.settles = num(now + tonumber(ARGV[4]))
redis.call('HSET', key, 'id', attempt.id, 'tries', attempt.tries, 'first', attempt.first,
           'look', attempt.look, 'kind', kind, 'count', attempt.count, 'token', token,
           'settles', attempt.settles)
redis.call('ZADD', P .. 's:leased', num(now + lease), tid)
breaker_called()
tally('calls', 1)
if kind == 'open' then redis.call('SADD', P .. 'opening', tid) end

local ticket = P .. 'ticket:' .. job.t
local messages = {}
if job.k == 'msg' then
  for _, raw in ipairs(redis.call('LRANGE', queue_key('s', tid), 0, attempt.count - 1)) do
    local each = cjson.decode(raw)
    local m = said_by[each.m] or said(each.t, 'm' .. each.m)
    messages[#messages + 1] = {n = each.m, at = m.at, text = m.text, id = m.id}
    redis.call('HSET', ticket, 'ms' .. each.m, 'sending')
  end
end
local about = job.about and said(job.t, 'r' .. job.about)
local f = redis.call('HMGET', ticket, 'nonce', 'subject', 'contact', 'addr')
return cjson.encode({
  tid = tid, token = token, id = attempt.id, kind = kind, look = attempt.look == '1',
  tries = tonumber(attempt.tries), first = attempt.first, ticket = job.t,
  nonce = f[1] or '', subject = f[2] or '', contact = f[3] or '', addr = f[4] or '',
  stored = job.at, messages = messages, text = job.text or '',
  outcome = job.outcome or '',
  about = about and about.html or ''})
