"""The OpenAPI description, made from the API's routes and the schemas of its responses.  Pure."""
from __future__ import absolute_import, division, print_function, unicode_literals

from collections import OrderedDict
from typing import Any, Dict, Text  # noqa: F401

from vumi_snappy import __version__
from vumi_snappy.console.api.routes import PREFIX, ROUTES
from vumi_snappy.operations.shapes import SCHEMAS, ref
from vumi_snappy.operations.users import Role

_ABOUT = (
    'The console of vumi-snappy as JSON: what flows, what waits, tickets with their histories, and'
    ' what could not be done, to retry or to drop. Tokens are made by `vumi-snappy make-token`;'
    ' those of the role `operate` may change something. Times are seconds since the epoch (UTC).')
#: The errors of any route, or of some.
_ERRORS = {
    '400': 'The request is invalid.', '401': 'The token is missing or unknown.',
    '403': 'The token may change nothing.', '404': 'It is not there, or not any more.',
    '405': 'There is no such method here.', '413': 'The body is too large.',
    '415': 'The Content-Type is not JSON.',
    '503': 'Redis is not available. Try again later.'}
_HEADERS = {
    '401': {'WWW-Authenticate': 'How to authenticate.'},
    '403': {'WWW-Authenticate': 'What is missing.'},
    '503': {'Retry-After': 'Seconds after which to try again.'}}


def description():
    # type: () -> Dict[Text, Any]
    paths = OrderedDict()  # type: Dict[Text, Any]
    for route in ROUTES:
        paths.setdefault(PREFIX + route.path, OrderedDict())[route.method.lower()] = _operation(
            route)
    return OrderedDict([
        ('openapi', '3.0.3'),
        ('info', OrderedDict([('title', 'vumi-snappy'), ('version', __version__),
                              ('description', _ABOUT), ('license', {'name': 'BSD'})])),
        ('security', [{'token': []}]),
        ('paths', paths),
        ('components', OrderedDict([
            ('securitySchemes', {'token': {'type': 'http', 'scheme': 'bearer'}}),
            ('schemas', SCHEMAS),
            ('responses', OrderedDict((status, _error(status)) for status in sorted(_ERRORS))),
        ]))])


def _operation(route):
    # type: (Any) -> Dict[Text, Any]
    operation = OrderedDict([
        ('operationId', route.name), ('summary', route.summary)])  # type: Dict
    if route.role is None:
        operation['security'] = []
    elif route.role is Role.OPERATE:
        operation['description'] = 'Needs a token of the role `operate`.'
    parameters = [_parameter(each, 'path') for each in route.in_path] + [
        _parameter(each, 'query') for each in route.query]
    if parameters:
        operation['parameters'] = parameters
    if route.body is not None:
        operation['requestBody'] = {
            'required': route.body_required, 'content': _json(route.body.schema)}
    responses = OrderedDict([('200', {
        'description': 'Done.' if route.method != 'GET' else 'What was asked for.',
        'content': _json(ref(route.response) if route.response else {'type': 'object'})})
    ])  # type: Dict[Text, Any]
    if route.leads_to:
        responses['200']['links'] = OrderedDict((name, {
            'operationId': name, 'parameters': {parameter: '$response.body#%s' % (where,)}})
            for name, parameter, where in route.leads_to)
    for status in _statuses(route):
        responses[status] = {'$ref': '#/components/responses/%s' % (status,)}
    operation['responses'] = responses
    return operation


def _statuses(route):
    # type: (Any) -> Any
    return sorted(
        ['400', '405', '503'] + ['401'] * (route.role is not None)
        + ['403'] * (route.role is Role.OPERATE) + ['404'] * route.can_miss
        + ['413', '415'] * (route.body is not None))


def _parameter(parameter, place):
    # type: (Any, Text) -> Dict[Text, Any]
    return OrderedDict([
        ('name', parameter.name), ('in', place), ('description', parameter.description),
        ('required', parameter.required or place == 'path'), ('schema', parameter.value.schema)])


def _error(status):
    # type: (Text) -> Dict[Text, Any]
    return {'description': _ERRORS[status], 'content': _json(ref('Error')), 'headers': {
        name: {'description': text, 'required': True, 'schema': {'type': 'string'}}
        for name, text in _HEADERS.get(status, {}).items()}}


def _json(schema):
    # type: (Dict[Text, Any]) -> Dict[Text, Any]
    return {'application/json': {'schema': schema}}
