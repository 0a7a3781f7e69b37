"""How old readings are when they arrive, as a Prometheus histogram that takes a whole column at once."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Lock

import numpy as np
from prometheus_client.core import HistogramMetricFamily, Metric
from prometheus_client.registry import Collector, CollectorRegistry

from twin.contract.clock import NS_PER_S
from twin.contract.frame import I64

BOUNDS_S = (
    0.001, 0.002, 0.005, 0.01, 0.02, 0.035, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9,
    1.0, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0, 60.0, 600.0,
)  # fmt: skip
"""Upper bounds [s], fine around the second that the way to the browser may take."""


class LatencyHistogram(Collector):
    """Counts latencies into buckets: one array operation a frame, not one call a reading. Thread-safe.

    Args:
        name: of the metric, ends in ``_seconds``.
        text: what is measured.
        registry: that prints it.
    """

    def __init__(self, name: str, text: str, registry: CollectorRegistry) -> None:
        self._name = name
        self._text = text
        self._bounds = (np.array(BOUNDS_S) * NS_PER_S).astype(np.int64)
        self._counts = np.zeros(len(BOUNDS_S) + 1, np.int64)
        self._sum = 0.0
        self._lock = Lock()
        registry.register(self)

    def observe(self, source_time: I64, now: int) -> None:
        """Count readings of these source times as arrived at ``now`` [ns]; a time ahead of it counts as 0."""
        latency = np.maximum(now - source_time, 0)
        counts = np.bincount(np.searchsorted(self._bounds, latency), minlength=len(self._counts))
        with self._lock:
            self._counts += counts
            self._sum += float(latency.sum(dtype=np.float64)) / NS_PER_S

    def collect(self) -> Iterator[Metric]:
        """Yield the histogram; called by the registry."""
        with self._lock:
            cumulated = np.cumsum(self._counts).tolist()
            total = self._sum
        bounds = [*(str(bound) for bound in BOUNDS_S), "+Inf"]
        buckets = list(zip(bounds, cumulated, strict=True))
        yield HistogramMetricFamily(self._name, self._text, buckets=buckets, sum_value=total)
