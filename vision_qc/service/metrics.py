"""What Prometheus is shown of the inspection service."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from vision_qc.service.inspector import Answer
from vision_qc.service.runtime import Runtime

PREFIX: Final = "parktwin_qc"
BUCKETS_S: Final = (0.01, 0.015, 0.02, 0.025, 0.035, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
UNKNOWN: Final = "unknown"
"""Label of a station that nobody taught: a client that makes names up must not make time series up."""


class InspectMetrics:
    """Counts and times pictures.

    Args:
        registry: where it is shown.
        known: whether a station is one.
    """

    def __init__(self, registry: CollectorRegistry, known: Callable[[str], bool]) -> None:
        self._known = known
        self._verdicts = Counter(
            f"{PREFIX}_inspections", "Verdicts given", ("station", "verdict"), registry=registry
        )
        self._repeated = Counter(
            f"{PREFIX}_repeated", "Verdicts given again", ("station",), registry=registry
        )
        self._refused = Counter(
            f"{PREFIX}_refused", "Pictures refused, by reason", ("station", "code"), registry=registry
        )
        self._seconds = Histogram(
            f"{PREFIX}_inspect_seconds",
            "From the first byte of a picture to its verdict on disk",
            ("station",),
            registry=registry,
            buckets=BUCKETS_S,
        )
        self.turned_away = Counter(
            f"{PREFIX}_turned_away", "Pictures turned away because too many came at a time", registry=registry
        )

    def begin(self, station: str) -> Told:
        """A picture begins to come; what is returned is told what became of it."""
        return Told(self, station if self._known(station) else UNKNOWN)

    def count(self, station: str, answer: Answer, seconds: float) -> None:
        """Count a verdict."""
        if answer.repeated:
            self._repeated.labels(station).inc()
            return
        self._verdicts.labels(station, answer.inspection.verdict.value).inc()
        self._seconds.labels(station).observe(seconds)

    def count_refused(self, station: str, code: str) -> None:
        """Count a refusal."""
        self._refused.labels(station, code).inc()


class Told:
    """What became of one picture."""

    def __init__(self, metrics: InspectMetrics, station: str) -> None:
        self._metrics = metrics
        self._station = station
        self._begun = perf_counter()

    def verdict(self, answer: Answer) -> None:
        """It was judged."""
        self._metrics.count(self._station, answer, perf_counter() - self._begun)

    def refused(self, code: str) -> None:
        """It was refused."""
        self._metrics.count_refused(self._station, code)


class Gauges(Collector):
    """Figures that are asked for at each scrape.

    Args:
        runtime: the parts of the service, None while it does not run.
    """

    def __init__(self, runtime: Callable[[], Runtime | None]) -> None:
        self._runtime = runtime

    def collect(self) -> Iterator[Metric]:
        """See :class:`prometheus_client.registry.Collector`."""
        parts = self._runtime()
        if parts is None:
            return
        for name, text, figure in (
            ("owed", "Verdicts that are only in memory, as no disk has room", parts.ledger.owed),
            ("lost", "Verdicts that no disk had room for in time", parts.ledger.lost),
            ("removed_picture_folders", "Folders of pictures that retention removed", parts.pictures.removed),
        ):
            yield GaugeMetricFamily(f"{PREFIX}_{name}", text, value=figure)
        behind = GaugeMetricFamily(
            f"{PREFIX}_behind", "Verdicts and reviews not yet handed on, by to whom", labels=["follower"]
        )
        for name, follower in parts.followers.items():
            behind.add_metric([name], follower.behind)
        yield behind
        drifted = GaugeMetricFamily(
            f"{PREFIX}_drifted",
            "1 while pictures or scores are not as taught",
            labels=["station", "product", "what"],
        )
        for (station, product), alarms in list(parts.watch.drifted.items()):
            for what in ("scores", "pictures"):
                drifted.add_metric([station, product, what], what in alarms)
        yield drifted
        blocked = GaugeMetricFamily(
            f"{PREFIX}_blocked",
            "1 while no product passes for want of a challenge check",
            labels=["station", "product"],
        )
        for (station, product), holds in parts.challenges.blocked(parts.library.stations()).items():
            blocked.add_metric([station, product], holds)
        yield blocked
        shelves = GaugeMetricFamily(f"{PREFIX}_picture_bytes", "Bytes of pictures kept", labels=["shelf"])
        for shelf, size in parts.pictures.size_bytes().items():
            shelves.add_metric([shelf], size)
        yield shelves
