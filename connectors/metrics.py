"""What Prometheus is shown, read from the parts at each scrape, so that nothing is counted twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from connectors.manager import SourceManager
from connectors.outbox import Outbox
from connectors.sender import Sender
from twin.contract.clock import NS_PER_S
from twin.contract.messages import Connection

PREFIX: Final = "parktwin_connector"
LATENCY_BUCKETS_S: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


@dataclass(frozen=True, slots=True)
class MetricRow:
    """One metric: its name after the prefix (counters get ``_total``), what it says, its labels."""

    name: str
    text: str
    labels: tuple[str, ...] = ("source",)
    counts: bool = True


SOURCE_ROWS: Final = (
    MetricRow("connected", "1 while the source delivers", counts=False),
    MetricRow("items", "Signals asked for, by what became of them", ("source", "state"), counts=False),
    MetricRow("last_heard_seconds", "Epoch time of the last sign of life", counts=False),
    MetricRow(
        "certificate_expires_seconds",
        "Epoch time at which a certificate expires, by whose it is",
        ("source", "side"),
        counts=False,
    ),
    MetricRow("reconnects", "Times the source came back"),
    MetricRow("resumed_sessions", "Times a lost session was taken up again without a gap"),
    MetricRow("responses", "Publish responses, keep-alives too"),
    MetricRow("decoded_values", "Values by the way they were decoded", ("source", "path")),
    MetricRow("dropped_values", "Values not passed on, by reason", ("source", "reason")),
    MetricRow("subscriptions", "Subscriptions that publish", counts=False),
    MetricRow(
        "fallen_subscriptions", "Subscriptions that fell silent, by how they were cured", ("source", "cure")
    ),
    MetricRow("refused_requests", "Requests of a poll that brought nothing, by reason", ("source", "reason")),
    MetricRow("server_overflows", "Values before which the server had dropped others"),
    MetricRow("backfilled_values", "Values fetched from a server's own history for gaps"),
    MetricRow(
        "backfilled_gaps", "Gaps that were asked a server's history for, by result", ("source", "result")
    ),
    MetricRow("open_gaps", "Gaps told that may still be filled from a server's history", counts=False),
    MetricRow("history_requests", "Requests to a server's history"),
)
OUTBOX_ROWS: Final = (
    MetricRow("readings", "Readings taken into the outbox"),
    MetricRow("refused_readings", "Readings that a full outbox refused"),
    MetricRow("gaps", "Gaps told, by reason", ("source", "reason")),
    MetricRow("frames", "Frames taken into the outbox", ()),
    MetricRow("outbox_commits", "Transactions of the outbox", ()),
    MetricRow("outbox_full", "1 while the outbox refuses", (), counts=False),
    MetricRow("unsent_messages", "Messages accepted and not yet on the bus", (), counts=False),
    MetricRow("ahead_readings", "Readings that overtook a backlog; they come in their turn too", ()),
    MetricRow("unsendable_messages", "Messages left out because the bus will never take them", ()),
    MetricRow("outbox_bytes", "Bytes the outbox holds", (), counts=False),
)


def make_latency(registry: CollectorRegistry) -> Histogram:
    """Make the histogram of how long a response takes from the socket to being durable."""
    return Histogram(
        f"{PREFIX}_accept_seconds",
        "From the arrival of a publish response until the outbox has it",
        ["source"],
        registry=registry,
        buckets=LATENCY_BUCKETS_S,
    )


class ConnectorMetrics(Collector):
    """Reads the counters of sources, outbox and sender.

    Args:
        manager, outbox, sender: the parts.
    """

    def __init__(self, manager: SourceManager, outbox: Outbox, sender: Sender) -> None:
        self._manager = manager
        self._outbox = outbox
        self._sender = sender

    def collect(self) -> Iterator[Metric]:
        """See :class:`prometheus_client.registry.Collector`."""
        yield from self._of_sources()
        yield from self._of_outbox()

    def _of_sources(self) -> Iterator[Metric]:
        families = {row.name: _family(row) for row in SOURCE_ROWS}
        for running in self._manager.sources:
            source, link = running.config.source, running.link
            up = running.supervisor.connection is Connection.CONNECTED
            monitored = len(link.items.monitored) if up else 0
            figures: dict[str, Mapping[str, float]] = {
                "connected": {"": up},
                "items": {
                    "monitored": monitored,
                    "failed": len(link.items.failed),
                },
                "last_heard_seconds": {"": link.last_heard / NS_PER_S},
                "reconnects": {"": running.supervisor.reconnects},
                **link.figures(),
            }
            for name, by_label in figures.items():
                for label, figure in by_label.items():
                    families[name].add_metric([source, label] if label else [source], figure)
        yield from families.values()

    def _of_outbox(self) -> Iterator[Metric]:
        counts = self._outbox.counts
        figures: dict[str, dict[tuple[str, ...], float]] = {
            "readings": {(source,): count for source, count in list(counts.readings.items())},
            "refused_readings": {(source,): count for source, count in list(counts.refused.items())},
            "gaps": dict(list(counts.gaps.items())),
            "frames": {(): counts.frames},
            "outbox_commits": {(): counts.commits},
            "outbox_full": {(): self._outbox.condition is not None},
            "unsent_messages": {(): self._sender.unsent},
            "ahead_readings": {(): self._sender.ahead.readings},
            "unsendable_messages": {(): self._sender.unsendable},
            "outbox_bytes": {(): self._sender.unsent_bytes},
        }
        for row in OUTBOX_ROWS:
            family = _family(row)
            for labels, figure in figures[row.name].items():
                family.add_metric(labels, figure)
            yield family


def _family(row: MetricRow) -> CounterMetricFamily | GaugeMetricFamily:
    kind = CounterMetricFamily if row.counts else GaugeMetricFamily
    return kind(f"{PREFIX}_{row.name}", row.text, labels=row.labels)
