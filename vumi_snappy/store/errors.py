"""What can go wrong between us and Redis, as types that say whether to try again."""
from __future__ import absolute_import, division, print_function, unicode_literals


class StoreError(Exception):
    """Any failure of the store.  `temporary` says whether the same call may work later."""

    temporary = False


class StoreUnavailable(StoreError):
    """Redis is away or too slow, or refuses whole calls: wait and try the same call again.  It
    may have been carried out."""

    temporary = True


class StoreRefused(StoreError):
    """What the call was for failed by itself, by a bug or foreign data: do not try it again."""


class NonceTaken(StoreError):
    """Snappy's name for a ticket is that of another ticket: what was answered can't be true."""


class HeldBack(StoreError):
    """Not tried: what the same person wrote before could not be stored, and comes first."""

    temporary = True
