-- What the Django bouncer's API tells of the tickets of these numbers.
-- ARGV: now, numbers (JSON list)
-- Returns a JSON list, without those that it does not tell of.
return posted_lines(cjson.decode(ARGV[2]))
