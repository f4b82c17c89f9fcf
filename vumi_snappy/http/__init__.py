"""HTTP: the guarded server with its routes, forms and callers; calls of other systems (`wire`)."""
