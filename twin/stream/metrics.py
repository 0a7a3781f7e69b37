"""What the stream tells Prometheus."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram
from prometheus_client.registry import CollectorRegistry

from twin.state.latency import LatencyHistogram


class StreamMetrics:
    """The metrics of the hub, all named ``parktwin_*``.

    Args:
        registry: of the service.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self.viewers = Gauge("parktwin_stream_viewers", "Viewers connected now", registry=registry)
        self.tick_seconds = Histogram(
            "parktwin_stream_tick_seconds",
            "Work of one tick: sweep, pick what changed, encode",
            buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0),
            registry=registry,
        )
        self.frame_bytes = Counter("parktwin_stream_frame_bytes", "Bytes of ticks encoded", registry=registry)
        self.sent_bytes = Counter("parktwin_stream_sent_bytes", "Bytes sent to viewers", registry=registry)
        self.dropped = Counter(
            "parktwin_stream_frames_dropped",
            "Ticks that a slow viewer got merged into a later one",
            registry=registry,
        )
        self.disconnected = Counter(
            "parktwin_stream_viewers_disconnected",
            "Viewers sent away, by reason",
            ["reason"],
            registry=registry,
        )
        self.stale = Gauge("parktwin_tags_stale", "Tags whose last value is stale", registry=registry)
        self.latency = LatencyHistogram(
            "parktwin_reading_sent_latency_seconds", "From source time to the tick that shows it", registry
        )
