"""Taking over from django-snappy-vumi-bouncer: reading its data, and putting it into our store.

`sources` reads what that bouncer keeps, `tickets` says what a row of it means, `importing` puts
it into the store.  The command line calls them; no worker does.
"""
from __future__ import absolute_import, division, print_function, unicode_literals
