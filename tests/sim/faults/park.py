"""A small park with a fault board, stepped by hand."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from sim.degradation.pair import WearEvent
from sim.degradation.wear import Wear
from sim.faults.board import FaultBoard
from sim.faults.plant_view import PlantView
from sim.kind import F64, U32
from sim.sensors.bank import SensorBank
from sim.sensors.calibration import CalibrationRow, Calibrations
from sim.truth.event import TruthEvent
from sim.truth.hourly import WearTruth
from sim.truth.log import TruthLog
from tests.sim.degradation.kinds import GROUPS
from twin.contract.clock import NS_PER_S

START_NS = 1_790_000_000 * NS_PER_S  # 2026-09-21, 21:13:20 in Vietnam
KIND_OF = {equipment: kind for kind, units in GROUPS for equipment in units}
SIGNALS = [(equipment, signal) for equipment, kind in KIND_OF.items() for signal in kind.all_signals]
PLANT = PlantView(KIND_OF, tuple(f"{equipment}:{signal.name}" for equipment, signal in SIGNALS), 7.0)
TRUE = np.full(len(SIGNALS), 1.0)


@dataclass
class Park:
    """Everything the board acts on."""

    wear: Wear
    sensors: SensorBank
    log: TruthLog
    board: FaultBoard
    now_ns: int = START_NS

    def run(self, seconds: float, dt_s: float = 10.0) -> list[WearEvent]:
        """Step all machines, which run unless they stand."""
        events = []
        for _ in range(round(seconds / dt_s)):
            self.now_ns += round(dt_s * NS_PER_S)
            self.board.due(self.now_ns)
            happened = self.wear.advance(self.now_ns, dt_s, ~self.wear.stopped)
            self.board.after(self.now_ns, happened)
            self.value, self.status = self.sensors.measure(TRUE, dt_s)
            events += happened
        return events

    value: F64 = field(default_factory=lambda: TRUE.copy())
    status: U32 = field(default_factory=lambda: np.zeros(len(SIGNALS), np.uint32))

    def severity(self, equipment: str, mode: str) -> float:
        """Of a failure mode, now."""
        return float(self.wear.severity[self.wear.number[equipment, mode]])

    def told(self, *what: str) -> list[TruthEvent]:
        """Rows of the truth log of these kinds."""
        return [event for event in self.log.recent() if event.event in what]


def make_park(*, calibrated: bool = False, seed: int = 5) -> Park:
    """Make the park, everything in it as new."""
    wear = Wear(GROUPS, seed=seed, new=True)
    sensors = SensorBank([signal for _, signal in SIGNALS], seed=seed)
    log = TruthLog(None, run="test", clock=lambda: START_NS)
    rows = [CalibrationRow(PLANT.row["park/works/pump1:flow"], hour=21.25, minutes=5.0)] if calibrated else []
    calibrations = Calibrations(rows, sensors, PLANT.utc_offset_h)
    return Park(wear, sensors, log, FaultBoard(PLANT, wear, sensors, log, WearTruth(wear, log), calibrations))
