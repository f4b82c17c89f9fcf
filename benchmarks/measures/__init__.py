"""The measures, in the order of the table; `names` of them can be asked for."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import List, Sequence  # noqa: F401

from benchmarks.measure import Measure  # noqa: F401
from benchmarks.measures import forwarding_treq

#: All of them.  A new one is put where its row shall stand.
MEASURES = [
    forwarding_treq.MEASURE,
]


class UnknownMeasure(Exception):
    """There is no measure of that name."""


def named(names):
    # type: (Sequence) -> List[Measure]
    """Those of `names`, in their order of the table; all without names.  Errors:
    `UnknownMeasure`."""
    unknown = set(names) - {each.name for each in MEASURES}
    if unknown:
        raise UnknownMeasure('no such measure: %s (there are: %s)' % (
            ', '.join(sorted(unknown)), ', '.join(each.name for each in MEASURES)))
    return [each for each in MEASURES if not names or each.name in names]
