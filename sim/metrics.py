"""What the simulator says of itself: health and metrics over HTTP."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from sim.service import SimService


class _Collector:
    """What ``/metrics`` says of the simulation."""

    def __init__(self, service: SimService) -> None:
        self._service = service

    def collect(self) -> list[Metric]:
        """Read the figures (prometheus_client calls this at each scrape)."""
        service = self._service
        clients = GaugeMetricFamily("parktwin_sim_clients", "Connected OPC UA clients", labels=["server"])
        for name, server in service.servers.items():
            clients.add_metric([name], server.sessions)
        gauges = (
            ("parktwin_sim_tags", "Tags served", len(service.simulation.tags)),
            ("parktwin_sim_speed", "Seconds simulated in a second", service.speed),
            ("parktwin_sim_faults_active", "Faults on the board", len(service.simulation.board.active)),
            ("parktwin_sim_step_seconds", "Time the last step of the simulation took", service.step_s),
        )
        counts = (
            ("parktwin_sim_steps", "Steps of the simulation", service.simulation.steps),
            ("parktwin_sim_values", "Values that changed and were served", service.values_changed),
            ("parktwin_sim_truth_rows", "Rows of the truth log", service.truth.written),
            ("parktwin_sim_truth_rows_dropped", "Rows of the truth log no disk took", service.truth.dropped),
            (
                "parktwin_sim_ticks_skipped",
                "Ticks skipped because the process came too late",
                service.pace.skipped,
            ),
        )
        return [
            clients,
            *(GaugeMetricFamily(name, text, value=value) for name, text, value in gauges),
            *(CounterMetricFamily(name, text, value=value) for name, text, value in counts),
        ]


def status_routes(service: SimService) -> list[Route]:
    """Make ``/api/health`` and ``/metrics``."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(_Collector(service))

    async def health(_: Request) -> Response:
        reasons = service.unhealthy()
        status = HTTPStatus.SERVICE_UNAVAILABLE if reasons else HTTPStatus.OK
        return JSONResponse({"service": "sim", "healthy": not reasons, "reasons": reasons}, status)

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return [Route("/api/health", health), Route("/metrics", metrics)]
