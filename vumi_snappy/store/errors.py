"""What can go wrong between us and Redis, as types that say whether to try again."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)


class StoreError(Exception):
    """Any failure of the store.  `temporary` says whether the same call may work later."""

    temporary = False


class StoreUnavailable(StoreError):
    """Redis is away, too slow, loading or read-only: wait and try the same call again.

    The call may or may not have been carried out; every call of the store may be repeated.
    """

    temporary = True


class StoreRefused(StoreError):
    """Redis answered with an error that trying again does not cure (a bug, or foreign data)."""


class HeldBack(StoreError):
    """Not tried: what the same person wrote before could not be stored, and comes first."""

    temporary = True
