-- Snappy has what the attempt was to send (told by its answer, or found by looking).
-- ARGV: now, tid, attempt id, nonce, content hash, remember (seconds)
-- Returns 'done', or 'gone' when this attempt was finished before.
-- The worker need not hold the lease any more: what is done is done.
local tid, nonce = ARGV[2], ARGV[4]
local key = attempt_key('s', tid)
local attempt = as_table(redis.call('HGETALL', key))
if attempt.id ~= ARGV[3] then return 'gone' end
local head = cjson.decode(redis.call('LINDEX', queue_key('s', tid), 0))
local kid = head.t
local ticket = P .. 'ticket:' .. kid
if nonce ~= '' and redis.call('HGET', ticket, 'nonce') ~= nonce then
  redis.call('HSET', ticket, 'nonce', nonce)
  redis.call('SET', P .. 'nonce:' .. nonce, kid)
  history(kid, 'ticket opened', '', nonce)
end
if ARGV[5] ~= '' then redis.call('HINCRBY', ticket, 'x:' .. ARGV[5], 1) end
if head.k == 'msg' then
  for _, raw in ipairs(redis.call('LRANGE', queue_key('s', tid), 0, attempt.count - 1)) do
    local each = cjson.decode(raw)
    redis.call('HSET', ticket, 'ms' .. each.m, 'forwarded')
    history(kid, 'forwarded', 'm' .. each.m,
            attempt.count ~= '1' and ('joined with ' .. (attempt.count - 1) .. ' more') or '')
  end
else
  history(kid, head.k .. ' sent')
  if head.k == 'tags' then take_own_tag(kid, head.text) end
end
redis.call('SREM', P .. 'opening', tid)
complete('s', tid, tonumber(attempt.count))
tally('forwarded', tonumber(attempt.count))
breaker_success()
if nonce ~= '' then
  take_early(kid, nonce, '')
  take_early(kid, '', redis.call('HGET', ticket, 'sid') or '')
end
adopt_orphans(kid, nonce, ARGV[6])
return 'done'
