"""The loop guard: who sent a message, a person or another robot?

Two robots that answer each other never end.  An automatic answer is withheld from whatever looks
like one; besides, the store gives each person few of them an hour.  Pure.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import re
from typing import Any, Dict, Iterable, Text  # noqa: F401

from vumi_snappy.inbound.keywords import fold

#: Fields of a message's metadata that say it was sent by a machine: RFC 3834's Auto-Submitted, and
#: what mail systems used before it and bots' platforms since.
_AUTOMATIC = frozenset([
    'autosubmitted', 'xautoresponsesuppress', 'xautoreply', 'xautorespond', 'autoreply',
    'autoresponse', 'automatic', 'isautomatic', 'isbot', 'bot'])
_PRECEDENCE = frozenset(['bulk', 'junk', 'list', 'autoreply'])
_NO = frozenset(['', 'no', 'none', 'false', '0'])
#: Metadata is looked through so deep.
_DEPTH = 4
#: Digits of the shortest number that is somebody's own; shorter ones are services'.
_SHORTEST_NUMBER = 7
#: Shorter texts of ours may be part of what a person says.
_SHORTEST_QUOTE = 20
#: Characters of a message that are looked through for our own words.
_LOOKED_THROUGH = 2000
#: Kinds of transports whose addresses are telephone numbers.
_OF_PHONES = frozenset(['sms', 'mms'])


def robots_sign(fields, own_texts):
    # type: (Dict[Text, Any], Iterable[Text]) -> Text
    """What makes a message look like a robot's, in words; empty where nothing does.

    `fields` are those of a Vumi message, `own_texts` what we ourselves send unasked.
    """
    sender = (fields.get('from_addr') or '').strip()
    if sender == (fields.get('to_addr') or '').strip():
        return 'it comes from our own address'
    if fields.get('transport_type') in _OF_PHONES and not _is_a_phone(sender):
        return 'it does not come from a telephone number'
    for name in ('helper_metadata', 'transport_metadata'):
        if _says_automatic(fields.get(name), _DEPTH):
            return 'its metadata says so'
    text = fold((fields.get('content') or '')[:_LOOKED_THROUGH])
    for own_text in own_texts:
        ours = fold(own_text)
        if ours and (text == ours or len(ours) >= _SHORTEST_QUOTE and ours in text):
            return 'it repeats our own words'
    return ''


def _is_a_phone(address):
    # type: (Text) -> bool
    digits = re.sub(r'[\s+().-]', '', address)
    return digits.isdigit() and len(digits) >= _SHORTEST_NUMBER


def _says_automatic(metadata, depth):
    # type: (Any, int) -> bool
    if not isinstance(metadata, dict) or not depth:
        return False
    for key, value in metadata.items():
        name = re.sub('[^a-z]', '', ('%s' % (key,)).lower())
        if isinstance(value, dict):
            if _says_automatic(value, depth - 1):
                return True
            continue
        word = re.sub('[^a-z0-9]', '', ('%s' % (value,)).lower())
        if name in _AUTOMATIC and word not in _NO or name == 'precedence' and word in _PRECEDENCE:
            return True
    return False
