"""What of a person's message is kept so that it can be answered, without what goes without saying.

Most fields of an envelope (see `records.Inbound`) are nearly always the same: `pack` leaves those
out, `unpack` puts them back.  Pure; the store alone uses it.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
from typing import Any, Dict, Text  # noqa: F401


def _plain(from_addr):
    # type: (Text) -> Dict[Text, Any]
    """What each field is where it is not kept."""
    return {'from_addr': from_addr, 'endpoint': 'default', 'group': None, 'provider': None,
            'transport_metadata': {}, 'helper_metadata': {}, 'in_session': False,
            'session_over': False}


def pack(envelope, from_addr):
    # type: (Dict[Text, Any], Text) -> Text
    """The text that is kept of the envelope of a message from `from_addr`."""
    plain = _plain(from_addr)
    fields = {name: value for name, value in envelope.items()
              if name not in plain or value != plain[name]}
    return json.dumps(fields, separators=(str(','), str(':')))


def unpack(text, from_addr):
    # type: (Text, Text) -> Dict[Text, Any]
    """The envelope that was packed as `text`."""
    envelope = _plain(from_addr)
    envelope.update(json.loads(text))
    return envelope
