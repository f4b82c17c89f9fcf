"""The route of an agent's reply to the person whose ticket it answers.

Owns the rules of one deployment; pure.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Dict, Text  # noqa: F401

import attr

#: Seconds that a message may be replied to as such, by transport type.
REPLY_TO_WITHIN = {'default': 86400.0, 'ussd': 120.0}

#: Fields of a message that only its own transport understands.
_OF_TRANSPORT = ('transport_name', 'transport_type', 'transport_metadata')


@attr.s(frozen=True, slots=True)
class Route(object):
    """`fields` of Vumi's message, to be published on `endpoint`."""

    endpoint = attr.ib()  # type: Text
    fields = attr.ib(repr=False)  # type: Dict[Text, Any]


@attr.s(frozen=True, slots=True)
class ReplyRoutes(object):
    """How replies go out, by the transport type of what they answer.

    `reply_to_within` are seconds, with ``default`` for all other types.  `endpoints` are other
    endpoints than that of the person's message, and `send_to` the fields of messages on an
    endpoint, as Vumi's option of that name.
    """

    reply_to_within = attr.ib(factory=lambda: dict(REPLY_TO_WITHIN))  # type: Dict[Text, float]
    endpoints = attr.ib(factory=dict)  # type: Dict[Text, Text]
    send_to = attr.ib(factory=dict)  # type: Dict[Text, Dict[Text, Any]]

    def route(self, last, now):
        # type: (Dict[Text, Any], float) -> Route
        """The route of a reply at `now` to a person whose last message has the envelope `last`."""
        endpoint = self.endpoints.get(last['transport_type'] or '')
        if endpoint is not None:
            return self._other_endpoint(endpoint, last)
        route = self.direct(last)
        if not self._is_fresh(last, now):
            route.fields['in_reply_to'] = None
            if last.get('in_session'):
                # It belongs to a session that is over; the transport could look for that.
                route.fields['transport_metadata'] = {}
        return route

    @staticmethod
    def direct(last):
        # type: (Dict[Text, Any]) -> Route
        """The route of a reply to the message with the envelope `last`."""
        # As Vumi's own reply() does: routers keep what they need in helper_metadata.
        fields = {name: last[name] for name in _OF_TRANSPORT + (
            'group', 'provider', 'helper_metadata')}
        fields.update(to_addr=last['from_addr'], from_addr=last['to_addr'],
                      in_reply_to=last['message_id'])
        return Route(last['endpoint'], fields)

    def _other_endpoint(self, endpoint, last):
        # type: (Text, Dict[Text, Any]) -> Route
        # Without the metadata: they would lead back, as a tag of the dialled short code would.
        fields = {'transport_name': None, 'transport_type': None, 'transport_metadata': {},
                  'helper_metadata': {}, 'from_addr': None}  # type: Dict[Text, Any]
        fields.update(self.send_to.get(endpoint, {}))
        fields.update(to_addr=last['from_addr'], in_reply_to=None)
        return Route(endpoint, fields)

    def _is_fresh(self, last, now):
        if last.get('session_over'):
            return False
        within = self.reply_to_within.get(last['transport_type'] or '',
                                          self.reply_to_within['default'])
        return now - last.get('received_at', now) <= within
