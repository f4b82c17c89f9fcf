-- Shared by the scripts that move the worker's own answers on (behind _reply_states).
--
-- An answer is a record of its own, by its message_id: what is answered need not have a ticket.
-- That of a ticket goes with it; one without goes when no event can come for it any more.
-- @needs _history _lists _reply_states

local function answer_key(id) return P .. 'answer:' .. id end

-- Returns whether its state went on.
local function move_answer(id, state, detail)
  local a = redis.call('HMGET', answer_key(id), 'state', 't', 'n')
  if a[2] ~= '' then history(a[2], state, 'a' .. a[3], detail) end
  if rank_of(state) <= rank_of(a[1]) then return false end
  redis.call('HSET', answer_key(id), 'state', state)
  return true
end

-- It is on the bus: take it off its queue if it still is there.
local function leave_queue_as_answer(id)
  local a = redis.call('HMGET', answer_key(id), 'tid', 't', 'keep', 'state')
  if not a[1] or not leave_queue_of(a[1], a[4], nil, nil, id) then return false end
  if a[2] == '' then
    redis.call('EXPIRE', answer_key(id), a[3])
    list_answer(a[1], id, a[3])
  end
  return true
end
