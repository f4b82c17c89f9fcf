-- What is recognised when it comes again: ids of messages and notes, and those that replies went out by.
--
-- An id is kept for `remember` seconds at least, in one of the small hashes of ten days, which
-- Redis keeps packed and which go as a whole.  By a digest: it is short whatever an id is.
-- The period ahead is looked at as well: the clock can have been set back, or be another Redis's now.
-- Up to schema 1 each was a key of its own.
local PERIOD, PERIODS_BACK = 10 * 86400, 3

-- Where the id is kept in this period, and what it is called there, in hexadecimal digits.
local function place_of_id(kind, id)
  local digest = redis.sha1hex(id)
  local name = struct.pack('>I4I4', tonumber(string.sub(digest, 4, 11), 16),
                           tonumber(string.sub(digest, 12, 19), 16))
  return P .. kind .. '/', '/' .. string.sub(digest, 1, 3), name
end

local function remember_id(kind, id, value, remember)
  local period = math.floor(now / PERIOD)
  local before, behind, name = place_of_id(kind, id)
  local key = before .. period .. behind
  redis.call('HSET', key, name, value)
  if redis.call('HLEN', key) == 1 then
    redis.call('EXPIRE', key, math.ceil((period + 1) * PERIOD - now + remember))
  end
end

-- What it was remembered with, or false.
local function recall_id(kind, id)
  local period = math.floor(now / PERIOD)
  local before, behind, name = place_of_id(kind, id)
  for n = period + 1, period - PERIODS_BACK, -1 do
    local value = redis.call('HGET', before .. n .. behind, name)
    if value then return value end
  end
  return redis.call('GET', P .. kind .. ':' .. id)
end

local function forget_id(kind, id)
  local period = math.floor(now / PERIOD)
  local before, behind, name = place_of_id(kind, id)
  for n = period + 1, period - PERIODS_BACK, -1 do
    redis.call('HDEL', before .. n .. behind, name)
  end
  redis.call('DEL', P .. kind .. ':' .. id)
end
