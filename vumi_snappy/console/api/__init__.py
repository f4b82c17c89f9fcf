"""The console's data as JSON, for programs: ``/api/v1/`` on the console's listener.

`routes` says what there is, in one table from which the server's routes, the checks of what comes
and the OpenAPI description are made, so that none can differ from the others.  The console's site
serves it (`site.Api`), nobody else may call it.
"""
from __future__ import absolute_import, division, print_function, unicode_literals
