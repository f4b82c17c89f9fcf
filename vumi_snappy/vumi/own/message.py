"""Vumi's messages: what their classes take, what they refuse, and how they are written.

A message is a dict, `payload`, and a class that says which fields it must have.  A message that is
made here (`_process_fields`) has the fields filled in that all have; one that was read has not.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import copy
import json
import uuid
from datetime import datetime
from typing import Any, Dict, List, Optional, Text, Tuple  # noqa: F401

import six

_DATE = '%Y-%m-%d %H:%M:%S'
_VERSION = '20110921'
_SESSION_EVENTS = frozenset([None, 'new', 'resume', 'close'])
_STATUSES = frozenset(['ok', 'degraded', 'down'])
#: The endpoint of a message that names none.
_DEFAULT_ENDPOINT = 'default'


class InvalidMessageField(Exception):
    """A field has no value that it can have."""


class MissingMessageField(Exception):
    """A field is not there that must be."""


def parse_vumi_date(text):
    # type: (Text) -> datetime
    """A date as Vumi writes it, with or without the fraction of its second.

    Errors: ValueError, TypeError (`text` is none).
    """
    if not isinstance(text, six.string_types):
        raise TypeError('a date is a text')
    text.encode('ascii')
    return datetime.strptime(text, _DATE + ('.%f' if '.' in text else ''))


def format_vumi_date(moment):
    # type: (datetime) -> Text
    """`moment` as Vumi writes it."""
    return moment.strftime(_DATE + '.%f')


class Message(object):
    """Any JSON object."""

    def __init__(self, _process_fields=True, **fields):
        # type: (bool, **Any) -> None
        # Its names are what the Python calls a str, on which they can be passed.
        self.payload = self._filled_in(fields) if _process_fields else fields  # type: Any
        self._validate()

    def _filled_in(self, fields):
        # type: (Dict[Any, Any]) -> Dict[Any, Any]
        """`fields` and those that were not given, for subclasses to extend."""
        return fields

    def _validate(self):
        # type: () -> None
        """For subclasses.  Errors: `MissingMessageField`, `InvalidMessageField`."""

    def _must_have(self, *names):
        # type: (*Text) -> None
        for name in names:
            if name not in self.payload:
                raise MissingMessageField(name)

    @classmethod
    def from_json(cls, body):
        # type: (Any) -> Any
        """The message of this class in `body`; each text in it that looks like a date is one."""
        fields = json.loads(body, object_hook=_with_dates)
        return cls(_process_fields=False, **{
            name.encode('utf-8') if six.PY2 else name: value for name, value in fields.items()})

    def to_json(self):
        # type: () -> bytes
        """The message as JSON, in ASCII."""
        return json.dumps(self.payload, default=_written).encode('ascii')

    def copy(self):
        # type: () -> Any
        """Another of the same fields, which shares no value with this one."""
        return self.__class__(_process_fields=False, **copy.deepcopy(self.payload))

    def get(self, name, default=None):
        # type: (Text, Any) -> Any
        return self.payload.get(name, default)

    def __getitem__(self, name):
        # type: (Text) -> Any
        return self.payload[name]

    def __setitem__(self, name, value):
        # type: (Text, Any) -> None
        self.payload[name] = value

    def __contains__(self, name):
        # type: (Text) -> bool
        return name in self.payload

    def __eq__(self, other):
        # type: (Any) -> bool
        return isinstance(other, Message) and self.payload == other.payload

    def __ne__(self, other):
        # type: (Any) -> bool
        return not self == other

    __hash__ = None  # type: ignore


def _with_dates(fields):
    # type: (Dict[Text, Any]) -> Dict[Text, Any]
    for name, value in fields.items():
        if isinstance(value, six.text_type):
            try:
                fields[name] = parse_vumi_date(value)
            except ValueError:
                pass
    return fields


def _written(value):
    # type: (Any) -> Text
    if isinstance(value, datetime):
        return format_vumi_date(value)
    # Not the value itself, which may be personal.
    raise TypeError('%s is not JSON serializable' % (type(value).__name__,))


class TransportMessage(Message):
    """What all messages of the bus have in common."""

    #: What each class is called in its messages.
    MESSAGE_TYPE = None  # type: Optional[Text]

    def _filled_in(self, fields):
        fields = super(TransportMessage, self)._filled_in(fields)
        fields.setdefault(str('message_version'), _VERSION)
        fields.setdefault(str('message_type'), self.MESSAGE_TYPE)
        fields.setdefault(str('timestamp'), datetime.utcnow())
        fields.setdefault(str('routing_metadata'), {})
        fields.setdefault(str('helper_metadata'), {})
        return fields

    def _validate(self):
        self.payload.setdefault(str('helper_metadata'), {})
        self._must_have('message_version')
        if self.payload['message_version'] != _VERSION:
            raise InvalidMessageField('message_version')
        self._must_have('message_type', 'timestamp')
        if self.payload['message_type'] is None:
            raise InvalidMessageField('message_type')

    def get_routing_endpoint(self):
        # type: () -> Text
        """The name of the endpoint by which it came, or goes."""
        name = self.payload.get('routing_metadata', {}).get('endpoint_name')
        return _DEFAULT_ENDPOINT if name is None else name

    def set_routing_endpoint(self, name=None):
        # type: (Optional[Text]) -> None
        """Let it go by the endpoint `name`."""
        self.payload.setdefault(str('routing_metadata'), {})['endpoint_name'] = (
            _DEFAULT_ENDPOINT if name is None else name)


class TransportUserMessage(TransportMessage):
    """What a person wrote, or is written."""

    MESSAGE_TYPE = 'user_message'

    def _filled_in(self, fields):
        fields = super(TransportUserMessage, self)._filled_in(fields)
        fields.setdefault(str('message_id'), uuid.uuid4().hex)
        fields.setdefault(str('transport_metadata'), {})
        for name in ('in_reply_to', 'session_event', 'content', 'group', 'provider',
                     'from_addr_type', 'to_addr_type'):
            fields.setdefault(str(name), None)
        return fields

    def _validate(self):
        super(TransportUserMessage, self)._validate()
        self._must_have(
            'message_id', 'to_addr', 'from_addr', 'in_reply_to', 'session_event', 'content',
            'transport_name', 'transport_type', 'transport_metadata')
        if self.payload['session_event'] not in _SESSION_EVENTS:
            raise InvalidMessageField('Invalid session_event %r' % (
                self.payload['session_event'],))
        # Fields that Vumi's first messages did not have.
        for name in ('group', 'provider'):
            self.payload.setdefault(str(name), None)


class TransportEvent(TransportMessage):
    """What became of a message: an ack, a nack or a delivery report."""

    MESSAGE_TYPE = 'event'

    #: What each type of event must tell, and what that may be; None: anything but null.
    _TOLD = {
        'ack': ('sent_message_id', None),
        'nack': ('nack_reason', None),
        'delivery_report': ('delivery_status', frozenset(['pending', 'failed', 'delivered'])),
    }  # type: Dict[Text, Tuple[Text, Any]]

    def _filled_in(self, fields):
        fields = super(TransportEvent, self)._filled_in(fields)
        fields.setdefault(str('event_id'), uuid.uuid4().hex)
        return fields

    def _validate(self):
        super(TransportEvent, self)._validate()
        self._must_have('user_message_id', 'event_id', 'event_type')
        event_type = self.payload['event_type']
        if event_type not in self._TOLD:
            raise InvalidMessageField('Unknown event_type %r' % (event_type,))
        name, values = self._TOLD[event_type]
        self._must_have(name)
        value = self.payload[name]
        if value is None or values is not None and value not in values:
            raise InvalidMessageField(name)

    def status(self):
        # type: () -> Text
        """The type, and of a delivery report also what it says."""
        event_type = self.payload['event_type']
        if event_type == 'delivery_report':
            return '%s.%s' % (event_type, self.payload['delivery_status'])
        return event_type


class TransportStatus(TransportMessage):
    """How a part of a transport is."""

    MESSAGE_TYPE = 'status_event'

    def _filled_in(self, fields):
        fields = super(TransportStatus, self)._filled_in(fields)
        fields.setdefault(str('reasons'), [])
        fields.setdefault(str('details'), {})
        return fields

    def _validate(self):
        super(TransportStatus, self)._validate()
        self._must_have('component', 'status', 'type', 'message')
        if self.payload['status'] not in _STATUSES:
            raise InvalidMessageField('Unknown status %r' % (self.payload['status'],))


class FailureMessage(TransportMessage):
    """What could not be handled, and why."""

    MESSAGE_TYPE = 'failure_message'
    FC_PERMANENT = 'permanent'

    def _validate(self):
        super(FailureMessage, self)._validate()
        self._must_have('message', 'failure_code', 'reason')
