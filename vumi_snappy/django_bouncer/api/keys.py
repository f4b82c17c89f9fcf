"""API keys, as django-tastypie's ApiKeyAuthentication takes them.

They come as ``Authorization: ApiKey name:key``, or in the query as ``username`` and ``api_key``;
a header of that kind is all that counts.  Pure.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import hmac
from typing import Any, Dict, Sequence, Text  # noqa: F401

_KIND = b'apikey '


class ApiKeys(object):
    """The `users`: names, each with its keys (one, or two while they are changed)."""

    def __init__(self, users):
        # type: (Dict[Text, Sequence[Text]]) -> None
        self._users = [(name.encode('utf-8'), key.encode('utf-8'))
                       for name, keys in users.items() for key in keys]

    def knows(self, authorization, query):
        # type: (bytes, Any) -> bool
        """Whether a request with this header (empty: none) and this `Query` has a user's key."""
        if authorization[:len(_KIND)].lower() == _KIND:
            name, _, key = authorization[len(_KIND):].strip().partition(b':')
        else:
            name = (query.get('username') or '').encode('utf-8')
            key = (query.get('api_key') or '').encode('utf-8')
        # All are compared, each in constant time: how long it takes tells nothing.
        matching = [(hmac.compare_digest(user, name), hmac.compare_digest(user_key, key))
                    for user, user_key in self._users]
        return (True, True) in matching
