-- The order of work: whoever has been ready longest goes first, but what can wait is counted as ready this
-- many seconds later than it is. With time everything comes first, so nothing starves (promise 7).
local PENALTY = {open = 0, note = 10, notice = 60, private = 120, tags = 180, status = 180, reply = 0,
                 answer = 0, lookup = 0}

-- A message opens its ticket at Snappy, or is a note on it once that is open.
local function job_kind(job)
  if job.k ~= 'msg' then return job.k end
  if redis.call('HGET', P .. 'ticket:' .. job.t, 'nonce') then return 'note' end
  return 'open'
end

-- The place in the order of a job that is ready at `time`.
local function turn_of(job, time) return num(time + PENALTY[job_kind(job)]) end
