"""The OpenAPI description, made from the API's routes and the schemas of its answers.  Pure."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from collections import OrderedDict
from typing import Any, Dict, Text  # noqa: F401

from vumi_snappy import __version__
from vumi_snappy.console.api.routes import PREFIX, ROUTES
from vumi_snappy.console.api.shapes import SCHEMAS, ref
from vumi_snappy.console.users import Role

_SAID = (
    'The console of vumi-snappy as JSON: what flows, what waits, tickets with their histories, and'
    ' what could not be done, to retry or to drop. Tokens are made by `vumi-snappy make-token`;'
    ' those of the role `operate` may change something. Times are seconds since the epoch (UTC).')
#: What can be answered instead, by any route or by some.
_TROUBLES = {
    '400': 'What was sent can not be understood.', '401': 'There is no token, or a wrong one.',
    '403': 'The token may change nothing.', '404': 'It is not there, or not any more.',
    '405': 'There is no such method here.', '413': 'The body is too large.',
    '415': 'The body is not said to be JSON.',
    '503': 'Redis is away. The same may be asked again in a while.'}
_HEADERS = {
    '401': {'WWW-Authenticate': 'How to be let in.'},
    '403': {'WWW-Authenticate': 'What is missing.'},
    '503': {'Retry-After': 'Seconds after which to ask again.'}}


def description():
    # type: () -> Dict[Text, Any]
    """The description, as values of JSON."""
    paths = OrderedDict()  # type: Dict[Text, Any]
    for route in ROUTES:
        paths.setdefault(PREFIX + route.path, OrderedDict())[route.method.lower()] = _operation(
            route)
    return OrderedDict([
        ('openapi', '3.0.3'),
        ('info', OrderedDict([('title', 'vumi-snappy'), ('version', __version__),
                              ('description', _SAID), ('license', {'name': 'BSD'})])),
        ('security', [{'token': []}]),
        ('paths', paths),
        ('components', OrderedDict([
            ('securitySchemes', {'token': {'type': 'http', 'scheme': 'bearer'}}),
            ('schemas', SCHEMAS),
            ('responses', OrderedDict((status, _trouble(status)) for status in sorted(_TROUBLES))),
        ]))])


def _operation(route):
    # type: (Any) -> Dict[Text, Any]
    told = OrderedDict([('operationId', route.name), ('summary', route.said)])  # type: Dict
    if route.role is None:
        told['security'] = []
    elif route.role is Role.OPERATE:
        told['description'] = 'Needs a token of the role `operate`.'
    parameters = [_parameter(each, 'path') for each in route.inside] + [
        _parameter(each, 'query') for each in route.query]
    if parameters:
        told['parameters'] = parameters
    if route.body is not None:
        told['requestBody'] = {'required': route.body_needed, 'content': _json(route.body.schema)}
    answer = ref(route.answer) if route.answer else {'type': 'object'}
    responses = OrderedDict([('200', {'description': 'Done.' if route.method != 'GET' else 'It.',
                                      'content': _json(answer)})])  # type: Dict[Text, Any]
    if route.leads_to:
        responses['200']['links'] = OrderedDict((name, {
            'operationId': name, 'parameters': {parameter: '$response.body#%s' % (where,)}})
            for name, parameter, where in route.leads_to)
    for status in _statuses(route):
        responses[status] = {'$ref': '#/components/responses/%s' % (status,)}
    told['responses'] = responses
    return told


def _statuses(route):
    # type: (Any) -> Any
    """The statuses, but for 200, that a route can answer."""
    given = ['400', '405', '503']
    if route.role is not None:
        given.append('401')
    if route.role is Role.OPERATE:
        given.append('403')
    if route.can_miss:
        given.append('404')
    if route.body is not None:
        given.extend(['413', '415'])
    return sorted(given)


def _parameter(parameter, place):
    # type: (Any, Text) -> Dict[Text, Any]
    return OrderedDict([
        ('name', parameter.name), ('in', place), ('description', parameter.said),
        ('required', parameter.needed or place == 'path'), ('schema', parameter.value.schema)])


def _trouble(status):
    # type: (Text) -> Dict[Text, Any]
    told = {'description': _TROUBLES[status], 'content': _json(ref('Error'))}
    headers = _HEADERS.get(status)
    if headers:
        told['headers'] = {name: {'description': said, 'required': True,
                                  'schema': {'type': 'string'}}
                           for name, said in headers.items()}
    return told


def _json(schema):
    # type: (Dict[Text, Any]) -> Dict[Text, Any]
    return {'application/json': {'schema': schema}}
