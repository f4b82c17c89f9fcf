-- Seconds by which Redis's clock was set back, if that was within the last hour, as text.
-- It writes nothing, so that it is told also where nothing can be written.
-- @query
-- @needs _clock
local c = redis.call('HMGET', CLOCK, 'back', 'back_at', 'at')
if not c[1] or tonumber(c[3]) - tonumber(c[2]) > 3600 then return '0' end
return c[1]
