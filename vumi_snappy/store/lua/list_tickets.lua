-- A page of the tickets that are in all of `lists`, the last to see something first, at most `limit`.
-- earliest, latest: bounds of when they last saw something, or nil.  at, ticket: the cursor of the page
-- before, or nil.  look_at: how many may be looked at.  entries: of the history of each, for whole tickets
-- (0: only lines).
-- Returns JSON: {"tickets": [...], "cursor": [time, ticket] or null when that is all}.
-- @query
-- @takes lists earliest latest at ticket limit look_at entries
-- @needs _args _lists _summary _whole
local names = args.lists
local key, size = P .. 'tickets', nil
for _, name in ipairs(names) do
  local n = redis.call('ZCARD', list_key(name))
  if not size or n < size then key, size = list_key(name), n end
end
local lowest, highest = args.earliest or '-inf', args.at or args.latest or '+inf'
local out, looked, offset, last, ended = {}, 0, 0, nil, false

local function is_in_all(kid)
  for _, name in ipairs(names) do
    if list_key(name) ~= key and not redis.call('ZSCORE', list_key(name), kid) then return false end
  end
  return true
end

while not ended and #out < args.limit and looked < args.look_at do
  local some = redis.call('ZREVRANGEBYSCORE', key, highest, lowest, 'WITHSCORES', 'LIMIT', offset, 100)
  offset = offset + 100
  ended = #some < 200
  for i = 1, #some, 2 do
    local kid, score = some[i], some[i + 1]
    if not args.at or tonumber(score) ~= tonumber(args.at) or kid < args.ticket then
      if #out == args.limit or looked == args.look_at then
        ended = false
        break
      end
      looked, last = looked + 1, {score, kid}
      if is_in_all(kid) then
        out[#out + 1] = args.entries > 0 and whole(kid, args.entries) or summary(kid)
      end
    end
  end
end
local more = last and not ended
return '{"tickets":' .. json_list(out)
  .. ',"cursor":' .. (more and cjson.encode(last) or 'null') .. '}'
