"""The simulator as a service: a simulation behind OPC UA servers, meters and cameras, worked over HTTP."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from time import perf_counter

import numpy as np
from starlette.routing import Mount
from starlette.types import ASGIApp

from sim.cameras.endpoint import camera_router
from sim.cameras.park_cameras import ParkCameras
from sim.cameras.picture import Label
from sim.conditions import FailureConditions
from sim.control.app import OPEN, create_control_app
from sim.errors import SimSettingsError
from sim.faults.scenario import read_scenario
from sim.line.piece import Piece
from sim.metrics import status_routes
from sim.modbus.server import MeterServer
from sim.opcua.equipment_node import EquipmentNode
from sim.opcua.plant_space import plant_space
from sim.opcua.server import ColumnServer
from sim.operator import PlantOperator
from sim.pace import Pace
from sim.plant import Plant, read_plant
from sim.server_bad_days import ServerBadDays
from sim.settings import SimSettings
from sim.simulation import Simulation
from sim.truth.event import shown_time
from sim.truth.labels import defect_label, picture_label
from sim.truth.log import TruthLog
from sim.wiring import Rows
from twin.contract.clock import NS_PER_S, Clock, system_clock

_LOG = logging.getLogger(__name__)
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
WARM_UP_STEP_S = 30.0


class SimService:
    """A plant that runs: :meth:`start`, then :meth:`run` until it is cancelled, then :meth:`stop`.

    Args:
        settings: as read.
        clock: wall time.

    Raises:
        PlantError: the plant file does not hold together.
        ScenarioError: the scenario file does not.
    """

    def __init__(self, settings: SimSettings, *, clock: Clock = system_clock) -> None:
        self._settings = settings
        self._clock = clock
        self._plant: Plant = read_plant(settings.park, data=settings.data)
        begin_ns = clock() if settings.begin_ns is None else settings.begin_ns
        warm_up_ns = round(self._plant.warm_up_s * NS_PER_S)
        run = shown_time(clock()).replace(":", "").replace(".", "")
        self.truth = TruthLog(settings.data_dir / "truth", run=run, clock=clock)
        self.cameras = ParkCameras(
            self._plant.cameras, seed=settings.seed, data=settings.data, on_label=self._note_picture
        )
        self.simulation = Simulation(
            self._plant,
            seed=settings.seed,
            start_ns=begin_ns - warm_up_ns,
            truth=self.truth,
            on_inspected=self._note_piece,
            on_entered=self._see_piece,
            set_camera_fault=self.cameras.set_fault,
        )
        for line in self.simulation.operation.lines.lines:
            for station in line.stations:
                if station.row.inspects and station.equipment in self.cameras.gates:
                    line.verdict = self.cameras.gates[station.equipment].decide
        self.speed = settings.speed
        self.pace = Pace(clock, self._plant.tick_s)
        self.values_changed = 0
        self.last_tick_ns = 0
        self.step_s = 0.0
        operator = PlantOperator(self.simulation)
        self.servers: dict[str, ColumnServer] = {
            row.id: ColumnServer(
                name=row.name,
                host=settings.host,
                port=settings.ports.get(row.id, row.port),
                clock=clock,
                users=settings.users,
                certificate_dir=settings.data_dir / "certificates" / row.id if settings.secure else None,
                operator=operator,
                history_depth=settings.history_depth,
            )
            for row in self._plant.servers
        }
        self.meters: dict[str, MeterServer] = {
            row.id: MeterServer(
                name=row.name,
                host=settings.host,
                port=settings.ports.get(row.id, row.port),
                meters=self._plant.meters.meters(row),
            )
            for row in self._plant.meters.servers
        }
        self.bad_days = ServerBadDays(self.servers, self.meters, clock)
        self._conditions = FailureConditions(self.simulation, self.servers)
        self._rows: dict[str, Rows] = {
            server: np.flatnonzero([tag.server == server for tag in self.simulation.tags])
            for server in self.servers
        }
        position = {tag.tag: number for number, tag in enumerate(self.simulation.tags)}
        self._meter_rows: dict[str, Rows] = {
            name: np.array([position[tag] for tag in meters.tags], np.intp)
            for name, meters in self.meters.items()
        }
        if settings.scenario is not None:
            self._play(settings.scenario, begin_ns)

    def _play(self, path: Path, begin_ns: int) -> None:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise SimSettingsError(f"PARKTWIN_SIM_SCENARIO={path}: {error}; name a scenario file") from error
        board = self.simulation.board
        scenario = read_scenario(
            text, str(path), check=board.check, now_ns=begin_ns, utc_offset_h=self._plant.utc_offset_h
        )
        board.schedule(scenario.orders)
        _LOG.info("playing %s: %d events", scenario.name.en, len(scenario.orders))

    @property
    def now_ns(self) -> int:
        """Simulated time (:class:`sim.control.sim_clock.SimClock`)."""
        return self.simulation.now_ns

    def set_speed(self, speed: float) -> None:
        """Go at another speed from the next step on."""
        self.speed = speed
        _LOG.info("simulating %g seconds in a second", speed)

    async def start(self) -> None:
        """Warm up, build the servers, read every machine once, listen.

        Raises:
            PortInUseError: a port is taken; what listened already is stopped again.
        """
        self.warm_up()
        for name, rows in self._rows.items():
            tags = [self.simulation.tags[row] for row in rows.tolist()]
            await self.servers[name].build(plant_space(tags, self._equipment(name)))
        await self.advance(0.0, self._clock())
        try:
            for server in self.servers.values():
                await server.start()
            for meters in self.meters.values():
                await meters.start()
        except OSError:
            await self.stop()
            raise
        where = ", ".join(f"{name} {server.endpoint}" for name, server in self.servers.items())
        if self._settings.host not in _LOOPBACK:
            _LOG.warning(
                "listening on %s: whoever reaches it may read (simulated values)%s",
                self._settings.host,
                "" if self._settings.users else ", and may start, stop and set machines",
            )
        _LOG.info("simulating %d tags of %s: %s", len(self.simulation.tags), self._plant.name, where)

    def warm_up(self) -> None:
        """Let the plant run for as long as its file says, so that nobody sees empty lines and cold ovens."""
        steps = round(self._plant.warm_up_s / WARM_UP_STEP_S)
        self.simulation.step(0.0)
        for _ in range(steps):
            self.simulation.step(WARM_UP_STEP_S)

    async def run(self) -> None:
        """Step and serve for ever."""
        first = True
        async for now_ns in self.pace.ticks():
            if not first:
                await self.advance(self._plant.tick_s, now_ns)
            first = False

    async def stop(self) -> None:
        """Close every server."""
        await self.bad_days.end_all()
        await asyncio.gather(
            *(server.stop() for server in self.servers.values()),
            *(meters.stop() for meters in self.meters.values()),
        )
        self.cameras.close()
        self.truth.close()

    def unhealthy(self) -> dict[str, str]:
        """Why it does not do its work, by part; empty if it does."""
        late_s = (self._clock() - self.last_tick_ns) / NS_PER_S
        if late_s > max(self.pace.most_late_s, 3 * self._plant.tick_s):
            return {"simulation": f"no step for {late_s:.1f} s; one is due every {self._plant.tick_s} s"}
        return {}

    async def advance(self, wall_s: float, now_ns: int) -> None:
        """Simulate what ``wall_s`` [s] of wall time are worth, and serve it stamped ``now_ns``."""
        simulation = self.simulation
        begun = perf_counter()
        if wall_s > 0:
            simulation.step(wall_s * self.speed)
        self.step_s = perf_counter() - begun
        for name, rows in self._rows.items():
            text = [simulation.text[row] for row in rows.tolist()]
            self.values_changed += await self.servers[name].columns.write(
                np.arange(len(rows)), simulation.value[rows], simulation.status[rows], now_ns, text
            )
        for name, rows in self._meter_rows.items():
            self.meters[name].write(simulation.value[rows], simulation.status[rows])
        await self._conditions.tell()
        self.last_tick_ns = now_ns

    def app(self) -> ASGIApp:
        """The HTTP app: control, cameras, health, metrics."""
        return create_control_app(
            board=self.simulation.board,
            log=self.truth,
            clock=self,
            bad_days=self.bad_days,
            token=self._settings.token,
            more=[*status_routes(self), Mount("/", camera_router(self.cameras))],
            open_prefixes=(*OPEN, "/cameras"),
        )

    def _equipment(self, server: str) -> list[EquipmentNode]:
        kind_of = self.simulation.fleets.kind_of
        return [
            EquipmentNode(
                unit.equipment,
                unit.kind,
                kind_of[unit.equipment].companion,
                setpoints=kind_of[unit.equipment].setpoints,
                operated=kind_of[unit.equipment].has_state,
            )
            for unit in self._plant.units
            if unit.server == server
        ]

    def _note_piece(self, piece: Piece, station: str) -> None:
        """A piece was inspected: its truth goes to the log."""
        self.truth.write(defect_label(piece.time_ns, station, piece.serial, piece.defects))

    def _see_piece(self, piece: Piece, station: str) -> None:
        """A piece lies under a station's camera: time for a picture, and for a verdict before it is done."""
        if station in self.cameras.feeds:
            self.cameras.offer(station, piece)

    def _note_picture(self, serial: str, station: str, label: Label) -> None:
        """A picture was taken: what is truly in it goes to the log."""
        defects = [(defect.type, defect.box) for defect in label.defects]
        self.truth.write(picture_label(self.now_ns, station, serial, defects))
