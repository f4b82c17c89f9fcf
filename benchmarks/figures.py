"""Statistics of samples.  Pure."""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, List, Sequence, Tuple  # noqa: F401


def median(samples):
    # type: (Sequence[float]) -> float
    """The median.  Errors: `ValueError` without samples."""
    if not samples:
        raise ValueError('there are no samples')
    ordered = sorted(samples)
    half = len(ordered) // 2
    if len(ordered) % 2:
        return float(ordered[half])
    return (ordered[half - 1] + ordered[half]) / 2.0


def spread(samples):
    # type: (Sequence[float]) -> Tuple[float, float]
    """Minimum and maximum.  Errors: `ValueError` without samples."""
    if not samples:
        raise ValueError('there are no samples')
    return float(min(samples)), float(max(samples))


def percentile(samples, hundredth):
    # type: (Sequence[float], float) -> float
    """The least sample that at least `hundredth` percent do not exceed.  Errors: `ValueError`."""
    if not samples or not 0 < hundredth <= 100:
        raise ValueError('there are no samples, or it is no percentage')
    rank = -int(-len(samples) * hundredth // 100)
    return float(sorted(samples)[rank - 1])


def quarters(samples):
    # type: (Sequence[Any]) -> Tuple[Sequence[Any], Sequence[Any]]
    """The first and the last quarter of samples, in their order.  Errors: `ValueError`."""
    if not samples:
        raise ValueError('there are no samples')
    part = max(1, len(samples) // 4)
    return samples[:part], samples[-part:]


def parts(samples, most=40):
    # type: (Sequence[Any], int) -> List[Tuple[float, Sequence[Any]]]
    """At most `most` parts of the samples, as points for a chart: pairs of where the part begins (0 to
    1) and its samples."""
    size = max(1, -(-len(samples) // most))
    return [(start / len(samples), samples[start:start + size])
            for start in range(0, len(samples), size)]


def ratios(ours, peers):
    # type: (Sequence[float], Sequence[float]) -> List[float]
    """Each sample of ours to the one of the peer in the same repeat.  Errors: `ValueError`."""
    if len(ours) != len(peers):
        raise ValueError('there are %d samples of ours and %d of the peer' % (
            len(ours), len(peers)))
    if any(each <= 0 for each in peers):
        raise ValueError('a sample of the peer is zero')
    return [our / float(peer) for our, peer in zip(ours, peers)]


def rate(times, after=0.0):
    # type: (Sequence[float], float) -> float
    """Events per second, from the first of `times` (seconds) to `after` seconds after the last."""
    if len(times) < 2:
        raise ValueError('too few events for a rate')
    return len(times) / (max(times) - min(times) + after)
