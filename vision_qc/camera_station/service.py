"""The camera stations as a service: health and metrics beside them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from twin.contract.clock import Clock, system_clock
from twin.service.app import create_registry, create_service_app
from twin.service.tls import client_context
from vision_qc.camera_station.camera import FolderCamera, HttpCamera
from vision_qc.camera_station.settings import StationSettings
from vision_qc.camera_station.spool import Spool
from vision_qc.camera_station.station import CameraStation
from vision_qc.camera_station.teacher import Teacher
from vision_qc.client import QcClient

PREFIX: Final = "parktwin_station"
FOLDER: Final = "station"
INSPECT_S: Final = 10.0
"""A picture that takes longer is sent again."""


def create_app(settings: StationSettings, *, clock: Clock = system_clock) -> FastAPI:
    """Make the service; the stations run with the app's lifespan.

    Args:
        settings: as read at the edge.
        clock: ns since the epoch.
    """
    stations: list[CameraStation] = []
    token = settings.station_qc_token
    secret = None if token is None else token.get_secret_value()

    trust = client_context(settings)

    def client() -> QcClient:
        return QcClient(_address(settings.station_qc), token=secret, timeout_s=INSPECT_S, trust=trust)

    def make(name: str, wait: Callable[[float], object]) -> CameraStation:
        folder, file = settings.data_dir / FOLDER, name.replace("/", "_")
        watched = settings.station_camera.removeprefix("folder:")
        http = HttpCamera(lambda: _address(settings.station_camera), name)
        over_http = watched == settings.station_camera
        teacher = Teacher(folder / "teaching", settings.station_samples)
        return CameraStation(
            name,
            http if over_http else FolderCamera(Path(watched) / file, wait),
            http if over_http else None,
            client,
            Spool(folder / "spool" / file, settings.station_spool_bytes),
            (teacher, http) if over_http and settings.station_samples else None,
            simulated=settings.station_simulated,
            clock=clock,
        )

    def health() -> Mapping[str, str]:
        return {
            f"{station.station} {what}": why
            for station in stations
            for what, why in dict(station.away).items()
        }

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        stopping = threading.Event()
        stations.extend(make(name, stopping.wait) for name in settings.station_ids)
        try:
            yield
        finally:
            stopping.set()
            for station in stations:  # all at once: each may take as long as it listens to its camera
                station.stop()
            await asyncio.gather(*(asyncio.to_thread(station.close) for station in stations))

    registry = create_registry()
    registry.register(StationMetrics(lambda: stations))
    return create_service_app(
        title="station",
        version=version("parktwin"),
        settings=settings,
        registry=registry,
        health=health,
        lifespan=lifespan,
    )


class StationMetrics(Collector):
    """What Prometheus is shown of camera stations.

    Args:
        stations: asked at each scrape.
    """

    def __init__(self, stations: Callable[[], list[CameraStation]]) -> None:
        self._stations = stations

    def collect(self) -> Iterator[Metric]:
        """See :class:`prometheus_client.registry.Collector`."""
        pieces = CounterMetricFamily(
            f"{PREFIX}_pieces",
            "Verdicts, refusals, and what the gate heard in time",
            labels=["station", "what"],
        )
        waiting = GaugeMetricFamily(f"{PREFIX}_waiting", "Pictures not judged yet", labels=["station"])
        dropped = CounterMetricFamily(
            f"{PREFIX}_dropped", "Pictures that went unjudged, as the spool was full", labels=["station"]
        )
        for station in self._stations():
            for what, count in dict(station.counts).items():
                pieces.add_metric([station.station, what], count)
            waiting.add_metric([station.station], len(station.spool))
            dropped.add_metric([station.station], station.spool.dropped)
        yield from (pieces, waiting, dropped)


def _address(text: str) -> str:
    """Return a URL, or what the file of that name holds now; OSError if it is not there (yet)."""
    return text if text.startswith(("http://", "https://")) else Path(text).read_text().strip()
