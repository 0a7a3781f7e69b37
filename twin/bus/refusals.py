"""Messages that were not believed: counted, and an alarm for as long as somebody should look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from threading import Lock
from typing import Final

from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from twin.contract.clock import NS_PER_S, Clock

CONDITION: Final = "forged_message"
"""Code of the condition of a service that has heard such a message."""
STANDS_NS: Final = 15 * 60 * NS_PER_S
"""So long after the last one the alarm stands."""


class Refusals(Collector):
    """Thread-safe.

    Args:
        prefix: of the metric's name.
        clock: ns since the epoch.
    """

    def __init__(self, prefix: str, clock: Clock) -> None:
        self._name = f"{prefix}_refused_messages"
        self._clock = clock
        self._lock = Lock()
        self._counts: Counter[str] = Counter()
        self._since = self._last = 0
        self._text = ""

    def note(self, topic: str, why: str) -> bool:
        """Note one; true if it is the first of an alarm, which is to be written down.

        Args:
            topic: where it was.
            why: it was not believed.
        """
        now = self._clock()
        with self._lock:
            first = not self._stands(now)
            self._counts[topic] += 1
            self._since = now if first else self._since
            self._last, self._text = now, why
            return first

    def standing(self) -> tuple[int, str] | None:
        """Since when [ns] the alarm stands and the last reason, None if it does not."""
        with self._lock:
            return (self._since, self._text) if self._stands(self._clock()) else None

    def collect(self) -> Iterator[Metric]:
        """See prometheus_client."""
        family = CounterMetricFamily(
            self._name, "Messages that were not signed, forged, changed or said again", labels=["topic"]
        )
        with self._lock:
            for topic, count in sorted(self._counts.items()):
                family.add_metric([topic], count)
        yield family

    def _stands(self, now: int) -> bool:
        return bool(self._last) and now - self._last < STANDS_NS
