-- Snappy answered a call sensibly, whatever the answer was: the breaker may close.  ARGV: now
breaker_success()
return 'done'
