-- The audit trail: who of the operators changed what.  The newest ten thousand entries are kept.
local function audit(who, what, about, detail)
  if who == '' then return end
  redis.call('LPUSH', P .. 'audit', cjson.encode({
    at = num(now), who = who, what = what, about = about, detail = detail}))
  redis.call('LTRIM', P .. 'audit', 0, 9999)
end
