"""What the calculation tells Prometheus."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram
from prometheus_client.registry import CollectorRegistry


class CalculationMetrics:
    """The metrics of the calculator, all named ``parktwin_*``.

    Args:
        registry: of the service.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self.readings = Counter(
            "parktwin_calculated_readings", "Readings of calculated tags put on the bus", registry=registry
        )
        self.seconds = Histogram(
            "parktwin_calculation_seconds",
            "Work of one cell: every calculated tag of which an input has a new reading",
            buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5),
            registry=registry,
        )
        self.lag = Gauge(
            "parktwin_calculation_lag_messages",
            "Messages on the bus not yet calculated with; -1 = cannot tell",
            registry=registry,
        )
        self.unreadable = Counter(
            "parktwin_calculation_messages_unreadable",
            "Messages passed over by the calculation, by error code",
            ["code"],
            registry=registry,
        )
