"""What a question to the history costs: the more readings lie in it, the more, whoever asks.

A trend is made of every reading in its interval, so what counts is tags times time over how often they are
told, not how many buckets come back. How often a tag is told at most, its source says; tags that speak only
of changes cost as much, for nobody knows beforehand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import inf
from typing import Final

from twin.contract.clock import NS_PER_MS, NS_PER_S
from twin.identity.rates import charge_asker
from twin.park.model import Park

READINGS_A_UNIT: Final = 500_000
"""So many readings looked through are one unit of work: measured 0.33 s of one core for five million."""
POINTS_A_UNIT: Final = 2_000
"""So many points told are one, too."""
MOST_OF_FIGURES: Final = 200.0
"""Units of one reading of many tags: meters and counters speak of changes, far less often than they may."""
MOST_OF_BUNDLES: Final = 100.0
"""Units of a bundle's readings: it holds fifty million at most."""
_USUAL_S: Final = 1.0
"""Between two readings of a tag of which nothing is known."""
_DAY_NS: Final = 86_400 * NS_PER_S


class HistoryCost:
    """Charges questions to the history of one park. Thread-safe.

    Args:
        park: the whole: how often a tag is told is no secret of anybody's.
    """

    def __init__(self, park: Park) -> None:
        every = {
            source.id: max(source.publishing_interval_ms, 1.0) * NS_PER_MS
            for source in park.sources
            if source.protocol != "calculated"
        }
        usual = _USUAL_S * NS_PER_S
        self._every_ns: Mapping[str, float] = {tag.tag: every.get(tag.source, usual) for tag in park.tags}

    def readings(self, tags: Iterable[str], start_ns: int, end_ns: int) -> float:
        """How many readings lie in an interval at most."""
        span, usual = end_ns - start_ns, _USUAL_S * NS_PER_S
        return sum(span / self._every_ns.get(tag, usual) for tag in tags)

    def charge(
        self, tags: Iterable[str], start_ns: int, end_ns: int, points: int = 0, *, at_most: float = inf
    ) -> None:
        """Charge who asks for all readings of tags in an interval to be looked through.

        Args:
            tags: which.
            start_ns, end_ns: ``[start, end)``.
            points: told of each at most.
            at_most: units; where many tags are looked through of which most are told seldom.

        Raises:
            TooMuchError: it is more than they can ever ask for at once.
            TooOftenError: it is more than they can ask for now.
        """
        names = list(tags)
        readings = self.readings(names, start_ns, end_ns)
        units = readings / READINGS_A_UNIT + len(names) * points / POINTS_A_UNIT
        days = (end_ns - start_ns) / _DAY_NS
        a_day = readings / max(days, 1e-9) / READINGS_A_UNIT
        charge_asker(
            min(units, at_most),
            f"it looks through {readings:,.0f} readings of {len(names)} tags in {days:,.1f} days; "
            f"a day of them costs {a_day:,.1f}, so ask for a shorter time or fewer tags",
        )
