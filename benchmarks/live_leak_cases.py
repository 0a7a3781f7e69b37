"""The seeded leaks of :mod:`benchmarks.network_cases` as the live twin finds them: through the history, the
state, what it learned of the day before by itself, and its desk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.network_cases import START_NS, Instruments, demo_park, pipe_metres
from sim.faults.order import FaultOrder
from sim.plant import read_plant
from sim.simulation import Simulation
from twin.api.water_calibration import LEARNED_H, WaterCalibration
from twin.contract.clock import NS_PER_S
from twin.contract.frame import Frame
from twin.contract.messages import Connection, SourceState, TagSet
from twin.historian.base import HistoryStore
from twin.historian.connect import open_history
from twin.networks.desk import NetworkDesk, WaterNow
from twin.networks.park_water import ParkWater
from twin.networks.readings import take
from twin.networks.water_baseline import WaterBaseline
from twin.state.tag_map import TagMapping
from twin.state.twin_state import TwinState

STEP_S, READ_EVERY_S = 60.0, 300.0
"""The day before: stepped, and read."""
SOURCE = "all"


@dataclass(frozen=True, slots=True)
class LiveLeakCase:
    """A leak, and where the live twin puts it.

    Args:
        pipe: where it is.
        true_m3_h: how much.
        named, metres, found_m3_h: by the mean of five minutes against what was learned; "" if unseen.
        drawn, drawn_metres: by one moment against the drawing, as it was before.
    """

    pipe: str
    true_m3_h: float
    named: str
    metres: float
    found_m3_h: float
    drawn: str
    drawn_metres: float


class LiveTwin:
    """The part of a live twin that looks for leaks, over a simulation.

    Args:
        folder: for its history and what it keeps.
        seed: of the simulation.
    """

    def __init__(self, folder: Path, seed: int) -> None:
        self.park = demo_park()
        self.simulation = Simulation(read_plant(), seed=seed, start_ns=START_NS - LEARNED_H * 3600 * NS_PER_S)
        self.simulation.step(0.0)
        self._instruments = Instruments(self.park, self.simulation)
        self.state = TwinState(self._instruments.table)
        self.desk, self.drawn = NetworkDesk(self.park), NetworkDesk(self.park)
        self.history: HistoryStore = open_history(f"chdb:{folder / 'history'}", retention_days=0)
        self.calibration = WaterCalibration(
            self.park, self.state.table, self.desk, lambda: self.history, lambda: self.simulation.now_ns,
            folder / "water-baseline.json",
        )  # fmt: skip
        water = [
            (tag, number) for tag, number in self.state.table.number.items() if "water" in tag.split(":")[0]
        ]
        self._tags = TagSet(
            source=SOURCE,
            tags=tuple(tag for tag, _ in water),
            units=("",) * len(water),
            data_types=("Double",) * len(water),
        )
        self._numbers = np.array([number for _, number in water], np.intp)
        self._sequence = 0

    def tell(self, at: int | None = None, changed: Mapping[str, float] | None = None) -> None:
        """Take in what is shown now, or say it was shown at ``at`` [ns]; ``changed`` is added, by tag."""
        value, usable = (column[self._numbers] for column in self._instruments.columns())
        for tag, more in (changed or {}).items():
            value[self._tags.tags.index(tag)] += more
        self._sequence += 1
        now = self.simulation.now_ns if at is None else at
        frame = Frame(
            source=SOURCE,
            sequence=self._sequence,
            tag_set=self._tags.id,
            index=np.arange(len(value), dtype="<u4"),
            source_time=np.full(len(value), now, "<i8"),
            status=np.where(usable > 0.5, 0, 0x80000000).astype("<u4"),
            value=value,
        )
        self.history.append([(self._tags, frame)])
        self.state.apply(frame, TagMapping(self._numbers, simulated=True), now)
        for source in self.state.table.sources:
            beat = SourceState(source=source, connection=Connection.CONNECTED, since=now, time=now)
            self.state.note_source(beat, now)
        self.state.sweep(now)

    def run(self, seconds: float, step_s: float, every_s: float) -> None:
        """Let time pass; what is shown is told every so often."""
        for number in range(round(seconds / step_s)):
            self.simulation.step(step_s)
            if (number + 1) % round(every_s / step_s) == 0:
                self.tell()

    def learn(self) -> WaterBaseline | None:
        """Let a day pass, and learn from it."""
        self.run(LEARNED_H * 3600.0, STEP_S, READ_EVERY_S)
        return self.calibration.refresh()

    def look(self) -> tuple[WaterNow, WaterNow]:
        """Ask as ``GET /api/networks/water`` does, and as it did before anything was learned."""
        now = take(self.state)
        return self.desk.water(self.calibration.steady(now), 1.0), self.drawn.water(now, 1.0)


def live_leak_cases(folder: Path, count: int, *, seed: int = 1) -> Iterator[LiveLeakCase]:
    """Let one main or service pipe after the other leak, as :func:`benchmarks.network_cases.leak_cases`."""
    rng = np.random.default_rng(seed)
    twin = LiveTwin(folder, seed)
    assert twin.learn() is not None, twin.calibration.held_back
    water = ParkWater(twin.park)
    places = sorted([*water.pipes, *water.users])
    for _ in range(count):
        pipe = places[rng.integers(len(places))]
        fault = "leak" if pipe in water.pipes else "service_leak"
        order = FaultOrder(fault=fault, equipment=pipe, strength=float(rng.uniform(0.1, 1.0)), ramp=0)
        active = twin.simulation.board.inject(order, twin.simulation.now_ns)
        twin.run(60.0, 15.0, 15.0)
        twin.run(300.0, 15.0, 15.0)
        true = float(twin.simulation.outputs[twin.simulation.fleets.row_of[pipe, "leak_m3_h"]])
        found, before = (now.leaks for now in twin.look())
        named, drawn = (some[0].places[0].id if some else "" for some in (found, before))
        yield LiveLeakCase(
            pipe, true, named, pipe_metres(water, pipe, named) if named else float("nan"),
            found[0].m3_h if found else 0.0, drawn,
            pipe_metres(water, pipe, drawn) if drawn else float("nan"),
        )  # fmt: skip
        twin.simulation.board.clear(active.number, twin.simulation.now_ns)
        twin.simulation.board.repair(pipe, twin.simulation.now_ns)
        twin.run(60.0, 15.0, 15.0)
    twin.history.close()
