"""Pages, filters and orders are those of django-tastypie, each within its bounds."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vumi_snappy.django_bouncer.api.query import (
    OF_MANY, OF_NAMES, Paging, Query, check_order, common, matches, read_filters)
from vumi_snappy.http.responses import HttpError


@given(st.lists(st.tuples(st.text(min_size=1), st.text()), max_size=5))
def test_a_query_comes_back_as_it_was(pairs):
    query = Query(b'')
    query.pairs = pairs
    assert Query(query.encoded().encode('ascii')).pairs == pairs


@given(st.binary())
def test_any_query_can_be_read(raw):
    query = Query(raw)
    query.encoded(limit=1)
    try:
        Paging(query)
        read_filters(query, ['a', 'msisdn'], {'msisdn': OF_MANY})
    except HttpError:
        pass


def test_of_several_values_the_last_counts():
    query = Query(b'a=1&a=2+%2B&b')
    assert (query.get('a'), query.get('b'), query.get('c', 'd')) == ('2 +', '', 'd')


@pytest.mark.parametrize('query, limit, offset', [
    (b'', 20, 0), (b'limit=0', 1000, 0), (b'limit=9999', 1000, 0), (b'limit=%207&offset=3', 7, 3),
    (b'offset=%s' % (b'9' * 99,), 20, 999999999999)])
def test_a_page_has_bounds(query, limit, offset):
    paging = Paging(Query(query))
    assert (paging.limit, paging.offset) == (limit, offset)


def test_the_first_page_has_none_before_and_the_last_none_behind():
    meta = Paging(Query(b'limit=2&offset=2')).envelope('/x/', 4, [])['meta']
    assert (meta['previous'], meta['next']) == ('/x/?limit=2&offset=0', None)
    meta = Paging(Query(b'limit=2&offset=1')).envelope('/x/', 4, [])['meta']
    assert (meta['previous'], meta['next']) == (None, '/x/?limit=2&offset=3')


def filters(query, allowed=OF_NAMES):
    return read_filters(Query(query), ['id', 'key', 'name'], {'key': allowed})


def test_filters_are_of_fields_that_allow_them():
    assert filters(b'x=1&x__y=2&key=a,b&key__in=c,d&key__in=e') == [
        ('key', 'exact', ['a,b']), ('key', 'in', ['c', 'd', 'e'])]
    for query, told in ((b'name=x', "The 'name' field does not allow filtering."),
                        (b'key__x=1', "The 'key' field does not support relations."),
                        (b'key__regex=1', "'regex' is not an allowed filter on the 'key' field.")):
        with pytest.raises(HttpError) as caught:
            filters(query)
        assert caught.value.message == told
    with pytest.raises(HttpError):
        filters(b'key__contains=1', OF_MANY)


@pytest.mark.parametrize('kind, given', [
    ('exact', 'Line'), ('iexact', 'lINE'), ('contains', 'in'), ('icontains', 'IN'),
    ('startswith', 'Li'), ('istartswith', 'lI'), ('endswith', 'ne'), ('iendswith', 'NE'),
    ('in', 'Line')])
def test_names_are_matched_as_asked(kind, given):
    assert matches('Line', kind, [given])
    assert not matches('Line', kind, ['other'])


def test_several_filters_of_a_field_must_all_pass():
    found = filters(b'key=a&key__in=a,b')
    assert common(found, 'key') == ['a']
    assert common(found, 'name') is None
    assert common(filters(b'key=c&key__in=a,b'), 'key') == []


def test_there_is_one_order():
    check_order(Query(b''), ['id'])
    for query, told in ((b'order_by=-id', "The 'id' field does not allow ordering."),
                        (b'sort_by=id__x', "The 'id' field does not allow ordering."),
                        (b'order_by=x', "No matching 'x' field for ordering on.")):
        with pytest.raises(HttpError) as caught:
            check_order(Query(query), ['id'])
        assert caught.value.message == told
