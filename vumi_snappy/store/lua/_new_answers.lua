-- Shared by the scripts that decide which of the worker's own answers a person is given.
-- @needs _clock _failover _history _lanes _lists _seen

-- Automatic answers that one person is given within an hour, at most: a robot that takes each of
-- them for a question would else be answered for ever.
local MOST_AN_HOUR = 3

-- Whether an automatic answer may go now; if so, that it does is remembered.
local function may_tell(tid, kind, every)
  local key = P .. 'told:' .. tid
  local given = as_table(redis.call('HGETALL', key))
  if given[kind] and steady() - tonumber(given[kind]) < every then return false end
  local hour, count = tonumber(given.hour or '0'), tonumber(given.count or '0')
  if steady() - hour >= 3600 then hour, count = steady(), 0 end
  if count >= MOST_AN_HOUR then return false end
  redis.call('HSET', key, kind, num(steady()), 'hour', num(hour), 'count', count + 1)
  local keep = math.max(every, 3600, redis.call('TTL', key))
  redis.call('EXPIRE', key, math.ceil(keep))
  return true
end

-- `to` is the message that is answered: tid, kid (or nil), addr, envelope, keep (seconds).
local function store_answer(answer, to)
  local key, n = P .. 'answer:' .. answer.id, nil
  -- It left before a fail-over by which it was lost, and its message has come again.
  local out = recall_id('out', answer.id)
  redis.call('HSET', key, 'kind', answer.kind, 'text', answer.text, 'event', answer.event,
             'envelope', to.envelope, 'tid', to.tid, 'addr', to.addr, 't', to.kid or '',
             'at', num(now), 'since', num(steady()), 'state',
             out and 'published' or 'stored', 'keep', to.keep,
             'good_for', answer.good_for)
  if to.kid then
    n = redis.call('HINCRBY', P .. 'ticket:' .. to.kid, 'answers', 1)
    redis.call('HSET', P .. 'ticket:' .. to.kid, 'a' .. n, answer.id)
    redis.call('HSET', key, 'n', n)
    history(to.kid, 'answer stored', 'a' .. n, answer.kind)
  else
    list_answer(to.tid, answer.id, to.keep)
    if out then redis.call('EXPIRE', key, to.keep) end
  end
  if out then return end
  push('b', to.tid, {k = 'answer', a = answer.id, n = n, t = to.kid, over = may_be_known(to.sent_at)})
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
