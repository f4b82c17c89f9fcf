-- Whose the data are.
-- owner: the bridge's name.  claims: the data become its own if they are nobody's yet.  who: the operator
-- who makes them its own whoever's they are ('': nobody).
-- Returns whose they were ('': nobody's).
-- @takes owner claims who
-- @needs _args _audit
local owner = redis.call('GET', P .. 'owner') or ''
if args.who ~= '' or owner == '' and args.claims then redis.call('SET', P .. 'owner', args.owner) end
if owner ~= args.owner then audit(args.who, 'gave the store to another transport_name', '', args.owner) end
return owner
