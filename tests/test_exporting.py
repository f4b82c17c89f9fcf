# -*- coding: utf-8 -*-
"""Tickets as CSV: whole, in the old columns, and never a formula."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vumi_snappy.exporting import COLUMNS, line, row, safe

TICKET = {
    'ticket': '7', 'nonce': 'k3jd82hs7ahq92m1', 'from_addr': '+27820001001',
    'subject': 'Support', 'state': 'settled', 'opened': 1416000000.0, 'at': 1416003600.0,
    'snappy_id': '12', 'tags': ['#card', '@thandi'],
    'messages': [{'text': 'Hello, "you"'}, {'text': 'molweni ña'}],
    'replies': [{'html': '<p>Hi &amp; bye</p>', 'state': 'failed', 'name': 'Thandi'}]}


def read(data):
    [cells] = csv.reader(data.splitlines(True))
    return [cell.decode('utf-8') for cell in cells]


def test_a_ticket_is_a_line_with_the_columns_of_the_django_bouncer_first():
    cells = dict(zip(COLUMNS, read(line(row(TICKET)))))
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
    '=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', ' =1', '\ufeff=1', '＝1'])
def test_what_a_spreadsheet_would_calculate_is_text(text):
    assert safe(text) == "'" + text


@given(st.text(alphabet=st.characters(blacklist_categories=['Cs'], blacklist_characters='\0')))
def test_whatever_is_written_can_be_read_again(text):
    assert read(line([text, 'next'])) == [safe(text), 'next']
