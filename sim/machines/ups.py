"""An uninterruptible power supply: rectifier, battery by counted charge, inverter, and its load."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.gamma_wear import GammaWear
from sim.degradation.weibull_sudden import WeibullSudden
from sim.instruments import gauge, percent, thermometer
from sim.kind import ELECTRIC, F64, FailureMode, MachineKind, Sensor, Signal, Site, Tick
from sim.physics.battery import LEAD_ACID, charge_after, current_a
from sim.physics.columns import column
from sim.physics.wander import Wander
from sim.rated_machine import Quantity, QuantityBank

CELLS = 192
"""Cells in series: 384 V nominal."""
EFFICIENCY = 0.94
CHARGE_SHARE = 0.1
"""Charging current over capacity [1/h]: the ten-hour current."""


class UpsParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One UPS.

    Args:
        rated_kva: rating [kVA].
        load_kw: what it protects takes [kW].
        capacity_ah: of its battery [Ah].
        cell_ohm: inner resistance of a new cell [Ω].
    """

    rated_kva: float = 60.0
    load_kw: float = 26.0
    capacity_ah: float = 100.0
    cell_ohm: float = 0.0012

    def __post_init__(self) -> None:
        if not 0 < self.load_kw <= self.rated_kva or min(self.capacity_ah, self.cell_ohm) <= 0:
            raise ValueError(
                f"load_kw {self.load_kw}, rated_kva {self.rated_kva}: load above 0 and at most the rating; "
                f"capacity_ah {self.capacity_ah}, cell_ohm {self.cell_ohm}: above 0"
            )


_QUANTITIES = (
    Quantity(
        thermometer("battery_temperature", "Battery temperature", -20, 90),
        25,
        26.5,
        3600,
        0.3,
        0.01,
        {"battery_ageing": 7},
        "always",
    ),
    Quantity(
        thermometer("inverter_temperature", "Inverter temperature", -20, 120),
        30,
        46,
        600,
        0.5,
        0.02,
        {"fan_failure": 26},
        "always",
    ),
    Quantity(
        gauge("fan_speed", "Fan speed", "rpm", 0, 6000),
        0,
        2450,
        5,
        15,
        0.02,
        {"fan_failure": -1500},
        "always",
    ),
    Quantity(
        gauge("capacitor_ripple", "Ripple on the direct-current bus", "V", 0, 50),
        1.4,
        1.4,
        60,
        0.05,
        0.05,
        {"capacitor_ageing": 6.5},
        "always",
    ),
    Quantity(
        gauge("input_frequency", "Input frequency", "Hz", 0, 60, 0.0001), 0, 50, 1, 0.02, 0, follows="powered"
    ),
    Quantity(
        gauge("output_frequency", "Output frequency", "Hz", 0, 60, 0.0001),
        50,
        50,
        1,
        0.004,
        0,
        follows="always",
    ),
)

_MODES = (
    FailureMode(
        "battery_ageing",
        "LOO",
        "2.2 Corrosion",
        GammaWear(30_000.0, 0.25),
        "Lão hóa ắc quy",
        "Ageing battery",
        ("autonomy", "battery_resistance", "battery_temperature"),
        stops=False,
        repair_h=8.0,
    ),
    FailureMode(
        "fan_failure",
        "OHE",
        "2.4 Wear",
        ExponentialGrowth(26_000.0, 0.3, 4.0),
        "Hỏng quạt làm mát UPS",
        "Worn cooling fan",
        ("fan_speed", "inverter_temperature"),
        stops=False,
        repair_h=2.0,
    ),
    FailureMode(
        "capacitor_ageing",
        "PDE",
        "4.0 Electrical failure",
        WeibullSudden(45_000.0, 3.0, 1500.0),
        "Lão hóa tụ điện",
        "Ageing capacitors",
        ("capacitor_ripple",),
        stops=False,
        repair_h=6.0,
    ),
)
_NAMES = tuple(mode.name for mode in _MODES)


