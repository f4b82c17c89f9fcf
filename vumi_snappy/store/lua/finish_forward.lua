-- Snappy has what the attempt was to send (told by its answer, or found by looking).
-- ARGV: now, tid, attempt id, nonce, content hash, remember (seconds)
-- Returns 'done', 'gone' when this attempt was finished before, or 'taken': another ticket has the nonce, or
-- this one has another. Then nothing is done.  The lease need not be held any more: what is done is done.
-- @positions forwarding-fast forwarding-wide growth
-- @needs _history _lanes _limits _replies _tallies _ticket_events
local tid, nonce = ARGV[2], ARGV[4]
local key = attempt_key('s', tid)
local attempt = as_table(redis.call('HGETALL', key))
if attempt.id ~= ARGV[3] then return 'gone' end
local head = head_of('s', tid)
local kid = head.t
local ticket = P .. 'ticket:' .. kid
local had = redis.call('HGET', ticket, 'nonce')
local holder = nonce ~= '' and redis.call('GET', P .. 'nonce:' .. nonce)
if holder and holder ~= kid or had and nonce ~= '' and had ~= nonce then return 'taken' end
if nonce ~= '' and had ~= nonce then
  redis.call('HSET', ticket, 'nonce', nonce)
  redis.call('SET', P .. 'nonce:' .. nonce, kid)
  history(kid, 'ticket opened', '', nonce)
end
if ARGV[5] ~= '' then redis.call('HINCRBY', ticket, 'x:' .. ARGV[5], 1) end
if head.k == 'msg' then
  for _, raw in ipairs(redis.call('LRANGE', queue_key('s', tid), 0, attempt.count - 1)) do
    local each = cjson.decode(raw)
    mark(each, 'forwarded')
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
