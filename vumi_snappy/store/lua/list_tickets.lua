-- A page of the tickets that are in all the lists named, the last to see something first.
-- ARGV: now, lists (JSON), not before, not after ('' or seconds), the cursor's time and ticket ('' or
--       those of the last one of the page before), how many, how many to look at, entries of
--       the history of each whole ticket (0: only lines)
-- Returns JSON: {"tickets": [...], "cursor": [time, ticket] or null when that is all}.
local names = cjson.decode(ARGV[2])
local key, size = P .. 'tickets', nil
for _, name in ipairs(names) do
  local n = redis.call('ZCARD', list_key(name))
  if not size or n < size then key, size = list_key(name), n end
end
local lowest = ARGV[3] ~= '' and ARGV[3] or '-inf'
local highest = ARGV[5] ~= '' and ARGV[5] or ARGV[4] ~= '' and ARGV[4] or '+inf'
local want, most, entries = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
local out, looked, offset, last, ended = {}, 0, 0, nil, false

local function is_in_all(kid)
  for _, name in ipairs(names) do
    if list_key(name) ~= key and not redis.call('ZSCORE', list_key(name), kid) then return false end
  end
  return true
end

local function wants_waiting()
  for _, name in ipairs(names) do if name == 'waiting' then return true end end
  return false
end

while not ended and #out < want and looked < most do
  local some = redis.call('ZREVRANGEBYSCORE', key, highest, lowest, 'WITHSCORES',
                          'LIMIT', offset, 100)
  offset = offset + 100
  ended = #some < 200
  for i = 1, #some, 2 do
    local kid, score = some[i], some[i + 1]
    if ARGV[5] == '' or tonumber(score) ~= tonumber(ARGV[5]) or kid < ARGV[6] then
      if #out == want or looked == most then
        ended = false
        break
      end
      looked, last = looked + 1, {score, kid}
      if is_in_all(kid) then
        local line = summary(kid)
        if line and wants_waiting() and not line.waiting then
          delist('waiting', kid)  -- A worker from before the lists were kept has finished it.
        elseif line then
          out[#out + 1] = entries > 0 and whole(kid, entries) or line
        end
      end
    end
  end
end
local more = last and not ended
return '{"tickets":' .. (#out == 0 and '[]' or cjson.encode(out))
  .. ',"cursor":' .. (more and cjson.encode(last) or 'null') .. '}'
