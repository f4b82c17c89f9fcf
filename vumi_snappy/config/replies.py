"""Options of how agents' replies leave."""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Dict, Text  # noqa: F401

from vumi_snappy.config.checking import CheckedConfig
from vumi_snappy.config.fields import (
    ConfigBool, ConfigByTransport, ConfigParsed, ConfigRange, ConfigText, ConfigWhole, as_text,
    is_text, shown)
from vumi_snappy.outbound.reply_rules import LongReply, ReplyRules
from vumi_snappy.outbound.reply_routes import REPLY_TO_WITHIN, ReplyRoutes

#: Parts that an SMS can be made of, as its header counts them.
_MOST_SEGMENTS = 255

#: The fields that the messages on an endpoint may have.
_SENDABLE = {'transport_name', 'transport_type', 'transport_metadata', 'helper_metadata',
             'from_addr', 'from_addr_type', 'to_addr_type', 'provider', 'group'}

#: A year, in seconds.
_LONGEST = 366 * 86400


def _segments(value):
    # type: (Any) -> int
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST_SEGMENTS:
        raise ValueError('must be a whole number from 0 to %d, or such numbers by transport type'
                         % (_MOST_SEGMENTS,))
    return value


def _long_reply(value):
    # type: (Any) -> LongReply
    try:
        return LongReply(as_text(value))
    except ValueError:
        raise ValueError('must be "split" or "refuse", or these by transport type')


def _seconds(value):
    # type: (Any) -> float
    if (isinstance(value, bool) or not isinstance(value, (int, float))
            or not 0 <= value <= _LONGEST):
        raise ValueError('must be a number of seconds from 0 to %d, or such numbers by transport'
                         ' type' % (_LONGEST,))
    return float(value)


def _reply_endpoints(value):
    # type: (Any) -> Dict[Text, Text]
    if not isinstance(value, dict) or not all(
            is_text(name) and is_text(endpoint) and endpoint for name, endpoint in value.items()):
        raise ValueError('must name an endpoint for each transport type')
    return {as_text(name): as_text(endpoint) for name, endpoint in value.items()}


class ReplyOptions(CheckedConfig):
    """Replies: how agents' replies are sent to people."""

    max_reply_segments = ConfigByTransport(
        "The most SMS segments that one message of a reply may have. 0: no limit.", _segments,
        kind='whole number', default=0)
    long_replies = ConfigByTransport(
        "What happens to a longer reply: split (into numbered messages) or refuse (it is not sent,"
        " and the agent is told).", _long_reply, kind='split or refuse', default='split')
    max_reply_parts = ConfigWhole(
        "The most messages that a reply is split into; a longer reply is refused.", 1, 99,
        unit='messages', default=5)
    reply_cut_marker = ConfigText(
        "A line: it and what follows it in a reply is not sent, such as \"--\" above a signature"
        " or quoted text. White space around it is ignored. Empty: all is sent.", default='')
    fold_typography = ConfigBool(
        "Replace typographic quotes, dashes and the like if the reply then fits the GSM alphabet,"
        " in which an SMS holds more than twice as much.", default=False)

    reply_to_within = ConfigByTransport(
        "How long after a person's message a reply is sent as a reply to that message. Later it is"
        " sent as a new message to the person's address.", _seconds, kind='number',
        unit='seconds', default=REPLY_TO_WITHIN)
    reply_endpoints = ConfigParsed(
        "By transport type, another endpoint for replies. They get the fields that send_to has for"
        " it.", _reply_endpoints, kind='mapping', default={})

    ack_timeout = ConfigRange(
        "How long the worker waits for the transport to report on a published reply. After that"
        " the reply is unconfirmed, and its agent is told. 0: for ever.", 0, 30 * 86400,
        unit='seconds', default=86400)
    delivered_notice = ConfigBool(
        "Tell the agent also of delivered replies, by a private note. Needs snappy_staff_id.",
        default=False)

    def _cross_check(self):
        # type: () -> None
        super(ReplyOptions, self)._cross_check()
        self._needs_staff('delivered_notice')
        #: What decides on how a reply leaves.
        self.reply_rules = ReplyRules(
            max_segments=self._valid('max_reply_segments') or {'default': 0},
            long_replies=self._valid('long_replies') or {'default': LongReply.SPLIT},
            max_parts=self._valid('max_reply_parts') or 1,
            fold=bool(self._valid('fold_typography')),
            cut_marker=self._valid('reply_cut_marker') or '',
            routes=ReplyRoutes(
                reply_to_within=self._valid('reply_to_within') or dict(REPLY_TO_WITHIN),
                endpoints=self._valid('reply_endpoints') or {}, send_to=self._send_to()))

    def _send_to(self):
        # type: () -> Dict[Text, Dict[Text, Any]]
        """Vumi's option, with names that Python takes."""
        given = self._valid('send_to') or {}
        unfit = [name for name, fields in given.items()
                 if not isinstance(fields, dict) or set(fields) - _SENDABLE]
        self._check(not unfit, "Field 'send_to' takes for an endpoint: %s. See %s." % (
            ', '.join(sorted(_SENDABLE)), ', '.join(sorted(shown(name) for name in unfit))))
        return {as_text(name): {as_text(key): value for key, value in fields.items()}
                for name, fields in given.items() if name not in unfit}
