"""The query of a request: paging, filters, and credentials.

Pure.  Errors: `HttpError`, in the words of django-tastypie 0.11.1 where it has some.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from collections import OrderedDict
from typing import Any, Callable, Dict, List, Optional, Text, Tuple  # noqa: F401

import six
from six.moves.urllib.parse import urlencode

from vumi_snappy.http.forms import read_form
from vumi_snappy.http.responses import HttpError

#: Objects on a page, by default and at most.
_LIMIT, _MOST = 20, 1000
#: Digits of a limit or an offset: Redis takes no larger numbers.
_LONGEST_NUMBER = 12
_LOOKUPS = frozenset([
    'exact', 'iexact', 'contains', 'icontains', 'in', 'gt', 'gte', 'lt', 'lte', 'startswith',
    'istartswith', 'endswith', 'iendswith', 'range', 'year', 'month', 'day', 'week_day', 'hour',
    'minute', 'second', 'isnull', 'search', 'regex', 'iregex'])
#: How names that the configuration lists may be filtered.
_MATCHES = {
    'exact': lambda value, given: value == given,
    'iexact': lambda value, given: value.lower() == given.lower(),
    'contains': lambda value, given: given in value,
    'icontains': lambda value, given: given.lower() in value.lower(),
    'startswith': lambda value, given: value.startswith(given),
    'istartswith': lambda value, given: value.lower().startswith(given.lower()),
    'endswith': lambda value, given: value.endswith(given),
    'iendswith': lambda value, given: value.lower().endswith(given.lower()),
}  # type: Dict[Text, Callable[[Text, Text], bool]]


class Query(object):
    """The pairs of a query (bytes), in their order; of several values the last one counts."""

    def __init__(self, raw):
        # type: (bytes) -> None
        self.pairs = read_form(raw, errors='replace')
        self._values = dict(self.pairs)

    def get(self, name, default=None):
        # type: (Text, Optional[Text]) -> Optional[Text]
        return self._values.get(name, default)

    def encoded(self, **others):
        # type: (**Any) -> Text
        """The query with those values in place of its own, at its end."""
        pairs = [(name, value) for name, value in self.pairs if name not in others]
        pairs.extend(('%s' % (name,), '%s' % (value,)) for name, value in sorted(others.items()))
        return six.ensure_text(urlencode(
            [(name.encode('utf-8'), value.encode('utf-8')) for name, value in pairs]))


class Paging(object):
    """Which objects of a list are asked for.  Errors: `HttpError`."""

    def __init__(self, query):
        # type: (Query) -> None
        self._query = query
        limit = _number(query, 'limit', _LIMIT, 'a positive integer')
        self.limit = min(limit, _MOST) if limit else _MOST
        self.offset = _number(query, 'offset', 0, 'an integer')

    def envelope(self, path, total, objects):
        # type: (Text, int, List[Any]) -> Dict[Text, Any]
        """The page of the list at `path`, which has `total` objects."""
        before, behind = self.offset - self.limit, self.offset + self.limit
        return {'objects': objects, 'meta': {
            'limit': self.limit, 'offset': self.offset, 'total_count': total,
            'previous': None if before < 0 else self._page(path, before),
            'next': None if behind >= total else self._page(path, behind)}}

    def _page(self, path, offset):
        # type: (Text, int) -> Text
        return '%s?%s' % (path, self._query.encoded(limit=self.limit, offset=offset))


def _number(query, name, default, what):
    # type: (Query, Text, int, Text) -> int
    given = query.get(name)
    if given is None:
        return default
    try:
        number = int(given.strip()[:_LONGEST_NUMBER])
    except ValueError:
        raise HttpError(400, "Invalid %s '%s' provided. Please provide %s." % (name, given, what))
    if number < 0:
        raise HttpError(400, "Invalid %s '%s' provided. Please provide a positive integer >= 0."
                        % (name, given))
    return number


def check_order(query, fields):
    # type: (Query, Any) -> None
    """No order but that by number is served.  Errors: `HttpError`."""
    order = query.get('order_by', query.get('sort_by'))
    if order is None:
        return
    name = order.lstrip('-').partition('__')[0]
    raise HttpError(400, "The '%s' field does not allow ordering." % (name,) if name in fields
                    else "No matching '%s' field for ordering on." % (name,))


def read_filters(query, fields, allowed):
    # type: (Query, Any, Dict[Text, Any]) -> List[Tuple[Text, Text, List[Text]]]
    """The filters of a query: field, kind of look-up, and values (of which only ``in`` has many).

    `fields` are the names of the object's; other names are no filters.  `allowed` has the kinds
    that each field may be filtered by.  Errors: `HttpError`.
    """
    given = OrderedDict()  # type: Dict[Text, List[Text]]
    for name, value in query.pairs:
        given.setdefault(name, []).append(value)
    filters = []
    for name, values in given.items():
        bits = name.split('__')
        field = bits.pop(0)
        if field not in fields:
            continue
        kind = bits.pop() if bits and bits[-1] in _LOOKUPS else 'exact'
        if field not in allowed:
            raise HttpError(400, "The '%s' field does not allow filtering." % (field,))
        if bits:
            raise HttpError(400, "The '%s' field does not support relations." % (field,))
        if kind not in allowed[field]:
            raise HttpError(
                400, "'%s' is not an allowed filter on the '%s' field." % (kind, field))
        filters.append((field, kind, ','.join(values).split(',') if kind == 'in' else values[-1:]))
    return filters


#: Kinds that names may be filtered by, where there are few.
OF_NAMES = frozenset(_MATCHES) | frozenset(['in'])
#: Where there may be a million.
OF_MANY = frozenset(['exact', 'in'])


def matches(value, kind, given):
    # type: (Text, Text, List[Text]) -> bool
    """Whether a `value` passes a filter."""
    return value in given if kind == 'in' else _MATCHES[kind](value, given[0])


def common(filters, field):
    # type: (List[Tuple[Text, Text, List[Text]]], Text) -> Optional[List[Text]]
    """The values of `field` that pass its filters; None where it has none."""
    sets = [set(values) for name, _, values in filters if name == field]
    return sorted(set.intersection(*sets)) if sets else None
