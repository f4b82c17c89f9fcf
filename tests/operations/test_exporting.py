# -*- coding: utf-8 -*-
"""Tickets as CSV: whole, in the old columns, and never a formula."""
from __future__ import absolute_import, division, print_function, unicode_literals

import csv

import pytest
import six
from hypothesis import given
from hypothesis import strategies as st

from vumi_snappy.operations.exporting import COLUMNS, line, row, safe

TICKET = {
    'ticket': '7', 'nonce': 'k3jd82hs7ahq92m1', 'from_addr': '+27820001001',
    'subject': 'Support', 'state': 'settled', 'opened': 1416000000.0, 'at': 1416003600.0,
    'snappy_id': '12', 'tags': ['#card', '@thandi'],
    'messages': [{'text': 'Hello, "you"'}, {'text': 'molweni ña'}],
    'replies': [{'text': 'Hi & bye', 'state': 'failed', 'name': 'Thandi'}]}


def read(data, separator=','):
    # Each Python's own reader wants what that Python calls a str.
    lines = [six.ensure_str(part) for part in data.splitlines(True)]
    return [[six.ensure_text(cell) for cell in cells]
            for cells in csv.reader(lines, delimiter=str(separator))]


def test_a_ticket_is_a_line_with_the_columns_of_the_django_bouncer_first():
    cells = dict(zip(COLUMNS, *read(line(row(TICKET)))))
    assert COLUMNS[:6] == ('unique_id', 'support_nonce', 'Message', 'Response', 'Created At',
                           'Updated At')
    assert cells['unique_id'] == '7' and cells['support_nonce'] == 'k3jd82hs7ahq92m1'
    assert cells['Message'] == 'Hello, "you"\nmolweni ña'
    assert cells['Response'] == 'Hi & bye'
    assert (cells['Created At'], cells['Updated At']) == (
        '2014-11-14 21:20:00', '2014-11-14 22:20:00')
    assert (cells['Undelivered'], cells['Tags'], cells['Last Reply By']) == (
        '1', '#card @thandi', 'Thandi')
    assert cells['From'] == "'+27820001001"


@pytest.mark.parametrize('text', [
    '=1+1', '+1', '-1', '@SUM(A1)', '\t1', '\r1', '\n1', ' =1', '\ufeff=1', '＝1'])
def test_what_a_spreadsheet_would_calculate_is_text(text):
    assert safe(text) == "'" + text


@pytest.mark.parametrize('text, made', [
    ('please help;=cmd|x', "please help;'=cmd|x"), ('a;;+1', "a;;'+1"), ('a\t-1', "a\t'-1"),
    ('a\n@SUM(A1)', "a\n'@SUM(A1)"), ('a; =1', "a; '=1"), ('a;"=1"', "a;\"'=1\""),
    ('\t=1', "'\t'=1"), ('\r=1', "'\r'=1"), ('\n=1', "'\n'=1"),
    ('a;\ufeff=1', "a;\ufeff'=1"), ('a;\xa0＝1', "a;\xa0'＝1"), ('=1;=1', "'=1;'=1")])
def test_so_it_is_where_semicolons_tabs_or_lines_separate(text, made):
    assert safe(text) == made


@pytest.mark.parametrize('text', ['a;b', 'a=1', 'a, =1', 'one;\ntwo', "a;'=1", ';' * 9, ''])
def test_what_is_none_is_left_as_it_is(text):
    assert safe(text) == text


@given(st.sampled_from([';', '\t', ',']),
       st.lists(st.text(alphabet=';\t\n\r" =+-@a1,\''), min_size=1, max_size=4))
def test_no_cell_is_a_formula_whatever_separates(separator, cells):
    for found in read(line(['1'] + cells), separator):
        for cell in found:
            assert not cell.lstrip(' \t\r\n').startswith(('=', '+', '-', '@'))


@given(st.text(alphabet=st.characters(blacklist_categories=['Cs'], blacklist_characters='\0')))
def test_whatever_is_written_can_be_read_again(text):
    assert read(line([text, 'next'])) == [[safe(text), 'next']]
