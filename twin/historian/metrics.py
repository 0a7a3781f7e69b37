"""What the recorder tells Prometheus."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram
from prometheus_client.registry import CollectorRegistry


class RecorderMetrics:
    """The metrics of the recorder, all named ``parktwin_history_*``.

    Args:
        registry: of the service; None = one of their own, for whoever only reads the numbers.
    """

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        registry = CollectorRegistry() if registry is None else registry

        def counter(name: str, text: str, labels: tuple[str, ...] = ()) -> Counter:
            return Counter(f"parktwin_history_{name}", text, labels, registry=registry)

        def gauge(name: str, text: str) -> Gauge:
            return Gauge(f"parktwin_history_{name}", text, registry=registry)

        self.rows = counter("readings_stored", "Readings stored; one told twice counts twice")
        self.gaps = counter("gaps_stored", "Gaps stored")
        self.unstorable = counter("readings_unstorable", "Readings whose source time no history can hold")
        self.unreadable = counter("messages_unreadable", "Messages put on dead letters, by code", ("code",))
        self.failures = counter("insert_failures", "Inserts that failed and were tried again")
        self.insert_seconds = Histogram(
            "parktwin_history_insert_seconds", "Time of one insert", registry=registry,
            buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30),
        )  # fmt: skip
        self.delay_seconds = gauge("delay_seconds", "From bus to disk, oldest message of the newest insert")
        self.lag = gauge("bus_lag_messages", "Messages on the bus not yet stored; -1 = cannot tell")
        self.lost = gauge("bus_lost_messages", "Messages that retention removed before they were stored")
