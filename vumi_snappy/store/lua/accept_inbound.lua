-- Store inbound messages, each with its ticket, its history, its job and what it is answered with,
-- once, in their order.
-- ARGV: now, new_ticket_after (seconds), remember (seconds); then, for each message, what `accept` takes:
--       named and spelled are threads (see thread_of), others further spellings of the number; apart is what
--       else the contact address tells apart, use see new_ticket_or_note, opt 'out', 'in' or ''; lookup is the
--       URL of further extras (or ''); envelope, answers (or '') and posted (or '') are JSON.
-- Returns JSON, for each message: {'stored', ticket or '', the lanes that have new work}, {'duplicate', ticket
--       or ''}, {'failed', why} or {'held'}: one of the same person before it has failed.
-- @positions intake-echo growth
-- @needs _failover _history _lanes _lists _new_answers _new_ticket_or_note _people _posted _seen
-- @needs _subscriptions _tallies
local FIELDS = 20
local new_ticket_after, remember = tonumber(ARGV[2]), ARGV[3]

local function accept(named, spelled, addr, others, endpoint, transport_type, name, apart, id, content,
                      sent_at, subject, contact, envelope, extras, use, opt, answers, lookup, posted)
  local before = stored_before(named, spelled, id)
  if before then return {'duplicate', before} end

  local tid, had = thread_of(named, spelled)
  local kid, fresh = new_ticket_or_note(use, had[1], had[2], new_ticket_after)
  if fresh then
    kid = tostring(redis.call('INCR', P .. 'last_ticket'))
    redis.call('HSET', P .. 'ticket:' .. kid, 'tid', tid, 'addr', addr,
               'subject', subject, 'contact', contact, 'opened', num(now))
    if had[1] then add_older_ticket(tid, had[1]) end
  end
  if fresh or not kid then index_channel(tid, addr, endpoint, transport_type, name, apart) end
  local lanes = ''
  if kid then
    local ticket = P .. 'ticket:' .. kid
    keep_envelope(tid, envelope, 'ticket', kid, 'at', num(now))
    local n = redis.call('HINCRBY', ticket, 'messages', 1)
    redis.call('HSET', ticket, 'at', num(now), 'ms' .. n, 'stored')
    saw(kid, fresh)
    index_posted(kid, posted)
    keep_content(kid, 'stored', 'm' .. n, '', id, sent_at, content)
    push('s', tid, {k = 'msg', t = kid, m = n, over = may_be_known(sent_at)})
    lanes = 's'
    if fresh and lookup ~= '' then
      push('x', tid, {k = 'lookup', t = kid, url = lookup, text = extras})
      lanes = 'sx'
    elseif fresh and extras ~= '' then
      push('s', tid, {k = 'private', t = kid, text = extras})
    end
  end

  local changed = opt ~= '' and subscribe(addr, others, opt)
  if changed then history(kid, 'opted ' .. opt) end
  if answers ~= '' then
    local answered = store_answers(
      cjson.decode(answers),
      {tid = tid, kid = kid, addr = addr, envelope = envelope, keep = remember, sent_at = sent_at},
      fresh, changed, has_opted_out(addr, others))
    if answered > 0 then lanes = lanes .. 'b' end
  end
  -- Last: what fails on the way is not taken for stored when it comes again.
  remember_id('seen:m', message_name(named, id), kid or '', tonumber(remember))
  return {'stored', kid or '', lanes}
end

local outcomes, failed, stored = {}, {}, 0
for first = 4, #ARGV, FIELDS do
  local tid, worked, outcome = ARGV[first], true, {'held'}
  if not failed[tid] then worked, outcome = pcall(accept, unpack(ARGV, first, first + FIELDS - 1)) end
  if not worked then
    failed[tid], outcome = true, {'failed', item_error(outcome)}
  elseif outcome[1] == 'stored' then
    stored = stored + 1
  end
  outcomes[#outcomes + 1] = outcome
end
if stored > 0 then tally('received', stored) end
return cjson.encode(outcomes)
