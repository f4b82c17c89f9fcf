"""What is told of tickets, of what is parked, of opting out and of who was forgotten: alike by the
API and, with --json, by the command line, so that a script can read either.

Each gives the value that `shapes.shaped` makes an answer of: under the name in its docstring.
Pure.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Any, Dict, List, Text  # noqa: F401

import attr

from vumi_snappy.console.forgetting import STAYS
from vumi_snappy.console.words import advice
from vumi_snappy.content import html_to_text


def ticket(found, link):
    # type: (Dict[Text, Any], Text) -> Dict[Text, Any]
    """Ticket: what the store has `found`, and where Snappy shows it."""
    told = dict(found, link=link, replies=[
        dict(each, text=html_to_text(each['html'])) for each in found['replies']])
    if told['earlier'] is None:
        del told['earlier']
    return told


def parked(total, found):
    # type: (int, List[Dict[Text, Any]]) -> Dict[Text, Any]
    """ParkedList: what a desk has `found`, of so many in all."""
    return {'total': total, 'parked': [
        dict(each, advice=advice(each['reason'])) for each in found]}


def opt_out(address, since):
    # type: (Text, Any) -> Dict[Text, Any]
    """OptOut: since when, or None."""
    told = {'address': address, 'opted_out': since is not None}  # type: Dict[Text, Any]
    if since is not None:
        told['since'] = since
    return told


def receipt(address, erased):
    # type: (Text, Any) -> Dict[Text, Any]
    """Receipt: what the store has `erased` (its `Receipt`)."""
    told = attr.asdict(erased)  # type: Any
    return dict(told, address=address, stays=STAYS, tickets=[
        {'ticket': number, 'nonce': nonce, 'snappy_id': snappy_id}
        for number, nonce, snappy_id in erased.tickets])
