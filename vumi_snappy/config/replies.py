"""Options of how agents' replies leave."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Any, Dict, Text  # noqa: F401

from vumi.config import ConfigBool, ConfigDict, ConfigText

from vumi_snappy.addressing import REPLY_TO_WITHIN, Routes
from vumi_snappy.config.checking import CheckedConfig
from vumi_snappy.config.fields import ConfigByTransport, ConfigRange, as_text
from vumi_snappy.replies import LongReply, ReplyRules

#: Parts that an SMS can be made of, as its header counts them.
_MOST_SEGMENTS = 255

#: What may be said of the messages on an endpoint.
_SENDABLE = {'transport_name', 'transport_type', 'transport_metadata', 'helper_metadata',
             'from_addr', 'from_addr_type', 'to_addr_type', 'provider', 'group'}
_TEXT = (bytes, type(''))

#: A year, in seconds.
_LONGEST = 366 * 86400


def _segments(value):
    # type: (Any) -> int
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST_SEGMENTS:
        raise ValueError('a whole number from 0 to %d, or such numbers by transport type'
                         % (_MOST_SEGMENTS,))
    return value


def _long_reply(value):
    # type: (Any) -> LongReply
    try:
        return LongReply(as_text(value))
    except ValueError:
        raise ValueError('"split" or "refuse", or these by transport type')


def _seconds(value):
    # type: (Any) -> float
    if (isinstance(value, bool) or not isinstance(value, (int, float))
            or not 0 <= value <= _LONGEST):
        raise ValueError('a number of seconds from 0 to %d, or such numbers by transport type'
                         % (_LONGEST,))
    return float(value)


class ReplyOptions(CheckedConfig):
    """The part of `SnappyBouncerConfig` that is about agents' replies."""

    max_reply_segments = ConfigByTransport(
        "SMS segments that one message of a reply may have, or a dict of such numbers by transport"
        " type. 0: no limit.", _segments, default=0, static=True)
    long_replies = ConfigByTransport(
        "What becomes of a longer reply: split (into numbered messages) or refuse (and tell the"
        " agent), or a dict of these by transport type.", _long_reply, default='split',
        static=True)
    max_reply_parts = ConfigRange(
        "Messages that a reply is split into, at most; a still longer one is refused.", 1, 99,
        default=5, static=True)
    reply_cut_marker = ConfigText(
        "A line from which on a reply is not sent, as \"--\" above a signature or what was said"
        " before. White space around it does not count. Without it, all is sent.", default='',
        static=True)
    fold_typography = ConfigBool(
        "Make typographic quotes, dashes and such plain where a reply then needs no more than"
        " the GSM alphabet, which more than doubles what fits into an SMS.", default=False,
        static=True)

    reply_to_within = ConfigByTransport(
        "Seconds after a person's message in which a reply is sent as a reply to it, and later as"
        " a message of its own to the person's address; or a dict of these by transport type.",
        _seconds, default=REPLY_TO_WITHIN, static=True)
    reply_endpoints = ConfigDict(
        "By transport type, the endpoint that replies to messages of that type are sent to"
        " instead, with the fields that Vumi's option send_to has for it.", default={},
        static=True)

    ack_timeout = ConfigRange(
        "Seconds after which a reply is unconfirmed that is on the bus and of which the transport"
        " has said nothing; its agent is told. 0: never.", 0, 30 * 86400, default=86400,
        static=True)
    delivered_notice = ConfigBool(
        "Tell the agent by a private note of a reply that was delivered, too. Needs"
        " snappy_staff_id.", default=False, static=True)

    def _cross_check(self):
        # type: () -> None
        super(ReplyOptions, self)._cross_check()
        self._check(not self._valid('delivered_notice')
                    or self._known.get('snappy_staff_id') is not None,
                    "Field 'delivered_notice' needs 'snappy_staff_id': a private note is written"
                    " in a staff member's name.")
        parts = self._valid('max_reply_parts')
        self._check(parts is None or parts == int(parts),
                    "Field 'max_reply_parts' must be a whole number.")
        #: What decides on how a reply leaves.
        self.reply_rules = ReplyRules(
            max_segments=self._valid('max_reply_segments') or {'default': 0},
            long_replies=self._valid('long_replies') or {'default': LongReply.SPLIT},
            max_parts=int(parts or 1), fold=bool(self._valid('fold_typography')),
            cut_marker=self._valid('reply_cut_marker') or '',
            routes=Routes(
                reply_to_within=self._valid('reply_to_within') or dict(REPLY_TO_WITHIN),
                endpoints=self._endpoints(), send_to=self._send_to()))

    def _endpoints(self):
        # type: () -> Dict[Text, Text]
        endpoints = {}
        for name, endpoint in (self._valid('reply_endpoints') or {}).items():
            self._check(isinstance(name, _TEXT) and isinstance(endpoint, _TEXT)
                        and bool(endpoint),
                        "Field 'reply_endpoints' must name an endpoint for each transport type.")
            endpoints[as_text(name)] = as_text(endpoint)
        return endpoints

    def _send_to(self):
        # type: () -> Dict[Text, Dict[Text, Any]]
        """Vumi's option, with names that Python takes."""
        given = self._valid('send_to') or {}
        unfit = [name for name, fields in given.items()
                 if not isinstance(fields, dict) or set(fields) - _SENDABLE]
        self._check(not unfit, "Field 'send_to' takes for an endpoint: %s. See %s." % (
            ', '.join(sorted(_SENDABLE)), ', '.join(sorted('%s' % name for name in unfit))))
        return {as_text(name): {as_text(key): value for key, value in fields.items()}
                for name, fields in given.items() if name not in unfit}
