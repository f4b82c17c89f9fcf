-- The person of `address` opts 'out' or 'in' again (`action`).
-- others: other spellings of the address, separated by spaces.  who: the operator who does it for them
-- ('': nobody).  person: how the audit trail is to name them.
-- Returns 1 if it was not so before.
-- @takes address action who person others
-- @needs _args _audit _subscriptions
local changed = subscribe(args.address, args.others, args.action)
if changed then
  audit(args.who, args.action == 'in' and 'opted a person in' or 'opted a person out', '', args.person)
end
return changed and 1 or 0
