"""A belt that carries boards from one machine to the next and holds a few."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.shock_wear import ShockWear
from sim.degradation.weibull_sudden import WeibullSudden
from sim.instruments import gauge, thermometer
from sim.kind import ELECTRIC, F64, FailureMode, MachineKind, Sensor, Setpoint, Signal, Site, Tick
from sim.rated_machine import Electrics, Quantity, QuantityBank


class ConveyorParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One conveyor.

    Args:
        motor_kw: power with the belt running [kW].
    """

    motor_kw: float = 0.2


_QUANTITIES = (
    Quantity(
        gauge("motor_current", "Motor current", "A", 0, 10),
        0,
        0.62,
        1,
        0.02,
        0.03,
        {"belt_wear": 0.1, "roller_bearing": 0.4},
    ),
    Quantity(
        thermometer("motor_temperature", "Motor temperature", 0, 150),
        29,
        47,
        900,
        0.6,
        0.03,
        {"roller_bearing": 24},
    ),
    Quantity(
        gauge("vibration", "Vibration", "mm/s", 0, 20), 0.02, 0.7, 1, 0.05, 0.08, {"roller_bearing": 3.4}
    ),
)

_MODES = (
    FailureMode(
        "belt_wear",
        "PDE",
        "2.4 Wear",
        ShockWear(9000.0, 0.3, 8.0),
        "Mòn, chùng dây băng tải",
        "Worn and slack belt",
        ("belt_speed", "belt_slip"),
        stops=False,
        repair_h=1.0,
    ),
    FailureMode(
        "roller_bearing",
        "VIB",
        "2.6 Fatigue",
        WeibullSudden(22_000.0, 1.8, 300.0),
        "Hỏng ổ bi con lăn",
        "Roller bearing failure",
        ("vibration", "motor_current", "motor_temperature"),
        repair_h=1.5,
    ),
)
_NAMES = tuple(mode.name for mode in _MODES)


class ConveyorFleet:
    """All conveyors."""

    def __init__(self, parameters: Sequence[ConveyorParameters], site: Site) -> None:
        n = len(parameters)
        self._motor_kw = np.array([unit.motor_kw for unit in parameters])
        self._bank = QuantityBank(_QUANTITIES, _NAMES, n, site.rng())
        self._electrics = Electrics(n, 0.72)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        worn = tick.severity["belt_wear"]
        moving = tick.running.astype(np.float64)
        slip = 0.8 + 21.0 * worn * worn
        out = self._bank.step(tick, moving)
        out |= self._electrics.step(
            tick, 0.05 + moving * (self._motor_kw - 0.05) * (1.0 + 0.6 * tick.severity["roller_bearing"])
        )
        out |= {
            "board_count": tick.wip,
            "belt_speed": tick.setpoints["belt_speed"] * (1.0 - 0.01 * slip) * moving,
            "belt_slip": slip * moving,
            "pace": np.maximum(1.0 - 0.02 * slip, 0.4),
            "reject_share": np.zeros_like(slip),
        }
        return out


KIND = MachineKind(
    "conveyor",
    ConveyorParameters,
    signals=(
        Signal("active_power", "Active power", "kW", 0, 5, sensor=Sensor(0.002, 0.01)),
        Signal("board_count", "Boards on the belt", "pcs", 0, 100, "UInt32"),
        gauge("belt_speed", "Belt speed", "m/min", 0, 20),
        gauge("belt_slip", "Belt slip", "%", 0, 100, 0.001),
        *(row.signal for row in _QUANTITIES),
    ),
    create=ConveyorFleet,
    flows=(*ELECTRIC, "pace", "reject_share"),
    modes=_MODES,
    setpoints=(Setpoint("belt_speed", "m/min", 2, 18, 9, "Belt speed"),),
    station=True,
    companion="PackML",
)
"""See the module."""
