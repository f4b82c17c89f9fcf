-- A ticket as a line of a list, or nil where it is gone.
-- @needs _history _lists
local function summary(kid)
  local t = redis.call('HMGET', P .. 'ticket:' .. kid, 'addr', 'subject', 'nonce', 'sid', 'opened',
                       'at', 'messages', 'replies', 'undone', 'parked', 'tags')
  if not t[1] then return nil end
  local last = content_of(kid, 'm' .. (t[7] or '0'))
  local undone, parked = tonumber(t[9] or '0'), tonumber(t[10] or '0')
  local lost = redis.call('ZSCORE', list_key('undelivered'), kid)
  return {ticket = kid, from_addr = t[1], subject = t[2] or '', nonce = t[3] or '',
          snappy_id = t[4] or '', opened = t[5], at = t[6] or t[5],
          messages = tonumber(t[7] or '0'), replies = tonumber(t[8] or '0'),
          waiting = undone > parked, parked = parked > 0, undelivered = lost and true or false,
          tags = t[11] or '[]', text = last and last.text or ''}
end
