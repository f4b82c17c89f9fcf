"""How queued work is run: the loops that lease it from the store, and the housekeeping."""
