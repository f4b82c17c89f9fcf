-- Whose tickets are whose: a person on one channel is a thread (identity.py).
--
-- 'thread:<tid>' has the newest ticket, when there was last something, and the envelope by which the person
-- is answered, in pieces short enough for Redis to keep the hash packed.  'tickets_of:<tid>' lists the other
-- tickets.  Nearly all threads that an address can have follow from the 'channels' (endpoint, transport type
-- and name) that there are.  'person:<addr>' lists those that its contact address tells apart further.
local PIECE, PIECES = 60, 30

local function thread_key(tid) return P .. 'thread:' .. tid end

local function index_channel(tid, addr, endpoint, transport_type, name, apart)
  if apart ~= '' then
    redis.call('SADD', P .. 'person:' .. addr, tid)
  else
    redis.call('SADD', P .. 'channels', cjson.encode({endpoint, transport_type, name}))
  end
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
  if not t.e then return '{}' end
  local pieces = {}
  for n = 1, tonumber(t.e) do pieces[n] = t['e' .. n] end
  return table.concat(pieces)
end

-- The thread that a person's message belongs to, with its fields 'ticket' and 'at': `tid`; or `spelled`, the
-- one that they have by the spelling of their number that the message has, if only that is known: from
-- before the worker knew which spellings are one number.
local function thread_of(tid, spelled)
  local had = redis.call('HMGET', thread_key(tid), 'ticket', 'at')
  if had[1] or spelled == tid then return tid, had end
  local by_spelling = redis.call('HMGET', thread_key(spelled), 'ticket', 'at')
  if by_spelling[1] then return spelled, by_spelling end
  return tid, had
end

-- Ticket `kid` of the thread is not its newest, or not any more.
local function add_older_ticket(tid, kid) redis.call('RPUSH', P .. 'tickets_of:' .. tid, kid) end

-- At most `most` tickets of the thread, the newest first.
local function tickets_of(tid, most)
  local newest = redis.call('HGET', thread_key(tid), 'ticket')
  local kids = redis.call('LRANGE', P .. 'tickets_of:' .. tid, -most, -1)
  local out = {newest or nil}
  for i = #kids, 1, -1 do
    if #out < most then out[#out + 1] = kids[i] end
  end
  return out
end

-- The threads of an address: those told by the caller, and those that are listed.
local function threads_of(addr, tids)
  local listed = {}
  for _, tid in ipairs(tids) do listed[tid] = true end
  for _, tid in ipairs(redis.call('SMEMBERS', P .. 'person:' .. addr)) do
    if not listed[tid] then tids[#tids + 1] = tid end
  end
  return tids
end
