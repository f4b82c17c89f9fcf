-- Shared by the scripts that decide which of the worker's own answers a person is given.

-- Automatic answers that one person is given within an hour, at most: a robot that takes each of
-- them for a question would else be answered for ever.
local MOST_AN_HOUR = 3

-- Whether an automatic answer may go now; if so, that it does is remembered.
local function may_tell(tid, kind, every)
  local key = P .. 'told:' .. tid
  local told = as_table(redis.call('HGETALL', key))
  if told[kind] and now - tonumber(told[kind]) < every then return false end
  local hour, count = tonumber(told.hour or '0'), tonumber(told.count or '0')
  if now - hour >= 3600 then hour, count = now, 0 end
  if count >= MOST_AN_HOUR then return false end
  redis.call('HSET', key, kind, num(now), 'hour', num(hour), 'count', count + 1)
  local keep = math.max(every, 3600, redis.call('TTL', key))
  redis.call('EXPIRE', key, math.ceil(keep))
  return true
end

-- `to` is the message that is answered: tid, kid (or nil), addr, envelope, keep (seconds).
local function store_answer(answer, to)
  local key, n = P .. 'answer:' .. answer.id, nil
  redis.call('HSET', key, 'kind', answer.kind, 'text', answer.text, 'event', answer.event,
             'envelope', to.envelope, 'tid', to.tid, 'addr', to.addr, 't', to.kid or '',
             'at', num(now), 'state', 'stored', 'keep', to.keep,
             'good_for', answer.good_for)
  if to.kid then
    n = redis.call('HINCRBY', P .. 'ticket:' .. to.kid, 'answers', 1)
    redis.call('HSET', P .. 'ticket:' .. to.kid, 'a' .. n, answer.id)
    redis.call('HSET', key, 'n', n)
    history(to.kid, 'answer stored', 'a' .. n, answer.kind)
  else
    list_answer(to.tid, answer.id, to.keep)
  end
  push('b', to.tid, {k = 'answer', a = answer.id, n = n, t = to.kid})
end

-- Store those of `answers` that apply.  `fresh`: a ticket was opened; `changed`: the person was
-- unsubscribed, or undid it; `opted_out`: is unsubscribed now.  Returns how many there are.
local function store_answers(answers, to, fresh, changed, opted_out)
  local stored = 0
  for _, answer in ipairs(answers) do
    local due = (fresh or not answer.only_new_ticket) and (changed or not answer.only_if_changed)
    if due and answer.automatic then
      due = not opted_out and may_tell(to.tid, answer.kind, answer.once_every)
    end
    if due then
      store_answer(answer, to)
      stored = stored + 1
    end
  end
  return stored
end
