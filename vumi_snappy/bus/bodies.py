"""Turns the body of an AMQP message into a Vumi message, or says which field is wrong.

Vumi's own `from_json` ends the consumer on a body that is not JSON or lacks a field, lets any type
through, and turns *every* string that looks like a date into a `datetime`: a person who texts
"2014-01-01 10:00:00" would arrive as one.  Here only the `timestamp` field becomes a `datetime`,
and a body either fits what the handlers rely on or raises `Malformed`.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from datetime import datetime  # noqa: F401
from typing import Any, Callable, Dict, Optional, Text, Type  # noqa: F401

import six

from vumi_snappy.bus.errors import Malformed
from vumi_snappy.content import foreign_json
from vumi_snappy.vumi.message import (
    InvalidMessageField, Message, MissingMessageField, TransportEvent, TransportUserMessage,
    parse_vumi_date)

#: Names that Vumi's message constructor keeps for itself; as fields they cannot be represented.
RESERVED = ('self', '_process_fields')

#: Fields that have one of few values.
_NAMED = ('session_event', 'event_type', 'delivery_status')

#: The first year that Vumi can write out again (Python 2's strftime).
FIRST_YEAR = 1900


def _text(value):
    # type: (Any) -> Text
    """A text, also where it was written as a whole number, as some do with phone numbers."""
    if isinstance(value, six.integer_types) and not isinstance(value, bool):
        return '%d' % (value,)
    if not isinstance(value, six.text_type):
        raise ValueError
    return value


def _identifier(value):
    # type: (Any) -> Text
    if not _text(value):
        raise ValueError
    return _text(value)


def _text_or_null(value):
    # type: (Any) -> Optional[Text]
    return None if value is None else _text(value)


def _name(value):
    # type: (Any) -> Optional[Text]
    if not isinstance(value, (six.text_type, type(None))):
        raise ValueError
    return value


def _object(value):
    # type: (Any) -> Dict[Text, Any]
    """An object; null is an empty one: Vumi's class takes it, and middlewares would fail on it."""
    if not isinstance(value, (dict, type(None))):
        raise ValueError
    return value or {}


def _any_object(value):
    # type: (Any) -> Dict[Text, Any]
    return value if isinstance(value, dict) else {}


#: How the fields are read on whose types handlers rely: what each class must have, its own checks
#: tell.  Of an event no more is needed than Vumi's own class checks.
READ = {
    TransportUserMessage: {
        'message_id': _identifier, 'from_addr': _text, 'to_addr': _text_or_null,
        'content': _text_or_null, 'transport_name': _name, 'transport_type': _name,
        'transport_metadata': _object, 'helper_metadata': _object, 'routing_metadata': _object},
    TransportEvent: {'helper_metadata': _any_object, 'routing_metadata': _any_object},
}  # type: Dict[Any, Dict[Text, Callable[[Any], Any]]]


def parse(message_class, body):
    # type: (Type[Message], bytes) -> Message
    """The Vumi message in `body` (UTF-8 JSON).  Raises `Malformed`, naming the field."""
    fields = _json_object(body)
    for name in RESERVED:
        if name in fields:
            raise Malformed('a field is called %s' % (name,))
    for name, read in sorted(READ.get(message_class, {}).items()):
        if name in fields:
            fields[name] = _read(name, read, fields[name])
    if message_class is TransportEvent:
        _tame(fields)
    else:
        if isinstance(fields.get('routing_metadata'), dict):
            _read('routing_metadata.endpoint_name', _name,
                  fields['routing_metadata'].get('endpoint_name'))
        if 'timestamp' in fields:
            fields['timestamp'] = _timestamp(fields['timestamp'])
    return _build(message_class, fields)


def _tame(fields):
    # type: (Dict[Text, Any]) -> None
    """An event is taken for what it says of its message: nothing else of it fails."""
    routing = fields.get('routing_metadata', {})
    if not isinstance(routing.get('endpoint_name'), (six.text_type, type(None))):
        del routing['endpoint_name']
    try:
        fields['timestamp'] = _timestamp(fields['timestamp'])
    except (KeyError, Malformed):
        pass  # where it is missing, the class says so


def _json_object(body):
    # type: (bytes) -> Dict[Text, Any]
    try:
        fields = foreign_json.read(body)
    except foreign_json.BadJson as bad:
        raise Malformed('the body can not be read: %s' % (bad,))
    if not isinstance(fields, dict):
        raise Malformed('the body is not a JSON object')
    return fields


def _read(name, read, value):
    # type: (Text, Callable[[Any], Any], Any) -> Any
    try:
        return read(value)
    except ValueError:
        raise Malformed('the field %s is %s' % (name, _kind(value)))


def _kind(value):
    # type: (Any) -> Text
    if value is None:
        return 'null'
    if value == '':
        return 'empty'
    kinds = ((bool, 'true or false'), (six.text_type, 'text'), (dict, 'an object'),
             (list, 'a list'))
    for kind, words in kinds:
        if isinstance(value, kind):
            return words
    return 'a number'


def _timestamp(value):
    # type: (Any) -> datetime
    try:
        moment = parse_vumi_date(value)
    except (ValueError, TypeError):
        raise Malformed('the field timestamp is not a date as Vumi writes it')
    if moment.year < FIRST_YEAR:
        raise Malformed('the field timestamp is before the year %d' % (FIRST_YEAR,))
    return moment


def _build(message_class, fields):
    # type: (Type[Message], Dict[Text, Any]) -> Message
    arguments = dict(
        (name.encode('utf-8') if six.PY2 else name, value) for name, value in fields.items())
    try:
        return message_class(_process_fields=False, **arguments)
    except MissingMessageField as error:
        raise Malformed('the field %s is missing' % (error,))
    except InvalidMessageField as error:
        # Vumi puts the value into some of these; the first word of the others is the field.
        names = [name for name in _NAMED if name in str(error)]
        raise Malformed('the field %s is not valid' % (names[0] if names else error,))
    except TypeError:
        # Looked up among the values that the class knows, where it can be none of them.
        named = ['the field %s is %s' % (name, _kind(fields[name])) for name in _NAMED
                 if isinstance(fields.get(name), (list, dict))]
        raise Malformed(named[0] if named else 'a field is of another type')
