"""The simulator as a service: OPC UA servers in front of a simulation, health and metrics over HTTP."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any

import numpy as np
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from sim.opcua.plant_space import plant_space
from sim.opcua.server import ColumnServer
from sim.opcua.value_columns import Rows
from sim.pace import Pace
from sim.plant import Plant, read_plant
from sim.settings import SimSettings
from sim.simulation import Simulation
from twin.contract.clock import NS_PER_S, Clock, system_clock

_LOG = logging.getLogger(__name__)
_LOOPBACK = ("127.0.0.1", "::1", "localhost")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class SimService:
    """A plant that runs: :meth:`start`, then :meth:`run` until it is cancelled, then :meth:`stop`.

    Args:
        settings: as read.
        clock: wall time.

    Raises:
        PlantError: the plant file does not hold together.
    """

    def __init__(self, settings: SimSettings, *, clock: Clock = system_clock) -> None:
        self._settings = settings
        self._clock = clock
        self._plant: Plant = read_plant(settings.park)
        self.simulation = Simulation(self._plant, seed=settings.seed, start_ns=clock())
        self.pace = Pace(clock, self._plant.tick_s)
        self.values_changed = 0
        self.last_tick_ns = 0
        self.servers: dict[str, ColumnServer] = {
            row.id: ColumnServer(
                name=row.name,
                host=settings.host,
                port=settings.ports.get(row.id, row.port),
                clock=clock,
            )
            for row in self._plant.servers
        }
        self._rows: dict[str, Rows] = {
            server: np.flatnonzero([tag.server == server for tag in self.simulation.tags])
            for server in self.servers
        }

    async def start(self) -> None:
        """Build the servers, read every machine once, listen.

        Raises:
            PortInUseError: a port is taken; what listened already is stopped again.
        """
        for name, rows in self._rows.items():
            await self.servers[name].build(plant_space([self.simulation.tags[row] for row in rows.tolist()]))
        await self.advance(0.0, self._clock())
        try:
            for server in self.servers.values():
                await server.start()
        except OSError:
            await self.stop()
            raise
        where = ", ".join(f"{name} {server.endpoint}" for name, server in self.servers.items())
        if self._settings.host not in _LOOPBACK:
            _LOG.warning(
                "listening on %s: whoever reaches it may read (simulated values)", self._settings.host
            )
        _LOG.info("simulating %d tags of %s: %s", len(self.simulation.tags), self._plant.name, where)

    async def run(self) -> None:
        """Step and serve for ever."""
        first = True
        async for now_ns in self.pace.ticks():
            if not first:
                await self.advance(self._plant.tick_s, now_ns)
            first = False

    async def stop(self) -> None:
        """Close every server."""
        await asyncio.gather(*(server.stop() for server in self.servers.values()))

    def unhealthy(self) -> dict[str, str]:
        """Why it does not do its work, by part; empty if it does."""
        late_s = (self._clock() - self.last_tick_ns) / NS_PER_S
        if late_s > max(self.pace.most_late_s, 3 * self._plant.tick_s):
            return {"simulation": f"no step for {late_s:.1f} s; one is due every {self._plant.tick_s} s"}
        return {}

    async def advance(self, wall_s: float, now_ns: int) -> None:
        """Simulate what ``wall_s`` [s] of wall time are worth, and serve it stamped ``now_ns``."""
        simulation = self.simulation
        simulation.step(wall_s * self._settings.speed)
        for name, rows in self._rows.items():
            columns = self.servers[name].columns
            text = [simulation.text[row] for row in rows.tolist()]
            self.values_changed += await columns.write(
                np.arange(len(rows)), simulation.value[rows], simulation.status[rows], now_ns, text
            )
        self.last_tick_ns = now_ns


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
        counts = (
            ("parktwin_sim_steps", "Steps of the simulation", service.simulation.steps),
            ("parktwin_sim_values", "Values that changed and were served", service.values_changed),
            (
                "parktwin_sim_ticks_skipped",
                "Ticks skipped because the process came too late",
                service.pace.skipped,
            ),
        )
        tags = GaugeMetricFamily("parktwin_sim_tags", "Tags served", value=len(service.simulation.tags))
        return [
            clients,
            tags,
            *(CounterMetricFamily(name, text, value=value) for name, text, value in counts),
        ]


def create_app(service: SimService) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """Make the ASGI app with ``/api/health`` and ``/metrics``: two answers, so no framework to import and
    wait for.
    """
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(_Collector(service))

    def answer(path: str) -> tuple[int, str, bytes]:
        if path == "/metrics":
            return HTTPStatus.OK, CONTENT_TYPE_LATEST, generate_latest(registry)
        if path == "/api/health":
            reasons = service.unhealthy()
            status = HTTPStatus.SERVICE_UNAVAILABLE if reasons else HTTPStatus.OK
            body = {"service": "sim", "healthy": not reasons, "reasons": reasons}
            return status, "application/json", json.dumps(body).encode()
        detail = f"no {path} here; there are /api/health and /metrics"
        body = {"title": "Not Found", "status": 404, "code": "not_found", "detail": detail}
        return HTTPStatus.NOT_FOUND, "application/problem+json", json.dumps(body).encode()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        status, content_type, body = answer(scope["path"])
        headers = [(b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": int(status), "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    return app
