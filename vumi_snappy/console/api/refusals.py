"""What the API answers instead of what was asked for: one shape, whatever is wrong.

`Refusal` is raised anywhere on a request's way and answered by the site.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Any, Dict, Optional, Text, Tuple  # noqa: F401

#: The word for each status, for programs; beside it there is a sentence for people.
CODES = {
    400: 'invalid', 401: 'unauthorized', 403: 'forbidden', 404: 'not_found',
    405: 'method_not_allowed', 408: 'timeout', 413: 'too_large', 415: 'unsupported_media_type',
    431: 'too_large', 501: 'not_implemented', 503: 'unavailable'}
#: Characters of a field's name as a stranger wrote it.
_LONGEST = 100


class Refusal(Exception):
    """The `status` to answer with, why in words for who asked, and which `field` is to be mended
    (empty: none alone)."""

    def __init__(self, status, message, field='', headers=()):
        # type: (int, Text, Text, Tuple[Tuple[bytes, bytes], ...]) -> None
        Exception.__init__(self, status, message, field)
        self.status, self.message, self.field, self.headers = status, message, field, headers

    @property
    def body(self):
        # type: () -> Dict[Text, Any]
        """What is answered."""
        return trouble(self.status, self.message, self.field)


def trouble(status, message, field=''):
    # type: (int, Text, Text) -> Dict[Text, Text]
    """The body of every answer that is no 200."""
    told = {'code': CODES.get(status, 'invalid'), 'message': message}
    if field:
        told['field'] = field[:_LONGEST]
    return told
