"""Forms are read as browsers and Snappy write them; what is no form in UTF-8 is none."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
from hypothesis import example, given, strategies as st

from vumi_snappy.http.forms import BadForm, read_form

try:
    from urllib.parse import unquote_to_bytes
except ImportError:  # Python 2
    from urllib import unquote as unquote_to_bytes


@given(st.lists(st.sampled_from([
    b'%', b'%4', b'%41', b'%c3%a9', b'%C3%A9', b'%0A', b'%0d', b'%3D', b'%3d3D', b'%253D', b'%%',
    b'%zz', b'%00', b'=', b'==', b'=41', b'= ', b'_', b'\n', b'\r\n', b'=\n', b'a', b' ', b'\t',
    b'\x00', b'\xc3\xa9', b'.']), max_size=12).map(b''.join))
@example(raw=b'%aa')  # a "%" and two letters are an escape, of a byte that alone is no UTF-8
@example(raw=b'%%aa')
@example(raw=b'%c3%')
def test_escapes_are_read_as_the_standard_library_reads_them(raw):
    try:
        text = unquote_to_bytes(raw).decode('utf-8')
    except UnicodeDecodeError:
        with pytest.raises(BadForm) as caught:
            read_form(b'x=' + raw)
        assert '%s' % (caught.value,) == 'the form is not UTF-8'
    else:
        assert read_form(b'x=' + raw) == [('x', text)]


def test_pairs_keep_their_order_and_their_repeats():
    assert read_form(b'a=1&&b&a=%26+%3D;c=2&=x') == [
        ('a', '1'), ('b', ''), ('a', '& =;c=2'), ('', 'x')]


@pytest.mark.parametrize('encoded, why', [
    (b'a=%ff', 'not UTF-8'), (b'\xff=a', 'not UTF-8'), (b'a=%ED%A0%80', 'not UTF-8'),
    (b'a&b&c&d', 'more than 3 fields')])
def test_what_is_no_form_is_told_without_quoting_it(encoded, why):
    with pytest.raises(BadForm) as caught:
        read_form(encoded, most=3)
    assert why in '%s' % (caught.value,)
