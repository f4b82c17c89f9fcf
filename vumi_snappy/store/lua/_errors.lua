-- Tells errors of Redis as it is now, for which all callers have to wait, from those of the item that the
-- script was called for.  It stands first in every script, outside of the pcall around the rest.
local OF_REDIS = {}
for word in string.gmatch('READONLY OOM NOPERM NOAUTH MISCONF NOREPLICAS LOADING BUSY MASTERDOWN ' ..
                          'CLUSTERDOWN TRYAGAIN MOVED ASK CROSSSLOT DENIED DISABLED', '%u+') do
  OF_REDIS[word] = true
end
-- What an ACL, or a command that was renamed, gives where no such word is failure; and a cluster.
local OF_REDIS_TOO = {'ACL failure', "can't run this command", 'Unknown Redis command', 'unknown command',
                      'access at least one of the keys', 'a non local key in a cluster'}

-- Versions differ: the word stands first, or behind the line of the script.
local function is_of_redis(why)
  local word = string.match(why, '^%-?(%u+) ') or string.match(why, ': %-?(%u+) ')
  if OF_REDIS[word] then return true end
  for _, words in ipairs(OF_REDIS_TOO) do
    if string.find(why, words, 1, true) then return true end
  end
  return false
end

local function error_words(failure)
  return (string.gsub(type(failure) == 'table' and failure.err or tostring(failure), '[\r\n]', ' '))
end

-- Why one item of several failed.  What is not the item's own fault fails the whole call.
local function item_error(failure)
  local why = error_words(failure)
  if is_of_redis(why) then error(why, 0) end
  return why
end
