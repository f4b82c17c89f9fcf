-- Snappy answered a call sensibly, whatever the answer was: the breaker may close.
-- @needs _limits
breaker_success()
