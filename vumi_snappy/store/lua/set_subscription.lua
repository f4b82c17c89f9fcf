-- A person opts out, or in again.  ARGV: now, address, 'out' or 'in', who of the operators does it for
--       them ('': nobody), how the audit trail is to name the person
-- Returns 1 if it was not so before.
local changed
if ARGV[3] == 'in' then
  changed = redis.call('HDEL', P .. 'opted_out', ARGV[2])
else
  changed = redis.call('HSETNX', P .. 'opted_out', ARGV[2], num(now))
end
if changed == 1 then
  audit(ARGV[4], ARGV[3] == 'in' and 'opted a person in' or 'opted a person out', '', ARGV[5])
end
return changed
