-- Shared by the scripts that move a reply on: a later state is never lowered by a late message.
local RANK = {stored = 0, publishing = 1, parked = 1, dropped = 1, published = 2,
              unconfirmed = 3, acked = 4, failed = 5, delivered = 6,
              refused = 7}

local function move_reply(kid, r, state, detail)
  local ticket = P .. 'ticket:' .. kid
  local before = redis.call('HGET', ticket, 'rs' .. r)
  if not before then return 'unknown' end
  history(kid, state, 'r' .. r, detail)
  if RANK[state] > (RANK[before] or 0) then
    redis.call('HSET', ticket, 'rs' .. r, state)
    index_reply(kid, r, state)
    return 'moved'
  end
  return 'kept'
end

-- The reply is on the bus: take it off its queue if it still is at its head.
local function leave_queue(kid, r)
  local tid = redis.call('HGET', P .. 'ticket:' .. kid, 'tid')
  local head = tid and redis.call('LINDEX', queue_key('b', tid), 0)
  if not head then return false end
  local job = cjson.decode(head)
  if job.t ~= kid or tostring(job.r) ~= tostring(r) then return false end
  complete('b', tid, 1)
  return true
end
