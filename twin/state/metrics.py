"""What the state tells Prometheus."""

from __future__ import annotations

from prometheus_client import Counter, Gauge
from prometheus_client.registry import CollectorRegistry

from twin.state.latency import LatencyHistogram


class StateMetrics:
    """The metrics of the projector and its snapshots, all named ``parktwin_*``.

    Args:
        registry: of the service.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, text: str, labels: tuple[str, ...] = ()) -> Counter:
            return Counter(f"parktwin_{name}", text, labels, registry=registry)

        def gauge(name: str, text: str) -> Gauge:
            return Gauge(f"parktwin_{name}", text, registry=registry)

        self.readings = counter("readings_applied", "Readings that became a tag's last value")
        self.late = counter("readings_late", "Readings no newer than what was known: late or repeated")
        self.unknown = counter("readings_unknown", "Readings of tags that the park does not take")
        self.unreadable = counter("messages_unreadable", "Messages passed over, by error code", ("code",))
        self.lag = gauge("bus_lag_messages", "Messages on the bus not yet applied; -1 = cannot tell")
        self.lost = gauge("bus_lost_messages", "Messages that retention removed before they were read")
        self.snapshot_seconds = gauge("snapshot_time_seconds", "When the newest snapshot was taken, epoch")
        self.snapshot_bytes = gauge("snapshot_bytes", "Size of the newest snapshot")
        self.applied_latency = LatencyHistogram(
            "parktwin_reading_applied_latency_seconds", "From source time to last value", registry
        )
