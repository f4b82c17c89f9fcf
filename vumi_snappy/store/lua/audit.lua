-- Note in the audit trail what changed nothing else in the store.
-- who: the operator.  what: they did.  about: what.  detail: in which way, or why.
-- @takes who what about detail
-- @needs _args _audit
audit(args.who, args.what, args.about, args.detail)
