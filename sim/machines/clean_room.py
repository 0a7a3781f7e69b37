"""A clean room: particles, overpressure, temperature and humidity, as its air supply, its people and its
doors make them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.gamma_wear import GammaWear
from sim.degradation.weibull_sudden import WeibullSudden
from sim.instruments import gauge, pressure_gauge, thermometer
from sim.kind import ELECTRIC, F64, FailureMode, Input, MachineKind, Sensor, Signal, Site, Tick
from sim.physics.clean_air import class_of, settled_per_m3
from sim.physics.columns import column
from sim.physics.lag import Lag
from sim.physics.moist_air import relative_humidity
from sim.physics.wander import Wander
from sim.rated_machine import Electrics

_SHED_PER_H = 1.1e8
"""Particles of 0.5 µm and more that a person in clean-room dress sheds [1/h] (Austin's table: some 500,000
a minute standing, a few millions walking)."""
_COARSE = 0.0065
"""Share of them that is 5 µm or more: as between the limits of a class in ISO 14644-1."""
_DOOR_EVERY_S, _DOOR_OPEN_S = 700.0, 7.0


class CleanRoomParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One room.

    Args:
        volume_m3: of its air [m³].
        supply_m3_h: nominal supply air, for its overpressure [m³/h].
        recirculated_m3_h: air through the filter-fan units in its ceiling [m³/h].
        people: at work in it.
        heat_kw: what machines, light and people give off [kW].
        overpressure_pa: against the corridor at nominal supply [Pa].
        ffu_kw: filter-fan units and light [kW].
    """

    volume_m3: float = 900.0
    supply_m3_h: float = 14_000.0
    recirculated_m3_h: float = 60_000.0
    people: int = 12
    heat_kw: float = 34.0
    overpressure_pa: float = 18.0
    ffu_kw: float = 6.0

    def __post_init__(self) -> None:
        if min(self.volume_m3, self.supply_m3_h, self.recirculated_m3_h, self.overpressure_pa) <= 0:
            raise ValueError(
                f"volume_m3 {self.volume_m3}, supply_m3_h {self.supply_m3_h}, recirculated_m3_h "
                f"{self.recirculated_m3_h}, overpressure_pa {self.overpressure_pa}: all above 0"
            )


_MODES = (
    FailureMode(
        "door_seal_leak",
        "ELU",
        "1.1 Leakage",
        GammaWear(9000.0, 0.25),
        "Hở gioăng cửa phòng sạch",
        "Leaking door seal",
        ("pressure", "particles_0_5um", "particles_5um"),
        stops=False,
        repair_h=2.0,
    ),
    FailureMode(
        "ffu_failure",
        "LOO",
        "2.4 Wear",
        ExponentialGrowth(20_000.0, 0.3, 3.0),
        "Suy giảm cụm quạt lọc FFU",
        "Filter-fan units losing flow",
        ("air_changes", "particles_0_5um", "ffu_current", "iso_class"),
        stops=False,
        repair_h=4.0,
    ),
    FailureMode(
        "hepa_leak",
        "INL",
        "2.5 Breakage",
        WeibullSudden(30_000.0, 1.4, 72.0),
        "Thủng màng lọc HEPA",
        "Torn HEPA filter",
        ("particles_0_5um", "particles_5um", "iso_class"),
        stops=False,
        repair_h=5.0,
    ),
)


