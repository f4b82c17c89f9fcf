"""What of a person's message is kept so that it can be answered, without what goes without saying.

An envelope (see `records.Inbound`) is kept once a person, and most of its fields are nearly always
the same: those are left out of the text that `pack` makes, and put back by `unpack`.  Pure; the
store alone uses it.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import json
from typing import Any, Dict, Text  # noqa: F401


def _plain(from_addr):
    # type: (Text) -> Dict[Text, Any]
    """What each field is where it is not told."""
    return {'from_addr': from_addr, 'endpoint': 'default', 'group': None, 'provider': None,
            'transport_metadata': {}, 'helper_metadata': {}, 'in_session': False,
            'session_over': False}


def pack(envelope, from_addr):
    # type: (Dict[Text, Any], Text) -> Text
    """The text that is kept of the envelope of a message from `from_addr`."""
    plain = _plain(from_addr)
    told = {name: value for name, value in envelope.items()
            if name not in plain or value != plain[name]}
    return json.dumps(told, separators=(str(','), str(':')))


def unpack(text, from_addr):
    # type: (Text, Text) -> Dict[Text, Any]
    """The envelope that was packed as `text`, or kept whole by an older version."""
    envelope = _plain(from_addr)
    envelope.update(json.loads(text))
    return envelope
