"""What may be logged of an unexpected exception: its type and its place.

Its own words may quote a customer or a secret.  Whoever logs one uses this.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Text  # noqa: F401

from twisted.python.failure import Failure  # noqa: F401


def fault(failure):
    # type: (Failure) -> Text
    """The type and the place of what `failure` holds."""
    place = ''
    if failure.frames:
        function, path, line = failure.frames[-1][:3]
        place = ' in %s (%s:%d)' % (function, path, line)
    return '%s%s' % (failure.type.__name__, place)
