"""The description is of what the server does: every route of it, and nothing else."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
import re

import jsonschema
import pytest
import pytest_twisted

from tests.console.api.conftest import described
from vumi_snappy.console.api.calls import Calls
from vumi_snappy.console.api.description import description
from vumi_snappy.console.api.routes import ROUTES
from vumi_snappy.console.api.site import Api
from vumi_snappy.http.callers import Callers
from vumi_snappy.operations.operations import Operations
from vumi_snappy.operations.shapes import SCHEMAS


def operations():
    return {(method.upper(), path): operation
            for path, methods in description()['paths'].items()
            for method, operation in methods.items()}


def test_each_route_of_the_server_is_described_and_nothing_else():
    app = Api(None, Operations(None), {}, Callers(), '').resource().app
    served = {(method, re.sub(r'<(\w+)>', r'{\1}', rule.rule))
              for rule in app.url_map.iter_rules() for method in rule.methods - {'HEAD'}}
    assert served == set(operations())


@pytest_twisted.inlineCallbacks
def test_what_is_served_is_the_description_itself(program):
    served = yield program.get('/openapi.json')
    assert served.json == json.loads(json.dumps(description()))


def test_each_operation_has_a_name_of_its_own_and_somebody_who_does_it():
    names = [operation['operationId'] for operation in operations().values()]
    assert len(set(names)) == len(names) == len(ROUTES)
    assert all(callable(getattr(Calls, name)) for name in names)


def test_each_parameter_of_a_path_is_described():
    for (_, path), operation in operations().items():
        assert set(re.findall(r'\{(\w+)\}', path)) == {
            each['name'] for each in operation.get('parameters', ()) if each['in'] == 'path'}


def test_what_an_answer_leads_to_is_there_and_takes_it():
    named = {operation['operationId']: operation for operation in operations().values()}
    for operation in named.values():
        for link in operation['responses']['200'].get('links', {}).values():
            [(name, where)] = link['parameters'].items()
            assert name in [each['name'] for each in named[link['operationId']]['parameters']]
            assert where.startswith('$response.body#/')


def test_the_schemas_are_schemas_and_each_is_used():
    text = json.dumps(description())
    for name, schema in SCHEMAS.items():
        jsonschema.Draft4Validator.check_schema(schema)
        assert '"#/components/schemas/%s"' % (name,) in text, name
    for name in set(re.findall('"#/components/schemas/([^"]+)"', text)):
        assert name in SCHEMAS


def test_what_needs_a_token_and_who_may_change_something_is_told():
    told = description()
    assert told['security'] == [{'token': []}]
    assert told['components']['securitySchemes']['token']['scheme'] == 'bearer'
    for route in ROUTES:
        operation = operations()[route.method, '/api/v1' + route.path]
        assert ('401' in operation['responses']) == (operation.get('security') != [])
        assert ('403' in operation['responses']) == ('`operate`' in operation.get(
            'description', '')) == (route.method != 'GET')


def test_an_answer_that_is_not_as_described_is_noticed():
    headers = {'content-type': 'application/json; charset=utf-8'}
    described.check('GET', '/api/v1/tags', 200, headers, {'tags': []})
    for path, status, value in [
            ('/api/v1/tags', 200, {'tags': [{'tag': 'x'}]}), ('/api/v1/tags', 200, {}),
            ('/api/v1/tags', 200, {'tags': [], 'more': 1}), ('/api/v1/tags', 418, {}),
            ('/api/v1/tags', 500, {}), ('/api/v1/nothing', 200, {}),
            ('/api/v1/tags', 503, {'code': 'unavailable', 'message': 'away'})]:
        with pytest.raises((AssertionError, jsonschema.ValidationError)):
            described.check('GET', path, status, headers, value)
    with pytest.raises(AssertionError):
        described.check('GET', '/api/v1/tags', 200, {'content-type': 'text/html'}, {'tags': []})
