"""The descriptions of the objects' fields at ``schema/``, in django-tastypie's words.  Pure."""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Dict, Text, Tuple  # noqa: F401

_HELP = {
    'string': 'Unicode string data. Ex: "Hello World"',
    'integer': 'Integer data. Ex: 2673',
    'datetime': 'A date & time as a string. Ex: "2010-11-10T03:07:43"',
    'related': 'A single related resource. Can be either a URI or set of nested resource data.'}
_NONE = 'No default provided.'


def _field(kind, default=_NONE, **others):
    # type: (Text, Text, **bool) -> Dict[Text, Any]
    field = {'type': kind, 'default': default, 'help_text': _HELP[kind], 'blank': False,
             'nullable': False, 'readonly': False, 'unique': False}  # type: Dict[Text, Any]
    field.update(('%s' % (name,), value) for name, value in others.items())
    if kind == 'related':
        field['related_type'] = 'to_one'
    return field


_ALL = {'id': _field('integer', '', blank=True, unique=True),
        'resource_uri': _field('string', readonly=True),
        'created_at': _field('datetime', '', blank=True),
        'updated_at': _field('datetime', '', blank=True)}
_NAMED = dict(_ALL, key=_field('string'), name=_field('string'),
              notes=_field('string', '', nullable=True))

#: The fields of each kind of object.
FIELDS = {
    'useraccount': _NAMED,
    'conversation': dict(_NAMED, user_account=_field('related')),
    'ticket': dict(
        _ALL, contact_key=_field('string'), msisdn=_field('string'),
        conversation=_field('related'), message=_field('string', ''),
        response=_field('string', '', nullable=True),
        support_id=_field('integer', nullable=True),
        support_nonce=_field('string', nullable=True)),
}  # type: Dict[Text, Dict[Text, Dict[Text, Any]]]

#: The methods that each list takes; an object only takes GET.
METHODS = {'useraccount': ('GET',), 'conversation': ('GET',),
           'ticket': ('GET', 'POST')}  # type: Dict[Text, Tuple[Text, ...]]

#: What may be filtered by; 1 is what tastypie calls ALL.
_FILTERING = {'useraccount': ('key',), 'conversation': ('key', 'user_account'),
              'ticket': ('contact_key', 'msisdn', 'user_account')}  # type: Dict[Text, Any]


def schema(resource):
    # type: (Text) -> Dict[Text, Any]
    return {
        'fields': FIELDS[resource], 'default_format': 'application/json', 'default_limit': 20,
        'allowed_list_http_methods': [name.lower() for name in METHODS[resource]],
        'allowed_detail_http_methods': ['get'],
        'filtering': {name: 1 for name in _FILTERING[resource]}}
