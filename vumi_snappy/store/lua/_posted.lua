-- Shared by the scripts that tell of tickets what the Django bouncer's API does.
-- @needs _history

-- What the Django bouncer's API tells of: 'posted' are its tickets by number, 'posted:<contact_key>'
-- those of a contact.  A ticket's field 'posted' (JSON) is what it knows besides the texts.
local function contact_list(posted)
  return P .. 'posted:' .. cjson.decode(posted).contact_key
end

local function index_posted(kid, posted)
  if posted == '' then return end
  local ticket = P .. 'ticket:' .. kid
  local before = redis.call('HGET', ticket, 'posted')
  if before == posted then return end
  if before then redis.call('ZREM', contact_list(before), kid) end
  redis.call('HSET', ticket, 'posted', posted)
  redis.call('ZADD', P .. 'posted', kid, kid)
  redis.call('ZADD', contact_list(posted), kid, kid)
end

-- Texts of a ticket that are told: the last ones.
local MOST_TEXTS = 100

local function texts(kid, letter, count, field)
  local contents = {}
  for n = math.max(1, count - MOST_TEXTS + 1), count do
    local each = content_of(kid, letter .. n)
    contents[#contents + 1] = each and each[field] or ''
  end
  return contents
end

-- Nil where it is none of the API's, or gone.
local function posted_line(kid)
  local ticket = P .. 'ticket:' .. kid
  local t = redis.call('HMGET', ticket, 'posted', 'addr', 'nonce', 'sid', 'opened', 'at', 'messages',
                       'replies')
  if not t[1] then return nil end
  local posted = cjson.decode(t[1])
  return {number = kid, contact_key = posted.contact_key, conversation = posted.conversation,
          from_addr = t[2], nonce = t[3] or '', snappy_id = t[4] or '', opened = t[5],
          at = t[6] or t[5], messages = texts(kid, 'm', tonumber(t[7] or '0'), 'text'),
          replies = texts(kid, 'r', tonumber(t[8] or '0'), 'html')}
end

local function posted_lines(kids)
  local lines = {}
  for _, kid in ipairs(kids) do lines[#lines + 1] = posted_line(kid) end
  return json_list(lines)
end
