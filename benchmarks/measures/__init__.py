"""The measures, in the order of the table; `names` of them can be asked for."""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import List, Sequence  # noqa: F401

from benchmarks.measure import Measure  # noqa: F401
from benchmarks.measures import (
    console_million, drivers, forwarding_django, forwarding_fast, forwarding_million,
    forwarding_python3, forwarding_relay, forwarding_treq, forwarding_wide, growth, intake_echo,
    intake_python3, latency, memory_million, memory_ticket, rate_limit, soak, webhooks_klein,
    webhooks_python3, workers_four)

#: All of them.  A new one is put where its row shall stand.
MEASURES = [
    forwarding_treq.MEASURE,
    forwarding_wide.MEASURE,
    forwarding_django.MEASURE,
    forwarding_relay.MEASURE,
    forwarding_fast.MEASURE,
    intake_echo.MEASURE,
    webhooks_klein.MEASURE,
    intake_python3.MEASURE,
    webhooks_python3.MEASURE,
    forwarding_python3.MEASURE,
    workers_four.MEASURE,
    rate_limit.MEASURE,
    latency.MEASURE,
    soak.MEASURE,
    memory_million.MEASURE,
    memory_ticket.MEASURE,
    forwarding_million.MEASURE,
    console_million.MEASURE,
    growth.MEASURE,
    drivers.MEASURE,
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
