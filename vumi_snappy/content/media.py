"""Media in the metadata of a message, as lines for the agent.

Each transport has its own form.  Found are: an object with a `type` (WhatsApp's, Messenger's), one
under the name of a kind of medium (``image``, ``voice``, ``attachments``), and addresses as MMS
gateways have them (``MediaUrl0``).  A line has the kind, name, type and address, or the id where
there is no address.  Anybody may have written the metadata: what is searched and shown is bounded,
and a line stays one line.  Pure.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import re
from typing import Any, Dict, List, Optional, Text, Tuple  # noqa: F401

#: Of a message: media that are shown, values that are searched, and how deep.
_MOST, _SEARCHED, _DEPTH = 10, 500, 8
#: Characters of an address, and of any other detail.
_LONGEST_ADDRESS, _LONGEST = 500, 100

_WORDS = {
    'image': 'picture', 'picture': 'picture', 'photo': 'picture', 'sticker': 'sticker',
    'audio': 'sound', 'voice': 'voice message', 'ptt': 'voice message', 'video': 'video',
    'document': 'document', 'file': 'file', 'attachment': 'attachment', 'media': 'attachment',
    'location': 'place', 'contact': 'contact'}
#: Kinds that only a `type` names: keys of these names mean other things, too.
_BY_TYPE_ALONE = ('file', 'location', 'contact')
_NUMBERED_URL = re.compile(r'media_?url_?([0-9]*)\Z', re.IGNORECASE)
_URL = re.compile(r'https?://[!-~]+\Z')
_NAMES = ('filename', 'file_name', 'name', 'title', 'formatted_name')
_TYPES = ('mime_type', 'mimetype', 'content_type', 'contenttype')
_ADDRESSES = ('link', 'url', 'href', 'media_url', 'file_url')
_PLACE = ('address', 'latitude', 'longitude')
_IDS = ('id', 'file_id', 'media_id')


def media_in(metadata):
    # type: (Any) -> List[Text]
    """A line such as ``[picture: beach.jpg, image/jpeg, https://...]`` for each medium."""
    search = _Search()
    search.value(metadata, 0)
    return ['[%s]' % (each,) for each in search.lines]


class _Search(object):

    def __init__(self):
        # type: () -> None
        self.lines = []  # type: List[Text]
        self._left = _SEARCHED

    def value(self, value, depth):
        # type: (Any, int) -> None
        """Search a value of JSON."""
        if isinstance(value, dict) and depth < _DEPTH:
            kind = _kind(value.get('type'))
            if kind:
                self._add(kind, _details(value, value['type']))
                return
            for key in sorted(value):
                self._field(key, value, depth)
        elif isinstance(value, list) and depth < _DEPTH:
            for each in value[:_SEARCHED]:
                self.value(each, depth + 1)

    def _field(self, key, parent, depth):
        # type: (Text, Dict[Text, Any], int) -> None
        self._left -= 1
        if self._left < 0:
            return
        value, kind, numbered = parent[key], _kind(key), _NUMBERED_URL.match(key)
        if numbered and _is_url(value):
            type_ = parent.get('MediaContentType' + numbered.group(1))
            self._add('attachment', {'url': value, 'content_type': type_})
        elif kind and key.lower().rstrip('s') not in _BY_TYPE_ALONE and value:
            # Several sizes, or several media, each of which may name its own kind.
            several = value if isinstance(value, list) else [value]
            for each in several[:_MOST]:
                if isinstance(each, dict):
                    self._add(_kind(each.get('type')) or kind, _details(each, each.get('type')))
                elif _is_url(each):
                    self._add(kind, {'url': each})
        else:
            self.value(value, depth + 1)

    def _add(self, kind, details):
        # type: (Text, Dict[Text, Any]) -> None
        parts = [_first(details, _NAMES), _first(details, _TYPES)]
        parts += [_shown(details.get(name)) for name in _PLACE]
        address = next((details[name] for name in _ADDRESSES if _is_url(details.get(name))), '')
        parts.append(address or _first(details, _IDS))
        shown = ', '.join(part for part in parts if part)
        line = '%s: %s' % (kind, shown) if shown else kind
        if len(self.lines) < _MOST and line not in self.lines:
            self.lines.append(line)


def _kind(word):
    # type: (Any) -> Text
    """The kind of medium that a word names, as shown to the agent; empty where it names none."""
    return _WORDS.get(word.lower().rstrip('s'), '') if isinstance(word, Text) else ''


def _details(value, kind):
    # type: (Dict[Text, Any], Any) -> Dict[Text, Any]
    """A medium's details: they are in what its kind names, in the payload, or beside the type."""
    for name in (kind, 'payload'):
        inner = value.get(name) if isinstance(name, Text) else None
        if isinstance(inner, list) and inner:
            inner = inner[0]
        if isinstance(inner, dict):
            return inner
    return {name: each for name, each in value.items() if name != 'type'}


def _is_url(value):
    # type: (Any) -> bool
    return isinstance(value, Text) and len(value) <= _LONGEST_ADDRESS and bool(_URL.match(value))


def _first(details, names):
    # type: (Dict[Text, Any], Tuple[Text, ...]) -> Text
    return next((_shown(details[name]) for name in names if _shown(details.get(name))), '')


def _shown(value):
    # type: (Any) -> Text
    """A text or number as part of a line; empty for anything else."""
    if isinstance(value, bool) or not (
            isinstance(value, (Text, float)) or hasattr(value, 'bit_length')):
        return ''
    text = ' '.join(re.sub('[\x00-\x1f\x7f-\x9f]', ' ', '%s' % (value,)).split())
    return text if len(text) <= _LONGEST else text[:_LONGEST] + ' ...'
