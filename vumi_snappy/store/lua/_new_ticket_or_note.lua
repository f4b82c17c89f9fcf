-- A person's message: does it open a new ticket, or become a note on the one that they have?
-- @needs _clock

-- Returns the ticket that the message joins (nil: none) and whether it opens a new one.  `newest` and `at`:
-- the person's newest ticket, if any, and when it last saw something.  `use`: what the message may do,
-- 'open' a ticket if there is none to join, only join a 'live' one, or 'none' of both.
local function new_ticket_or_note(use, newest, at, new_ticket_after)
  local is_live = newest and now - past(at) < new_ticket_after
    and redis.call('HEXISTS', P .. 'ticket:' .. newest, 'tid') == 1
  if is_live and use ~= 'none' then return newest, false end
  return nil, use == 'open'
end
