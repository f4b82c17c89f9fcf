"""Whether an answer is what the OpenAPI description says that a request is answered with."""
from __future__ import absolute_import, division, print_function, unicode_literals

import re

from jsonschema import Draft4Validator, RefResolver


class Described(object):
    """Checks answers against the `description` (values of JSON)."""

    def __init__(self, description):
        self._all = description
        self._resolver = RefResolver('', description)

    def operation(self, method, path):
        """What is described for a request, or None; `path` is as it was sent."""
        path = path.partition('?')[0]
        for template, operations in self._all['paths'].items():
            if re.match(re.sub(r'\{\w+\}', '[^/]+', template) + r'\Z', path):
                return operations.get(method.lower().replace('head', 'get'))

    def hold(self, name, value):
        """Fail unless `value` is what the schema called `name` says."""
        Draft4Validator({'$ref': '#/components/schemas/%s' % (name,)},
                        resolver=self._resolver).validate(value)

    def check(self, method, path, status, headers, value):
        """Fail unless the request may be answered so; `headers` by their small names, `value` is
        None where there is no body."""
        operation = self.operation(method, path)
        if operation is None:
            assert status in (404, 405), (method, path, status)
            said = self._all['components']['responses']['%d' % (status,)]
        else:
            assert '%d' % (status,) in operation['responses'], (method, path, status)
            said = operation['responses']['%d' % (status,)]
            if '$ref' in said:
                said = self._resolver.resolve(said['$ref'])[1]
        for name in said.get('headers', ()):
            assert name.lower() in headers, (method, path, status, name)
        [(kind, content)] = said['content'].items()
        assert headers['content-type'].split(';')[0] == kind
        if value is not None:
            Draft4Validator(content['schema'], resolver=self._resolver).validate(value)
