"""An ammonia screw compressor of a cold store: cycle, slide valve, oil, bearings, motor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.fouling import Fouling
from sim.degradation.gamma_wear import GammaWear
from sim.instruments import (
    ammeter,
    counter,
    gauge,
    percent,
    pressure_gauge,
    thermometer,
    vibration_sensor,
)
from sim.kind import ELECTRIC, F64, FailureMode, Input, MachineKind, Site, Tick
from sim.physics.induction_motor import line_current_a
from sim.physics.lag import Lag
from sim.physics.refrigeration import cycle
from sim.rated_machine import ENERGY, POWER, Electrics, Quantity, QuantityBank

_SUPERHEAT_K = 5.0
_HIGH_PRESSURE_BAR, _HIGH_PRESSURE_RESET_BAR = 18.5, 15.5
"""Pressure switch on the discharge (EN 378-2), absolute."""

_OIL_SHARE = 0.36
"""Injected oil takes up about half of what adiabatic compression would heat; 65 to 95 °C is what screws run
at."""


class RefrigerationCompressorParameters(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """Of one compressor.

    Args:
        swept_m3_h: volume swept at full speed [m³/h].
        motor_efficiency: of its motor.
        oil_pump_kw: oil pump and crankcase heater.
    """

    swept_m3_h: float = 630.0
    motor_efficiency: float = 0.945
    oil_pump_kw: float = 2.2


_QUANTITIES = (
    Quantity(
        pressure_gauge("oil_pressure", "Oil pressure above suction", "bar", 0, 25),
        0, 4.6, 10, 0.06, 0.02, {"oil_filter_fouling": -1.6, "bearing_wear": -0.5},
    ),
    Quantity(
        pressure_gauge("oil_filter_drop", "Pressure drop of the oil filter", "bar", 0, 5),
        0, 0.35, 10, 0.02, 0.03, {"oil_filter_fouling": 1.15},
    ),
    Quantity(percent("oil_level", "Oil level"), 58, 55, 600, 0.8, 0.02, {"shaft_seal_leak": -26}),
    Quantity(
        gauge("ammonia", "Ammonia beside the shaft seal", "ppm", 0, 1000),
        1, 2, 120, 0.3, 0.0, {"shaft_seal_leak": 42}, "powered",
    ),
    Quantity(
        vibration_sensor("vibration", "Bearing vibration, drive end"),
        0, 2.0, 5, 0.12, 0.06, {"bearing_wear": 6.4, "rotor_wear": 0.8},
    ),
    Quantity(
        thermometer("bearing_temperature", "Bearing temperature, drive end"),
        32, 63, 1500, 0.8, 0.02, {"bearing_wear": 29},
    ),
    Quantity(
        thermometer("motor_temperature", "Motor winding temperature"),
        34, 84, 1800, 1.0, 0.02, {"bearing_wear": 9},
    ),
)  # fmt: skip

_MODES = (
    FailureMode(
        "rotor_wear", "LOO", "2.4 Wear", GammaWear(16000.0, 0.2),
        "Mòn rôto và van trượt", "Rotor and slide valve wear",
        ("discharge_temperature", "cop", "cooling_power"), stops=False, repair_h=48.0,
    ),
    FailureMode(
        "bearing_wear", "VIB", "2.6 Fatigue", ExponentialGrowth(12000.0, 0.35, 5.0),
        "Hỏng ổ đỡ rôto", "Rotor bearing wear",
        ("vibration", "bearing_temperature", "oil_pressure"), repair_h=36.0,
    ),
    FailureMode(
        "oil_filter_fouling", "PLU", "5.1 Blockage/plugged", Fouling(2200.0, 0.35, 1.25),
        "Tắc lọc dầu", "Oil filter fouling",
        ("oil_filter_drop", "oil_pressure", "oil_temperature"), repair_h=2.0,
    ),
    FailureMode(
        "shaft_seal_leak", "ELP", "1.1 Leakage", GammaWear(9000.0, 0.3),
        "Rò amoniac phớt trục", "Shaft seal leaks ammonia",
        ("ammonia", "oil_level", "superheat"), repair_h=12.0,
    ),
)  # fmt: skip

_NAMES = tuple(mode.name for mode in _MODES)


class RefrigerationCompressorFleet:
    """All compressors; the receiver they suck from says how much of their capacity it wants."""

    def __init__(self, parameters: Sequence[RefrigerationCompressorParameters], site: Site) -> None:
        n = len(parameters)
        rng = site.rng()
        self._swept, self._efficiency, self._oil_kw = (
            np.array([float(getattr(one, name)) for one in parameters])
            for name in ("swept_m3_h", "motor_efficiency", "oil_pump_kw")
        )
        self._swept = self._swept * (1.0 + 0.01 * np.clip(rng.standard_normal(n), -2, 2))
        self._tripped = np.zeros(n, np.bool_)
        self._hours = np.floor(rng.uniform(2000.0, 16000.0, n))
        self._slide = Lag(8.0)
        self._hot = Lag(np.array([120.0, 400.0])[:, None])
        self._bank = QuantityBank(_QUANTITIES, _NAMES, n, rng)
        self._electrics = Electrics(n, 0.88)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        severity = tick.severity
        evaporating_c, condensing_c = tick.inputs["evaporating_c"], tick.inputs["condensing_c"]
        superheat_k = _SUPERHEAT_K + 9.0 * severity["shaft_seal_leak"]
        state = cycle(evaporating_c, condensing_c, superheat_k)
        ratio = state.discharge_bar / state.suction_bar
        worn = severity["rotor_wear"]
        volumetric = np.maximum(0.93 - 0.011 * ratio - 0.16 * worn, 0.3)
        isentropic = np.maximum(0.77 - 0.0011 * (ratio - 5.0) ** 2 - 0.09 * worn, 0.45)
        kg_s = volumetric * self._swept / 3600.0 * state.density
        capacity_kw = kg_s * state.cooling_kj_kg

        over = np.where(
            self._tripped,
            state.discharge_bar > _HIGH_PRESSURE_RESET_BAR,
            state.discharge_bar > _HIGH_PRESSURE_BAR,
        )
        self._tripped = over
        turns = tick.running & ~over
        # the slide follows at once where energy is counted: its own lag would let heat vanish between
        # machines
        slide = np.minimum(tick.inputs["capacity_share"], 1.0) * turns
        cooling_kw = capacity_kw * slide
        runs = turns & (slide > 0.005)
        full_kw = kg_s * state.isentropic_kj_kg / isentropic
        shaft_kw = full_kw * (0.18 + 0.82 * slide) * runs * (1.0 + 0.05 * severity["bearing_wear"])
        risen_k = (state.isentropic_c - evaporating_c - superheat_k) / isentropic
        discharge_c = evaporating_c + superheat_k + _OIL_SHARE * risen_k + 14.0 * worn
        oil_c = 46.0 + 0.12 * (discharge_c - 70.0) + 11.0 * severity["oil_filter_fouling"]
        discharge_c, oil_c = self._hot.step(
            np.array([np.where(runs, discharge_c, 38.0), np.where(runs, oil_c, 36.0)]), tick.dt_s
        )
        self._hours = self._hours + runs * (tick.dt_s / 3600.0)

        out = self._bank.step(tick, runs.astype(np.float64))
        taken_kw = shaft_kw / self._efficiency + self._oil_kw * tick.running + 0.5
        out |= self._electrics.step(tick, taken_kw, energy=True)
        out |= {
            "suction_pressure": state.suction_bar,
            "discharge_pressure": state.discharge_bar,
            "suction_temperature": evaporating_c + superheat_k,
            "discharge_temperature": discharge_c,
            "evaporating_temperature": evaporating_c,
            "condensing_temperature": condensing_c,
            "superheat": superheat_k,
            "slide_position": 100.0 * self._slide.step(slide, tick.dt_s),
            "cooling_power": cooling_kw,
            "cop": np.where(runs, cooling_kw / np.maximum(out["active_kw"], 1.0), 0.0),
            "oil_temperature": oil_c,
            "motor_current": line_current_a(out["active_kw"], out["reactive_kvar"]),
            "run_hours": self._hours,
            "capacity_kw": capacity_kw * turns,
            "rejection_kw": cooling_kw + shaft_kw,
            "ready": np.where(over, 0.0, 1.0),
        }
        return out


KIND = MachineKind(
    "refrigeration_compressor",
    RefrigerationCompressorParameters,
    signals=(
        pressure_gauge("suction_pressure", "Suction pressure, absolute", "bar", 0, 10),
        pressure_gauge("discharge_pressure", "Discharge pressure, absolute", "bar", 0, 30),
        thermometer("suction_temperature", "Suction temperature", -60, 60),
        thermometer("discharge_temperature", "Discharge temperature", -20, 180),
        thermometer("evaporating_temperature", "Evaporating temperature", -60, 60),
        thermometer("condensing_temperature", "Condensing temperature", -20, 80),
        gauge("superheat", "Superheat of the suction gas", "K", 0, 60, 0.002),
        percent("slide_position", "Position of the capacity slide"),
        gauge("cooling_power", "Cooling power", "kW", 0, 1500),
        gauge("cop", "Coefficient of performance", "", 0, 15, 0.001),
        POWER,
        ENERGY,
        ammeter("motor_current", "Motor current", 500),
        thermometer("oil_temperature", "Oil temperature", -20, 150),
        counter("run_hours", "Running hours", "h"),
        *(row.signal for row in _QUANTITIES),
    ),
    create=RefrigerationCompressorFleet,
    flows=(*ELECTRIC, "capacity_kw", "rejection_kw", "ready"),
    inputs=(
        Input("evaporating_c", "material", "upstream", "evaporating_c", "min", default=-20.0, usual=-30.0),
        Input("capacity_share", "material", "upstream", "capacity_share", "max", default=0.0, usual=0.8),
        Input("condensing_c", "material", "downstream", "condensing_c", "mean", default=35.0, lagged=True),
    ),
    modes=_MODES,
    every_s=2.0,
)
