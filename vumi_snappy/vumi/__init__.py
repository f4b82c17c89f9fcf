"""What of Vumi the rest of the package uses: the one place that chooses where it is from.

Vumi exists for Python 2.7 alone, and there it is Vumi's own.  On Python 3 it is `own`: written for
this package from what Vumi does, and held against the real one by tests on 2.7.  Both speak the
same words on the bus and to an operator.  Publishers (`publisher`) are ours on both.
"""
from __future__ import absolute_import, division, print_function, unicode_literals