class CleanRoomFleet:
    """All rooms."""

    def __init__(self, parameters: Sequence[CleanRoomParameters], site: Site) -> None:
        n = len(parameters)
        self._volume, self._supply, self._recirculated, self._people, self._heat, self._pa, self._ffu_kw = (
            column(parameters, name)
            for name in (
                "volume_m3",
                "supply_m3_h",
                "recirculated_m3_h",
                "people",
                "heat_kw",
                "overpressure_pa",
                "ffu_kw",
            )
        )
        self._slow = Wander((0.12, 0.02, 0.0002, 0.04), (900.0, 1800.0, 2400.0, 60.0), n)
        self._particles = Lag(60.0 * self._volume / self._recirculated * 60.0)
        self._pressure = Lag(4.0)
        self._air = Lag(np.array([[1100.0], [1400.0]]))
        self._open_s = np.zeros(n)
        self._openings = np.zeros(n)
        self._electrics = Electrics(n, 0.9)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        severity, dt_s, rng = tick.severity, tick.dt_s, tick.rng
        leak, weak = severity["door_seal_leak"], severity["ffu_failure"]
        crowd, heat, moist, gust = self._slow.step(rng, dt_s)
        opened = rng.random(len(leak)) < -np.expm1(-dt_s / _DOOR_EVERY_S)
        self._open_s = np.where(opened, _DOOR_OPEN_S, np.maximum(self._open_s - dt_s, 0.0))
        self._openings = self._openings + opened
        door = (self._open_s > 0).astype(np.float64)

        supply = tick.inputs["supply_m3_h"]
        blown = np.minimum(supply / self._supply, 1.3)
        ffu = tick.powered * (1.0 - 0.6 * weak)
        target_pa = (
            self._pa
            * blown
            * blown
            * (1.0 - 0.75 * np.minimum(leak, 1.3))
            * (1.0 - 0.2 * door)
            * (1.0 + gust)
        )
        pressure = self._pressure.step(target_pa, dt_s)
        filtered = supply + self._recirculated * ffu
        # without overpressure the corridor's air comes in
        inflow = 2.2e7 * np.maximum(10.0 - pressure, 0.0) + 2.0e8 * door
        emitted = self._people * _SHED_PER_H * (1.0 + crowd) + inflow
        behind = 40.0 + 1.9e5 * np.square(severity["hepa_leak"])
        fine = self._particles.step(settled_per_m3(emitted, filtered, behind), dt_s)
        supply_kg_s = supply * (1.2 / 3600.0)
        balance_c = tick.inputs["supply_c"] + self._heat * (1.0 + heat) / np.maximum(supply_kg_s * 1.006, 0.9)
        room_c, ratio = self._air.step(
            np.array([np.minimum(balance_c, 45.0), tick.inputs["supply_ratio"] + 0.0002 + moist]), dt_s
        )
        out = self._electrics.step(tick, self._ffu_kw * (0.35 + 0.65 * ffu))
        return out | {
            "particles_0_5um": fine,
            "particles_5um": fine * _COARSE,
            "iso_class": np.maximum(class_of(fine, 0.5), 0.0),
            "pressure": pressure,
            "temperature": room_c,
            "humidity": np.minimum(relative_humidity(room_c, ratio), 100.0),
            "air_changes": filtered / self._volume,
            "supply_flow": supply,
            "ffu_current": self._ffu_kw * 1.75 * tick.powered * (1.0 - 0.3 * weak),
            "door_open": door,
            "door_openings": self._openings,
            "room_c": room_c,
            "room_ratio": ratio,
        }


KIND = MachineKind(
    "clean_room",
    CleanRoomParameters,
    signals=(
        Signal("particles_0_5um", "Particles from 0.5 µm, per m³", "", 0, 1e8, sensor=Sensor(600, 100)),
        Signal("particles_5um", "Particles from 5 µm, per m³", "", 0, 1e6, sensor=Sensor(12, 10)),
        Signal("iso_class", "Class after ISO 14644-1", "", 0, 9, sensor=Sensor(0.0, 0.01)),
        pressure_gauge("pressure", "Overpressure against the corridor", "Pa", -50, 100),
        thermometer("temperature", "Room temperature", 0, 60),
        gauge("humidity", "Room humidity", "%RH", 0, 100, 0.001),
        gauge("air_changes", "Air changes an hour", "", 0, 500, 0.0003),
        gauge("supply_flow", "Supply air flow", "m³/h", 0, 80_000),
        gauge("ffu_current", "Filter-fan units, current", "A", 0, 60),
        Signal("door_open", "Airlock door open", data_type="Boolean"),
        Signal("door_openings", "Door openings", "pcs", 0, 4e9, "UInt32"),
        Signal("active_power", "Active power", "kW", 0, 50, sensor=Sensor(0.01, 0.01)),
    ),
    create=CleanRoomFleet,
    flows=(*ELECTRIC, "room_c", "room_ratio"),
    inputs=(
        Input("supply_m3_h", "air", "upstream", "supply_m3_h", usual=14_000.0),
        Input("supply_c", "air", "upstream", "supply_c", "mean", default=24.0, usual=15.0),
        Input("supply_ratio", "air", "upstream", "supply_ratio", "mean", default=0.009),
    ),
    modes=_MODES,
    operated=False,
    every_s=2.0,
)
"""See the module."""
