"""What the maintenance service counts, as Prometheus reads it."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from maintenance.live.follower import Follower


class HealthMetrics(Collector):
    """Reads a follower when it is asked."""

    def __init__(self, follower: Follower) -> None:
        self._follower = follower

    def collect(self) -> Iterable[Metric]:
        """Return what is so now."""
        follower = self._follower
        yield GaugeMetricFamily(
            "parktwin_health_machines", "Machines that are watched.", value=follower.watch.machines
        )
        yield CounterMetricFamily(
            "parktwin_health_forecasts", "Forecasts that were published.", value=follower.forecasts
        )
        yield CounterMetricFamily(
            "parktwin_health_late_readings",
            "Readings after their window was closed.",
            value=follower.watch.late,
        )
        yield CounterMetricFamily(
            "parktwin_health_unreadable", "Messages that could not be read.", value=follower.unreadable
        )
