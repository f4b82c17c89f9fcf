-- Note in the audit trail what changed nothing else in the store.  ARGV: now, who, what, about, detail
audit(ARGV[2], ARGV[3], ARGV[4], ARGV[5])
return 'done'
