"""What browsers bring: a form's fields, and the filters in a page's address.  Pure."""
from __future__ import absolute_import, division, print_function, unicode_literals

import re
from typing import Any, Dict, List, Text, Tuple  # noqa: F401

import six
from six.moves.urllib.parse import urlencode

from vumi_snappy.http.forms import check_form_type, read_form
from vumi_snappy.operations.tickets import TicketFilter  # noqa: F401

_NUMBER = re.compile(r'\A[0-9]{1,9}\Z')
#: Characters of anything that is typed into a filter.
_LONGEST = 200


def form_fields(request):
    # type: (Any) -> Dict[Text, List[Text]]
    """The fields of the form in the body of `request`.  Errors: `BadForm`, `HttpError`."""
    check_form_type(request.getHeader(b'content-type') or b'')
    return _by_name(read_form(request.content.read()))


def query_values(request):
    # type: (Any) -> Dict[Text, List[Text]]
    """The values of each field in the address of `request`.  Errors: `BadForm`."""
    return _by_name(read_form(request.uri.partition(b'?')[2]))


def _by_name(pairs):
    # type: (List[Tuple[Text, Text]]) -> Dict[Text, List[Text]]
    values = {}  # type: Dict[Text, List[Text]]
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return values


def query_fields(request):
    # type: (Any) -> Dict[Text, Text]
    """The last value of each, no longer than anybody types.  Errors: `BadForm`."""
    return {name: values[-1].strip()[:_LONGEST]
            for name, values in query_values(request).items()}


def filter_query(wanted, after=''):
    # type: (TicketFilter, Text) -> Text
    """The query of the page that shows the tickets of a filter, from the cursor `after`."""
    fields = [(name, getattr(wanted, name)) for name in ('state', 'tag', 'since', 'until', 'q')]
    query = urlencode([(name.encode('utf-8'), value.encode('utf-8'))
                       for name, value in fields + [('after', after)] if value])
    return six.ensure_text(query)


def number_of(text, most=1000000):
    # type: (Text, int) -> int
    """A number in a page's address, or 0."""
    return min(int(text), most) if _NUMBER.match(text) else 0
