-- What is recognised when it comes again: ids of messages and notes, and those that replies went out by.
--
-- An id is kept for `remember` seconds at least, in one of the small hashes of ten days, which
-- Redis keeps packed and which go as a whole.  By a digest: it is short whatever an id is.
-- The period ahead is looked at as well: the clock can have been set back, or be another Redis's now.
local PERIOD, PERIODS_BACK = 10 * 86400, 3

-- Where an id with this digest is kept in this period: key and field.
local function id_key(kind, period, digest)
  return P .. kind .. '/' .. period .. '/' .. string.sub(digest, 1, 3)
end

local function id_field(digest)
  return struct.pack('>I4I4', tonumber(string.sub(digest, 4, 11), 16),
                     tonumber(string.sub(digest, 12, 19), 16))
end

local function remember_id(kind, id, value, remember)
  local period, digest = math.floor(now / PERIOD), redis.sha1hex(id)
  local key = id_key(kind, period, digest)
  redis.call('HSET', key, id_field(digest), value)
  if redis.call('HLEN', key) == 1 then
    redis.call('EXPIRE', key, math.ceil((period + 1) * PERIOD - now + remember))
  end
end

-- What it was remembered with, or false.
local function recall_id(kind, id)
  local period, digest = math.floor(now / PERIOD), redis.sha1hex(id)
  local field = id_field(digest)
  for n = period + 1, period - PERIODS_BACK, -1 do
    local value = redis.call('HGET', id_key(kind, n, digest), field)
    if value then return value end
  end
  return false
end

local function forget_id(kind, id)
  local period, digest = math.floor(now / PERIOD), redis.sha1hex(id)
  for n = period + 1, period - PERIODS_BACK, -1 do
    redis.call('HDEL', id_key(kind, n, digest), id_field(digest))
  end
end

-- What a message is remembered by.  Ids are unique at best where they come from: those of two people
-- can be the same.
local function message_name(tid, id) return tid .. ' ' .. id end

-- The ticket that a message was stored on ('': on none), or nil: it was not.
-- `spelled`: as for thread_of.
local function stored_before(tid, spelled, id)
  return recall_id('seen:m', message_name(tid, id))
    or spelled ~= tid and recall_id('seen:m', message_name(spelled, id)) or nil
end
