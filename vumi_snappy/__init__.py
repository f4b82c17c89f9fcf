"""vumi-snappy: the bridge between a Vumi messaging deployment and the Snappy help desk.

`SnappyBouncerWorker` is the worker's class; it is imported when it is asked for, so that the rooms
that do not need Vumi can be used without it.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import sys
import types
from typing import Any  # noqa: F401

__version__ = '0.1.0'


class _Package(types.ModuleType):
    """This package, with the worker's class as an attribute that is looked up late."""

    @property
    def SnappyBouncerWorker(self):
        from vumi_snappy.worker import SnappyBouncerWorker
        return SnappyBouncerWorker


_package = _Package(str(__name__), str(__doc__))  # type: Any
_package.__dict__.update(sys.modules[__name__].__dict__)
# Python 2 empties the globals of a module that nobody holds.
_package._original = sys.modules[__name__]
sys.modules[__name__] = _package
