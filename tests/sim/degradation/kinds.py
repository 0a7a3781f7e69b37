"""A kind of machine that does nothing, for tests of what happens to machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.fouling import Fouling
from sim.degradation.never import NEVER
from sim.degradation.weibull_sudden import WeibullSudden
from sim.kind import F64, FailureMode, Fleet, MachineKind, Sensor, Signal, Site, Tick


class Nothing(msgspec.Struct, frozen=True):
    """No parameters."""


class Idle:
    """A fleet that stands."""

    def step(self, tick: Tick) -> Mapping[str, F64]:
        return {}


def stand(parameters: Sequence[Any], site: Site) -> Fleet:
    """Make a fleet that stands."""
    return Idle()


BEARING = FailureMode(
    "bearing_wear", "VIB", "2.4 Wear", ExponentialGrowth(2000.0), "Mòn ổ bi", "Bearing wears out",
    ("vibration",), repair_h=6.0,
)  # fmt: skip
WINDING = FailureMode(
    "winding_short", "ELP", "4.1 Short circuiting", WeibullSudden(20_000.0, warning_h=10.0),
    "Chập cuộn dây", "Winding shorts", ("current",),
)  # fmt: skip
STRAINER = FailureMode(
    "strainer_fouling", "PLU", "5.1 Blockage/plugged", Fouling(500.0), "Nghẹt lưới lọc", "Strainer fouls",
    ("flow",), stops=False, repair_h=1.0,
)  # fmt: skip
LEAK = FailureMode(
    "pipe_leak", "ELP", "1.1 Leakage", NEVER, "Rò rỉ đường ống", "Pipe leaks", ("flow",), stops=False
)
TRIP = FailureMode(
    "breaker_trip", "SPO", "4.0 Electrical failure", NEVER, "Nhảy máy cắt", "Breaker trips", ("current",)
)

PUMP = MachineKind(
    "pump",
    Nothing,
    (
        Signal("flow", "Flow", "m³/h", 0.0, 100.0, sensor=Sensor(0.2, 0.1)),
        Signal("vibration", "Vibration", "mm/s", 0.0, 50.0, sensor=Sensor(0.03, 0.01)),
        Signal("current", "Current", "A", 0.0, 200.0, sensor=Sensor(0.2, 0.1)),
        Signal("starts", "Starts", "", 0.0, 4e9, "UInt32"),
    ),
    stand,
    modes=(BEARING, WINDING, STRAINER, LEAK),
)
BREAKER = MachineKind(
    "breaker",
    Nothing,
    (Signal("current", "Current", "A", 0.0, 2000.0, sensor=Sensor(1.0, 0.1)),),
    stand,
    modes=(TRIP,),
)
STATION = MachineKind(
    "press", Nothing, (Signal("force", "Force", "kN", 0.0, 500.0),), stand, modes=(BEARING,), station=True
)

PUMPS = ("park/works/pump1", "park/works/pump2", "park/works/pump3")
BREAKERS = ("park/grid/q1", "park/grid/q2")
PRESSES = ("park/shop/press1",)
GROUPS: tuple[tuple[MachineKind, tuple[str, ...]], ...] = (
    (PUMP, PUMPS),
    (BREAKER, BREAKERS),
    (STATION, PRESSES),
)
