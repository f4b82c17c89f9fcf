-- Shared by the scripts that tell an agent what became of a reply (promise 6).
-- @needs _lanes

-- The reply `r` of ticket `kid` did not reach its person: tag the ticket, set its status to waiting and,
-- with `notice`, write one private note first.  `outcome` is the reply's state and `why` its reason; what
-- is learnt of the same reply later goes into the history alone.
local function tell_undelivered(kid, r, outcome, why, notice)
  local ticket = P .. 'ticket:' .. kid
  local tid = redis.call('HGET', ticket, 'tid')
  if redis.call('HSETNX', ticket, 'rt' .. r, outcome) == 0 then return end
  if notice then
    push('s', tid, {k = 'notice', t = kid, about = tonumber(r), text = why, outcome = outcome})
  end
  push('s', tid, {k = 'tags', t = kid, text = '#undelivered'})
  push('s', tid, {k = 'status', t = kid, text = 'waiting'})
end

-- The reply is well on its way (`outcome` is acked) or reached its person (delivered), and the agent
-- wants to know: one private note for each.
local function tell_good_news(kid, r, outcome)
  local ticket = P .. 'ticket:' .. kid
  if redis.call('HSETNX', ticket, (outcome == 'acked' and 'rk' or 'rd') .. r, '1') == 0 then return end
  push('s', redis.call('HGET', ticket, 'tid'),
       {k = 'notice', t = kid, about = tonumber(r), text = '', outcome = outcome})
end
