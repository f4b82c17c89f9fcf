-- What the Django bouncer's API tells of the tickets of these `numbers`.
-- Returns a JSON list, without those that it does not tell of.
-- @query
-- @takes numbers
-- @needs _args _posted
return posted_lines(args.numbers)
