-- Store one public note of a staff member as a reply to be published, once.
-- ARGV: now, note_id, nonce, Snappy's ticket id, html, staff_id, staff_name, created_at,
--       message_id, remember (seconds)
-- Returns {'stored' | 'duplicate' | 'unknown_ticket', ticket}
local note, nonce, sid = ARGV[2], ARGV[3], ARGV[4]
local before = recall_id('seen:n', note)
if before then return {'duplicate', before} end
local kid = nonce ~= '' and redis.call('GET', P .. 'nonce:' .. nonce)
if not kid and nonce == '' and sid ~= '' then kid = redis.call('GET', P .. 'sid:' .. sid) end
if not kid then
  -- Snappy can call back before it has answered the call that opened the ticket: while any
  -- ticket is being opened, keep a reply whose ticket nobody knows yet.
  if nonce ~= '' and redis.call('SCARD', P .. 'opening') > 0 then
    local orphans = P .. 'orphans:' .. nonce
    redis.call('HSET', orphans, note, cjson.encode({sid = sid, html = ARGV[5], staff = ARGV[6],
               name = ARGV[7], at = ARGV[8], id = ARGV[9]}))
    redis.call('EXPIRE', orphans, ARGV[10])
    return {'stored', ''}
  end
  return {'unknown_ticket', ''}
end
store_reply(kid, note, sid, ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9], ARGV[10])
return {'stored', kid}
