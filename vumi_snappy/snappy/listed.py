"""Parses Snappy's lists as they arrive: some are longer than a response may be.

A mailbox with a thousand waiting tickets is more than a megabyte.  An array is parsed object by
object, and only what is wanted is kept; anything else is parsed when it is whole.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import codecs
import re
from typing import Any, Callable, Dict, List, Text  # noqa: F401

from vumi_snappy.content.foreign_json import object_at
from vumi_snappy.http.call_errors import BadAnswer, CallError, TooLarge  # noqa: F401

#: Bytes of an array, and characters of one object in it.
MOST_LISTED, MOST_OBJECT = 32 * 1024 * 1024, 1024 * 1024

_SPACE = ' \t\r\n'
#: What precedes the first object, and each other; the group is the array's end.
_FIRST = re.compile(r'[ \t\r\n]*\[[ \t\r\n]*(\])?')
_NEXT = re.compile(r'[ \t\r\n]*(?:(\])|,[ \t\r\n]*)')


class Listed(object):
    """Parses one list: of each object `one(raw)` makes a value, which is kept if `wanted(value)`;
    `whole(body)` makes the values of a list that is not an array."""

    def __init__(self, one, whole, wanted):
        # type: (Callable[[Dict[Text, Any]], Any], Callable, Callable[[Any], Any]) -> None
        self._one, self._whole, self._wanted = one, whole, wanted
        self._decoder = codecs.getincrementaldecoder(str('utf-8-sig'))()
        self._text = ''
        self._is_array = None  # type: Any
        self._before = _FIRST
        self._ended = False
        self._kept = []  # type: List[Any]
        self._error = None  # type: Any

    @property
    def most(self):
        # type: () -> int
        """Bytes of the body that it can take; 0 for what must be parsed when it is whole."""
        return 0 if self._is_array is False else MOST_LISTED

    def feed(self, data):
        # type: (bytes) -> None
        """Take the next bytes of the body.  Their errors are raised by `result`."""
        if self._is_array is False or self._error is not None:
            return
        try:
            self._text += self._decoder.decode(data)
            if self._is_array is None and self._text.strip(_SPACE):
                self._is_array = self._text.lstrip(_SPACE).startswith('[')
            if self._is_array:
                self._text = self._text[self._read():]
        except UnicodeDecodeError:
            self._error = BadAnswer('the answer is not a text')
        except CallError as error:
            self._error = error

    def result(self, body):
        # type: (bytes) -> List[Any]
        """The values, now that the body has ended; `body` is what was kept of it."""
        if not self._is_array:
            return [each for each in self._whole(body) if self._wanted(each)]
        if self._error is None and not self._ended:
            self._error = BadAnswer('the answer is not JSON')
        if self._error is not None:
            raise self._error
        return self._kept

    def _read(self):
        # type: () -> int
        """Parse the objects that are whole.  Returns where the rest begins."""
        done = 0
        while not self._ended:
            before = self._before.match(self._text, done)
            if before is None:
                break
            if before.group(1):
                self._ended, done = True, before.end()
                break
            parsed = object_at(self._text, before.end())
            if parsed is None:  # not yet, or never
                break
            raw, done = parsed
            self._before = _NEXT
            value = self._one(raw)
            if self._wanted(value):
                self._kept.append(value)
        if self._ended and self._text[done:].strip(_SPACE):
            raise BadAnswer('the answer goes on behind its end')
        if len(self._text) - done > MOST_OBJECT:
            raise TooLarge('an object of the answer is larger than %d characters' % (MOST_OBJECT,))
        return done
