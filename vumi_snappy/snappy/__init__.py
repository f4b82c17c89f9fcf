"""Snappy's HTTP API: a client, its values and its errors.  Knows neither Vumi nor the store."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from vumi_snappy.snappy.client import SnappyClient
from vumi_snappy.snappy.errors import (
    BadAnswer, BadCredentials, NotFound, RateLimited, Refused, ServerFault, SnappyError,
    Unanswered, Unreachable)
from vumi_snappy.snappy.values import Note, NoteDraft, Scope, Ticket

__all__ = [
    'BadAnswer', 'BadCredentials', 'Note', 'NoteDraft', 'NotFound',
    'RateLimited', 'Refused', 'Scope', 'ServerFault', 'SnappyClient',
    'SnappyError', 'Ticket', 'Unanswered', 'Unreachable']
