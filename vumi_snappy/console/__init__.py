"""The console: the operator's own pages, on a listener of their own.

Plain pages rendered here, with a little script, from what the store tells; every change goes
through the store, which keeps an audit trail.  The worker builds it (`console.site`), nobody else
may call it.
"""
from __future__ import absolute_import, division, print_function, unicode_literals
