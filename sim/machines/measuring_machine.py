"""A coordinate measuring machine: what it measures on the last part, and what its own condition adds to
that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.gamma_wear import GammaWear
from sim.degradation.weibull_sudden import WeibullSudden
from sim.instruments import counter, gauge, pressure_gauge, thermometer
from sim.kind import ELECTRIC, F64, FailureMode, Input, MachineKind, Sensor, Signal, Site, Tick
from sim.physics.columns import column
from sim.physics.last_piece import LastPiece
from sim.rated_machine import Electrics, Quantity, QuantityBank

STEEL_PER_K = 11.5e-6
"""Thermal expansion of steel [1/K]."""


class MeasuringMachineParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One machine.

    Args:
        length_mm: length that is measured [mm].
        diameter_mm: bore that is measured [mm].
        features: features measured on a part.
    """

    length_mm: float = 120.0
    diameter_mm: float = 32.0
    features: int = 24


_QUANTITIES = (
    Quantity(
        thermometer("room_temperature", "Temperature at the machine", 0, 60),
        20.6,
        20.9,
        3600,
        0.12,
        0,
        follows="always",
    ),
    Quantity(
        thermometer("part_temperature", "Temperature of the part", 0, 60),
        22.0,
        22.6,
        900,
        0.2,
        0,
        follows="always",
    ),
    Quantity(
        pressure_gauge("bearing_pressure", "Air bearing pressure", "bar", 0, 10),
        4.2,
        4.15,
        5,
        0.02,
        0.01,
        {"air_bearing_contamination": -0.9},
        "powered",
    ),
    Quantity(
        gauge("bearing_gap", "Air bearing gap", "µm", 0, 20),
        6.2,
        6.1,
        5,
        0.05,
        0.02,
        {"air_bearing_contamination": -2.9},
        "powered",
    ),
    Quantity(
        gauge("drive_current", "Bridge drive current", "A", 0, 10),
        0.1,
        0.9,
        1,
        0.03,
        0.03,
        {"air_bearing_contamination": 0.7},
    ),
)

_MODES = (
    FailureMode(
        "stylus_wear",
        "ERO",
        "2.4 Wear",
        GammaWear(2600.0, 0.3),
        "Mòn đầu đo",
        "Worn stylus",
        ("repeatability", "diameter_deviation", "length_deviation"),
        stops=False,
        repair_h=1.0,
    ),
    FailureMode(
        "air_bearing_contamination",
        "ERO",
        "5.2 Contamination",
        WeibullSudden(14_000.0, 1.6, 300.0),
        "Đệm khí bị bẩn",
        "Contaminated air bearing",
        ("bearing_pressure", "bearing_gap", "drive_current", "repeatability"),
        repair_h=6.0,
    ),
)
_NAMES = tuple(mode.name for mode in _MODES)


class MeasuringMachineFleet:
    """All machines. Lengths are stated as read: a warm part is long."""

    def __init__(self, parameters: Sequence[MeasuringMachineParameters], site: Site) -> None:
        n = len(parameters)
        rng = site.rng()
        self._length, self._features = column(parameters, "length_mm"), column(parameters, "features")
        self._diameter = column(parameters, "diameter_mm")
        self._part = LastPiece((2.6, 1.8, 1.4, 0.1), n)
        self._bank = QuantityBank(_QUANTITIES, _NAMES, n, rng)
        self._electrics = Electrics(n, 0.85)
        self._centre = rng.normal(0.0, 1.0, (2, n))

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        stylus, dirty = tick.severity["stylus_wear"], tick.severity["air_bearing_contamination"]
        out = self._bank.step(tick, tick.work)
        warm_k = out["part_temperature"] - 20.0
        mean = np.array(
            [
                self._centre[0] + 1000.0 * self._length * STEEL_PER_K * warm_k + 6.0 * stylus,
                self._centre[1] + 1000.0 * self._diameter * STEEL_PER_K * warm_k - 9.0 * stylus,
                6.0 + 3.0 * stylus,
                0.9 + 2.6 * stylus + 2.2 * dirty,
            ]
        )
        length, diameter, form, repeat = self._part.step(tick.made, mean, tick.rng)
        out |= self._electrics.step(tick, 0.9 + 0.8 * tick.work)
        out |= {
            "length_deviation": length,
            "diameter_deviation": diameter,
            "form_deviation": np.maximum(form, 0.0),
            "repeatability": np.maximum(repeat, 0.1),
            "features_measured": self._features * tick.made,
            "air_nm3_h": 6.0 * tick.powered.astype(np.float64),
            "pace": np.maximum(1.0 - 0.1 * dirty, 0.3),
            "reject_share": np.minimum(0.01 * stylus * stylus, 0.5),
            "ready": (tick.inputs["air_bar"] > 3.8).astype(np.float64),
        }
        return out


KIND = MachineKind(
    "measuring_machine",
    MeasuringMachineParameters,
    signals=(
        Signal("active_power", "Active power", "kW", 0, 20, sensor=Sensor(0.01, 0.01)),
        gauge("length_deviation", "Length of the last part, deviation", "µm", -200, 200, 0.0001),
        gauge("diameter_deviation", "Diameter of the last part, deviation", "µm", -200, 200, 0.0001),
        gauge("form_deviation", "Form of the last part, deviation", "µm", 0, 200, 0.0001),
        gauge("repeatability", "Repeatability at the reference sphere", "µm", 0, 50, 0.0002),
        counter("features_measured", "Features measured"),
        *(row.signal for row in _QUANTITIES),
    ),
    create=MeasuringMachineFleet,
    flows=(*ELECTRIC, "air_nm3_h", "pace", "reject_share", "ready"),
    inputs=(Input("air_bar", "air", "upstream", "air_bar", "max", default=7.0, lagged=True),),
    modes=_MODES,
    station=True,
    companion="PackML",
)
"""See the module."""
