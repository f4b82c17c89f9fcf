-- Whose tickets are whose: a person on one channel is a thread.
--
-- 'thread:<tid>' tells the newest ticket, when there was last something, and how the person is answered:
-- the envelope, in pieces short enough for Redis to keep the hash packed.  'tickets_of:<tid>' lists the other tickets.  'channels' are the pairs of endpoint and
-- transport type that there are, from which all threads that an address can have are told.
-- Up to schema 1 'person:<addr>' listed the threads of an address, and 'tickets_of' the newest as well.
local PIECE, PIECES = 60, 30

local function thread_key(tid) return P .. 'thread:' .. tid end

local function index_channel(endpoint, transport_type)
  redis.call('SADD', P .. 'channels', cjson.encode({endpoint, transport_type}))
end

local function keep_envelope(tid, envelope, ...)
  local fields, size = {...}, math.max(PIECE, math.ceil(#envelope / PIECES))
  local count = math.ceil(#envelope / size)
  for n = 1, count do
    fields[#fields + 1] = 'e' .. n
    fields[#fields + 1] = string.sub(envelope, (n - 1) * size + 1, n * size)
  end
  redis.call('HSET', thread_key(tid), 'e', count, unpack(fields))
end

local function envelope_of(tid)
  local t = as_table(redis.call('HGETALL', thread_key(tid)))
  if not t.e then return t.envelope or '{}' end
  local pieces = {}
  for n = 1, tonumber(t.e) do pieces[n] = t['e' .. n] end
  return table.concat(pieces)
end

-- `kid` becomes the newest ticket of the thread, that had `before` (or false).
local function add_ticket(tid, kid, before)
  if before and redis.call('LINDEX', P .. 'tickets_of:' .. tid, -1) ~= before then
    redis.call('RPUSH', P .. 'tickets_of:' .. tid, before)
  end
end

-- At most `most` tickets of the thread, the newest first.
local function tickets_of(tid, most)
  local newest = redis.call('HGET', thread_key(tid), 'ticket')
  local kids = redis.call('LRANGE', P .. 'tickets_of:' .. tid, -most, -1)
  local out = {newest or nil}
  for i = #kids, 1, -1 do
    if kids[i] ~= newest and #out < most then out[#out + 1] = kids[i] end
  end
  return out
end

-- The threads of an address: those told by the caller, and what was listed before.
local function threads_of(addr, told)
  local tids, listed = told, {}
  for _, tid in ipairs(tids) do listed[tid] = true end
  for _, tid in ipairs(redis.call('SMEMBERS', P .. 'person:' .. addr)) do
    if not listed[tid] then tids[#tids + 1] = tid end
  end
  return tids
end
