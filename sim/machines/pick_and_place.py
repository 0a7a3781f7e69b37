"""A pick-and-place machine: nozzles that clog, feeders that miss, a gantry that wears."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.fouling import Fouling
from sim.degradation.shock_wear import ShockWear
from sim.instruments import counter, flow_meter, gauge, percent, pressure_gauge, thermometer, vibration_sensor
from sim.kind import ELECTRIC, F64, FailureMode, Input, MachineKind, Sensor, Signal, Site, Tick
from sim.physics.columns import column
from sim.physics.last_piece import LastPiece
from sim.rated_machine import Electrics, Quantity, QuantityBank


class PickAndPlaceParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One machine.

    Args:
        components: components it places on a board.
        air_nm3_h: compressed air at work, for the ejectors of its nozzles [Nm³/h].
    """

    components: int = 186
    air_nm3_h: float = 14.0

    def __post_init__(self) -> None:
        if self.components < 1 or self.air_nm3_h < 0:
            raise ValueError(
                f"components {self.components}, air_nm3_h {self.air_nm3_h}: at least 1, at least 0"
            )


_QUANTITIES = (
    Quantity(
        pressure_gauge("nozzle_vacuum", "Vacuum at the nozzles, gauge", "kPa", -100, 0),
        0,
        -86,
        2,
        0.5,
        0.01,
        {"nozzle_clogging": 27},
        "powered",
    ),
    Quantity(
        thermometer("head_temperature", "Head temperature", 0, 120),
        30,
        46,
        1500,
        0.6,
        0.03,
        {"guide_wear": 13},
    ),
    Quantity(
        gauge("gantry_x_current", "Gantry x drive current", "A", 0, 30),
        0.4,
        4.6,
        1,
        0.1,
        0.03,
        {"guide_wear": 3.1},
    ),
    Quantity(
        gauge("gantry_y_current", "Gantry y drive current", "A", 0, 30),
        0.4,
        5.2,
        1,
        0.1,
        0.03,
        {"guide_wear": 1.2},
    ),
    Quantity(
        vibration_sensor("gantry_vibration", "Gantry vibration", 30),
        0.05,
        1.3,
        1,
        0.08,
        0.05,
        {"guide_wear": 4.2},
    ),
    Quantity(
        percent("vision_score", "Score of the component camera"),
        96.5,
        96.5,
        60,
        0.4,
        0.002,
        {"nozzle_clogging": -3},
        "powered",
    ),
)

_MODES = (
    FailureMode(
        "nozzle_clogging",
        "PLU",
        "5.1 Blockage/plugged",
        Fouling(520.0, 0.4),
        "Tắc đầu hút",
        "Clogged nozzles",
        ("nozzle_vacuum", "pick_error_rate", "vision_score"),
        stops=False,
        repair_h=1.0,
    ),
    FailureMode(
        "feeder_wear",
        "ERO",
        "2.4 Wear",
        ShockWear(3800.0, 0.5, 10.0),
        "Mòn bộ cấp linh kiện (feeder)",
        "Feeder wear",
        ("pick_error_rate", "components_lost", "placement_rate"),
        stops=False,
        repair_h=1.0,
    ),
    FailureMode(
        "guide_wear",
        "VIB",
        "2.4 Wear",
        ExponentialGrowth(19_000.0, 0.3, 4.0),
        "Mòn ray dẫn hướng gantry",
        "Worn linear guide of the gantry",
        ("gantry_vibration", "gantry_x_current", "accuracy_x", "head_temperature"),
        repair_h=8.0,
    ),
)
_NAMES = tuple(mode.name for mode in _MODES)


class PickAndPlaceFleet:
    """All machines."""

    def __init__(self, parameters: Sequence[PickAndPlaceParameters], site: Site) -> None:
        n = len(parameters)
        rng = site.rng()
        self._components = column(parameters, "components")
        self._air = column(parameters, "air_nm3_h")
        self._bank = QuantityBank(_QUANTITIES, _NAMES, n, rng)
        self._electrics = Electrics(n, 0.8)
        self._habit_ppm = 420.0 * np.exp(rng.normal(0.0, 0.12, n))
        self._board = LastPiece((55.0, 2.2, 2.2), n)
        self._lost = np.zeros(n)
        self._made = np.zeros(n)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        clogged, feeder, guide = (tick.severity[name] for name in _NAMES)
        air_bar = tick.inputs["air_bar"]
        weak = np.maximum(5.0 - air_bar, 0.0)  # below 5 bar the ejectors no longer draw
        ppm = self._habit_ppm + 2600.0 * clogged * clogged + 3600.0 * feeder * feeder + 4000.0 * weak
        mean = np.array([ppm, 16.0 + 26.0 * guide * guide, 15.0 + 9.0 * guide * guide])
        ppm, x, y = self._board.step(tick.made, mean, tick.rng)
        placed = np.maximum(tick.made - self._made, 0.0) * self._components
        self._made = tick.made.copy()
        self._lost = self._lost + placed * ppm * 1e-6
        pace = np.maximum(1.0 - 0.22 * feeder * feeder - 0.1 * clogged - 0.2 * weak, 0.2)
        out = self._bank.step(tick, tick.work, {"nozzle_vacuum": 18.0 * weak * tick.powered})
        out |= self._electrics.step(tick, 1.1 + tick.work * (1.5 + 0.5 * guide))
        air = self._air * tick.work * np.minimum(air_bar / 6.0, 1.4) + 0.6 * tick.powered
        out |= {
            "components_placed": self._components * tick.made,
            "placement_rate": self._components * pace * tick.work * 2.4,
            "pick_error_rate": np.maximum(ppm, 0.0),
            "components_lost": np.floor(self._lost),
            "accuracy_x": np.abs(x),
            "accuracy_y": np.abs(y),
            "air_pressure": air_bar,
            "air_flow": air,
            "air_nm3_h": air,
            "pace": pace,
            "reject_share": np.minimum(0.012 * clogged * clogged + 0.02 * guide * guide, 0.5),
        }
        return out


KIND = MachineKind(
    "pick_and_place",
    PickAndPlaceParameters,
    signals=(
        Signal("active_power", "Active power", "kW", 0, 20, sensor=Sensor(0.01, 0.01)),
        Signal("components_placed", "Components placed", "pcs", 0, 9e15, "Int64"),
        gauge("placement_rate", "Placement rate", "pcs/min", 0, 2000),
        gauge("pick_error_rate", "Failed picks", "ppm", 0, 20000),
        counter("components_lost", "Components lost"),
        gauge("accuracy_x", "Placement error of the last board, x", "µm", 0, 200),
        gauge("accuracy_y", "Placement error of the last board, y", "µm", 0, 200),
        pressure_gauge("air_pressure", "Compressed air pressure", "bar", 0, 12),
        flow_meter("air_flow", "Compressed air used", "Nm³/h", 50),
        *(row.signal for row in _QUANTITIES),
    ),
    create=PickAndPlaceFleet,
    flows=(*ELECTRIC, "air_nm3_h", "pace", "reject_share"),
    inputs=(Input("air_bar", "air", "upstream", "air_bar", "max", default=7.0, lagged=True),),
    modes=_MODES,
    station=True,
    companion="PackML",
)
"""See the module."""
