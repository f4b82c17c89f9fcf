-- Who asked for no more messages: 'opted_out' tells by address since when.  An opt-out holds for every
-- spelling of a number; `others` are those besides `addr`, separated by blanks.
local function has_opted_out(addr, others)
  local is_out = redis.call('HEXISTS', P .. 'opted_out', addr) == 1
  for other in string.gmatch(others, '%S+') do
    is_out = is_out or redis.call('HEXISTS', P .. 'opted_out', other) == 1
  end
  return is_out
end

-- A wish, 'out' or 'in'.  Returns whether it was not so before.
local function subscribe(addr, others, wish)
  local before = has_opted_out(addr, others)
  if wish == 'out' then
    if not before then redis.call('HSET', P .. 'opted_out', addr, num(now)) end
    return not before
  end
  redis.call('HDEL', P .. 'opted_out', addr)
  for other in string.gmatch(others, '%S+') do redis.call('HDEL', P .. 'opted_out', other) end
  return before
end
