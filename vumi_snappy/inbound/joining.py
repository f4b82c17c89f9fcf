"""Several messages of a person in one note: how they are joined, and told apart again.  Pure.

The forwarder joins what waits; the look-up finds one message among those that were joined, as when
a fail-over of Redis has lost the others.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import re
import time
from typing import Any, List, Text  # noqa: F401

_HEAD = re.compile(r'(?:^|\r?\n\r?\n)\[\d{4}-\d\d-\d\d \d\d:\d\d UTC\]\r?\n')


def joined_text(messages):
    # type: (Any) -> Text
    """The text of the note that carries `messages`: a single one as it is, several in order,
    each behind its time (UTC)."""
    if len(messages) == 1:
        return messages[0].text
    return '\n\n'.join(
        '[%s UTC]\n%s' % (time.strftime(str('%Y-%m-%d %H:%M'), time.gmtime(message.sent_at)),
                          message.text)
        for message in messages)


def texts_of(note):
    # type: (Text) -> List[Text]
    """The texts of the messages that were joined in `note`; empty where it is none of several."""
    before, texts = _HEAD.split(note)[0], _HEAD.split(note)[1:]
    return texts if not before and len(texts) > 1 else []
