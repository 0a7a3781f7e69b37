"""What the alarms tell Prometheus."""

from __future__ import annotations

from threading import Lock

from prometheus_client import Counter, Gauge
from prometheus_client.registry import CollectorRegistry

from twin.state.latency import LatencyHistogram


class AlarmMetrics:
    """The metrics of the evaluator and the journal, all named ``parktwin_alarm*``.

    Args:
        registry: of the service.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, text: str, labels: tuple[str, ...] = ()) -> Counter:
            return Counter(f"parktwin_alarm_{name}", text, labels, registry=registry)

        def gauge(name: str, text: str) -> Gauge:
            return Gauge(f"parktwin_alarm_{name}", text, registry=registry)

        self.readings = counter("readings_evaluated", "Readings compared with their alarms' conditions")
        self.late = gauge("readings_late", "Readings that came too late, or again, and changed nothing")
        self.unreadable = counter("messages_unreadable", "Messages passed over, by error code", ("code",))
        self.entries = counter("journal_entries", "Entries of the journal, by event", ("event",))
        self.lag = gauge("bus_lag_messages", "Messages on the bus not yet evaluated; -1 = cannot tell")
        self.lost = gauge("bus_lost_messages", "Messages that retention removed before they were evaluated")
        self.latency = LatencyHistogram(
            "parktwin_alarm_journal_latency_seconds",
            "From the reading that raised it to the journal",
            registry,
        )
        self._told: dict[str, tuple[int, int, int]] = {}
        self._lock = Lock()

    def note(self, share: str, *, lag: int, lost: int, late: int) -> None:
        """Take in how far the evaluator of a share is; the gauges are of all shares of this process."""
        self._show(share, (lag, lost, late))

    def forget(self, share: str) -> None:
        """Take in that a share is another process's now."""
        self._show(share, None)

    def _show(self, share: str, told: tuple[int, int, int] | None) -> None:
        with self._lock:
            self._told = {name: one for name, one in self._told.items() if name != share}
            if told is not None:
                self._told[share] = told
            lags = [lag for lag, _, _ in self._told.values()]
            self.lag.set(-1 if -1 in lags else sum(lags))
            self.lost.set(sum(lost for _, lost, _ in self._told.values()))
            self.late.set(sum(late for _, _, late in self._told.values()))
