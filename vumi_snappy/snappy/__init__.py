"""Snappy: a client of its HTTP API, its values, and what its hook sends.  Knows neither Vumi nor
the store."""
from __future__ import absolute_import, division, print_function, unicode_literals

from vumi_snappy.snappy.client import SnappyClient
from vumi_snappy.snappy.parsing import is_usual
from vumi_snappy.snappy.values import Note, NoteDraft, Scope, Ticket

__all__ = ['Note', 'NoteDraft', 'Scope', 'SnappyClient', 'Ticket', 'is_usual']