class UpsFleet:
    """All UPS. What it protects goes on while there is charge; from the mains it takes nothing then."""

    def __init__(self, parameters: Sequence[UpsParameters], site: Site) -> None:
        n = len(parameters)
        self._kva, self._load, self._ah, self._ohm = (
            column(parameters, name) for name in ("rated_kva", "load_kw", "capacity_ah", "cell_ohm")
        )
        self._charge = np.ones(n)
        self._slow = Wander((0.03, 0.004), (600.0, 120.0), n)
        self._outages = np.zeros(n)
        self._was_powered = np.ones(n, np.bool_)
        self._bank = QuantityBank(_QUANTITIES, _NAMES, n, site.rng())

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        aged = tick.severity["battery_ageing"]
        load_off, mains_off = self._slow.step(tick.rng, tick.dt_s)
        capacity = self._ah * (
            1.0 - 0.2 * np.minimum(aged, 1.5)
        )  # a battery ends its life at 80 % (IEEE 1188)
        ohm = CELLS * self._ohm * (1.0 + 1.3 * aged)
        wanted = self._load * (1.0 + load_off)
        on_mains = tick.powered
        served = np.where(on_mains | (self._charge > 0.02), wanted, 0.0)
        open_v = CELLS * LEAD_ACID.at(self._charge)
        discharge = current_a(1000.0 * served / EFFICIENCY, open_v, ohm)
        charging = np.minimum(CHARGE_SHARE * capacity, (1.0 - self._charge) * capacity * 2.0)
        battery_a = np.where(on_mains, -charging, np.where(served > 0, discharge, 0.0))
        self._charge = charge_after(self._charge, battery_a, tick.dt_s, capacity)
        self._outages = self._outages + (self._was_powered & ~on_mains)
        self._was_powered = on_mains.copy()
        volts = open_v - ohm * battery_a
        active = (served / EFFICIENCY + volts * charging / 1000.0 / 0.95) * on_mains
        reactive = 0.1 * active
        left_h = (
            self._charge * capacity / np.maximum(current_a(1000.0 * wanted / EFFICIENCY, open_v, ohm), 0.1)
        )
        out = self._bank.step(tick, np.ones_like(aged))
        out |= {
            "active_power": active,
            "load": 100.0 * served / self._kva,
            "output_power": served,
            "input_voltage": 400.0 * (1.0 + mains_off) * on_mains,
            "output_voltage": np.where(served > 0, 400.0, 0.0),
            "battery_voltage": volts,
            "battery_current": battery_a,
            "battery_charge": 100.0 * self._charge,
            "battery_resistance": 1000.0 * ohm,
            "autonomy": np.minimum(60.0 * left_h, 600.0),
            "on_battery": (~on_mains & (served > 0)).astype(np.float64),
            "outages": self._outages,
            "active_kw": active,
            "reactive_kvar": reactive,
        }
        return out


KIND = MachineKind(
    "ups",
    UpsParameters,
    signals=(
        Signal("active_power", "Active power drawn", "kW", 0, 200, sensor=Sensor(0.02, 0.01)),
        percent("load", "Load", 150),
        gauge("output_power", "Power given", "kW", 0, 200),
        gauge("input_voltage", "Input voltage between phases", "V", 0, 500),
        gauge("output_voltage", "Output voltage between phases", "V", 0, 500, 0.0002),
        gauge("battery_voltage", "Battery voltage", "V", 0, 500, 0.0002),
        gauge("battery_current", "Battery current, charging is negative", "A", -300, 600, 0.0002),
        percent("battery_charge", "Battery, state of charge"),
        # the string's resistance [mΩ] has no unit of its own in the table
        gauge("battery_resistance", "Resistance of the battery string [mΩ]", "", 0, 5000, 0.0005),
        gauge("autonomy", "Time left on battery", "min", 0, 600, 0.0),
        Signal("on_battery", "On battery", data_type="Boolean"),
        Signal("outages", "Outages bridged", "pcs", 0, 4e9, "UInt32"),
        *(row.signal for row in _QUANTITIES),
    ),
    create=UpsFleet,
    flows=ELECTRIC,
    modes=_MODES,
    operated=False,
    every_s=5.0,
)
"""See the module."""
