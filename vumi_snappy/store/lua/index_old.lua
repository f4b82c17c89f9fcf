-- Put tickets that were stored before there were lists into them; a bounded number a call.
-- ARGV: now, how many tickets to look at, parked attempts to pass over
-- Returns {tickets looked at, parked attempts looked at}: none of either, and it is done: for good, as
-- whoever stores now keeps the lists.
local DONE = 'all'
local indexed = redis.call('GET', P .. 'indexed') or '0'
if indexed == DONE then return {0, 0} end
local most = tonumber(ARGV[2])
local first = tonumber(indexed) + 1
local last = math.min(first + most - 1, tonumber(redis.call('GET', P .. 'last_ticket') or '0'))
for n = first, last do
  local kid = string.format('%d', n)
  local ticket = P .. 'ticket:' .. kid
  local t = redis.call('HMGET', ticket, 'addr', 'tid', 'undone', 'parked', 'replies', 'ix')
  if t[1] and not t[6] then
    redis.call('HSET', ticket, 'ix', '1')
    index_person(t[1], t[2])
    if tonumber(t[3] or '0') > tonumber(t[4] or '0') then enlist('waiting', kid) end
    for r = 1, tonumber(t[5] or '0') do
      local s = redis.call('HMGET', ticket, 'rs' .. r, 'us' .. r)
      if LOST[s[1]] and not s[2] then
        redis.call('ZADD', P .. 'undelivered', redis.call('HGET', ticket, 'at'), kid .. ':' .. r)
        enlist('undelivered', kid)
      end
    end
  end
end
local looked = math.max(last - first + 1, 0)
if looked > 0 then redis.call('SET', P .. 'indexed', string.format('%d', last)) end

local offset = tonumber(ARGV[3])
local pids = redis.call('ZRANGE', P .. 'parked', offset, offset + most - 1)
for _, pid in ipairs(pids) do
  local key = P .. 'parked:' .. pid
  local p = redis.call('HMGET', key, 'ix', 'jobs', 'ticket')
  if p[2] and not p[1] then
    redis.call('HSET', key, 'ix', '1')
    if p[3] ~= '' then
      local n = #cjson.decode(p[2])
      index_parked(p[3], n)
      index_undone(p[3], 0, tonumber(redis.call('HGET', P .. 'ticket:' .. p[3], 'undone') or '0'))
    end
  end
end
if looked == 0 and #pids == 0 then redis.call('SET', P .. 'indexed', DONE) end
return {looked, #pids}
