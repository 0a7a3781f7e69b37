"""A climatic test chamber: it drives boards through a programme of heat, cold and damp."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.gamma_wear import GammaWear
from sim.degradation.weibull_sudden import WeibullSudden
from sim.instruments import ammeter, gauge, percent, pressure_gauge, set_value, thermometer
from sim.kind import ELECTRIC, F64, FailureMode, MachineKind, Sensor, Signal, Site, Tick
from sim.physics.columns import column
from sim.rated_machine import Electrics, Quantity, QuantityBank

AMBIENT_C = 25.0
_TAU_S = 1100.0
"""Time constant of the air and walls against the hall, without heater or cold [s]."""
_HEAT_K, _COLD_K = 190.0, 130.0
"""How far full heating or cooling would bring it from the hall in the end [K]."""
_FINE_S = 5.0


class ClimaticChamberParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One chamber.

    Args:
        cold_c, hot_c: ends of its programme [°C].
        dwell_s, ramp_s: how long it stays at an end, and goes from one to the other [s].
        heater_kw, compressor_kw: installed power [kW].
    """

    cold_c: float = -20.0
    hot_c: float = 85.0
    dwell_s: float = 1800.0
    ramp_s: float = 1500.0
    heater_kw: float = 5.0
    compressor_kw: float = 4.5

    def __post_init__(self) -> None:
        if not (-40 <= self.cold_c < self.hot_c <= 150 and self.dwell_s > 0 and self.ramp_s > 0):
            raise ValueError(
                f"cold_c {self.cold_c}, hot_c {self.hot_c}: rising, from -40 to 150 °C; "
                f"dwell_s {self.dwell_s}, ramp_s {self.ramp_s}: above 0"
            )


_QUANTITIES = (
    Quantity(
        ammeter("fan_current", "Circulation fan current", 20), 0, 2.4, 2, 0.05, 0.03, {"fan_bearing": 0.8}
    ),
    Quantity(
        gauge("fan_vibration", "Circulation fan vibration", "mm/s", 0, 50),
        0,
        1.3,
        2,
        0.08,
        0.06,
        {"fan_bearing": 5.6},
    ),
    Quantity(
        pressure_gauge("suction_pressure", "Refrigerant suction pressure", "bar", -1, 15),
        4,
        1.8,
        60,
        0.05,
        0.02,
        {"refrigerant_leak": -1.5},
    ),
    Quantity(
        gauge("heater_resistance", "Heater resistance", "Ω", 0, 200),
        10.6,
        10.6,
        60,
        0.05,
        0.02,
        {"heater_failure": 26},
        "always",
    ),
    Quantity(percent("water_level", "Humidifier water level"), 78, 72, 900, 1.0, 0.02, follows="always"),
)

_MODES = (
    FailureMode(
        "refrigerant_leak",
        "ELU",
        "1.1 Leakage",
        GammaWear(12_000.0, 0.3),
        "Thiếu môi chất lạnh",
        "Loss of refrigerant",
        ("suction_pressure",),
        stops=False,
        repair_h=8.0,
    ),
    FailureMode(
        "heater_failure",
        "IHT",
        "4.2 Open circuit",
        WeibullSudden(16_000.0, 1.5, 100.0),
        "Đứt dây gia nhiệt",
        "Burnt-out heater",
        ("heater_resistance",),
        stops=False,
        repair_h=3.0,
    ),
    FailureMode(
        "fan_bearing",
        "VIB",
        "2.6 Fatigue",
        ExponentialGrowth(17_000.0, 0.35, 5.0),
        "Hỏng ổ bi quạt tuần hoàn",
        "Circulation fan bearing",
        ("fan_vibration", "fan_current"),
        repair_h=4.0,
    ),
)
_NAMES = tuple(mode.name for mode in _MODES)


class ClimaticChamberFleet:
    """All chambers. A proportional controller with feed-forward heats or cools; capacity is what it has."""

    def __init__(self, parameters: Sequence[ClimaticChamberParameters], site: Site) -> None:
        n = len(parameters)
        rng = site.rng()
        self._cold, self._hot, self._dwell_s, self._ramp_s, self._heater_kw, self._compressor_kw = (
            column(parameters, name)
            for name in ("cold_c", "hot_c", "dwell_s", "ramp_s", "heater_kw", "compressor_kw")
        )
        self._period_s = 2.0 * (self._dwell_s + self._ramp_s)
        self._clock_s = rng.uniform(0.0, 1.0, n) * self._period_s
        self._air_c = self._programme()
        self._bank = QuantityBank(_QUANTITIES, _NAMES, n, rng)
        self._electrics = Electrics(n, 0.88)

    def _programme(self) -> F64:
        """Set point now [°C]: hot, down, cold, up."""
        at = np.mod(self._clock_s, self._period_s)
        falling = np.minimum(np.maximum((at - self._dwell_s) / self._ramp_s, 0.0), 1.0)
        rising = np.minimum(np.maximum((at - 2.0 * self._dwell_s - self._ramp_s) / self._ramp_s, 0.0), 1.0)
        wanted: F64 = self._hot + (self._cold - self._hot) * (falling - rising)
        return wanted

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        leak, burnt, _ = (tick.severity[name] for name in _NAMES)
        on = tick.running.astype(np.float64)
        heat_k = _HEAT_K * np.maximum(1.0 - 0.75 * burnt, 0.0)
        cold_k = _COLD_K * np.maximum(1.0 - 0.7 * leak, 0.0)
        # the controller needs steps shorter than its answer; a day is cut into as many as matter
        steps = max(1, min(round(tick.dt_s / _FINE_S), 400))
        dt_s = tick.dt_s / steps
        keep = np.exp(-dt_s / _TAU_S)
        drive = np.zeros_like(on)
        wanted = self._programme()
        for _ in range(steps):
            self._clock_s = self._clock_s + dt_s * on
            wanted = self._programme()
            held_k = wanted - AMBIENT_C + 20.0 * (wanted - self._air_c)
            drive = np.minimum(np.maximum(held_k, -cold_k), heat_k) * on
            self._air_c = AMBIENT_C + drive + (self._air_c - AMBIENT_C - drive) * keep
        # between the steps of a long one it is where its controller holds it
        self._air_c = np.minimum(np.maximum(self._air_c, self._cold - 5.0), self._hot + 5.0)
        heating, cooling = np.maximum(drive, 0.0) / _HEAT_K, np.maximum(-drive, 0.0) / _COLD_K
        heating_duty = np.minimum(np.maximum(drive, 0.0) / np.maximum(heat_k, 1.0), 1.0)
        cooling_duty = np.minimum(np.maximum(-drive, 0.0) / np.maximum(cold_k, 1.0), 1.0)
        damp = np.where(self._air_c > 20.0, 85.0, 35.0) - 20.0 * (self._air_c > 60.0)
        out = self._bank.step(tick, on)
        out |= self._electrics.step(
            tick,
            0.15
            + on * 0.5
            + self._heater_kw * heating
            + self._compressor_kw * (cooling > 0.01) * (0.4 + 0.6 * cooling),
        )
        out |= {
            "temperature": self._air_c,
            "temperature_setpoint": wanted,
            "deviation": self._air_c - wanted,
            "humidity": damp * on + 45.0 * (1.0 - on),
            "heating_duty": 100.0 * heating_duty,
            "cooling_duty": 100.0 * cooling_duty,
            "cycles": np.floor(self._clock_s / self._period_s),
            "programme_time": np.mod(self._clock_s, self._period_s) / 60.0,
        }
        return out


KIND = MachineKind(
    "climatic_chamber",
    ClimaticChamberParameters,
    signals=(
        Signal("active_power", "Active power", "kW", 0, 40, sensor=Sensor(0.01, 0.01)),
        thermometer("temperature", "Chamber temperature", -60, 180),
        set_value("temperature_setpoint", "Set point of the programme", "°C", -60, 180),
        gauge("deviation", "Temperature less set point", "°C", -200, 200, 0.0002),
        gauge("humidity", "Chamber humidity", "%RH", 0, 100, 0.003),
        percent("heating_duty", "Heating duty"),
        percent("cooling_duty", "Cooling duty"),
        Signal("cycles", "Cycles of the programme", "pcs", 0, 4e9, "UInt32"),
        gauge("programme_time", "Time in the cycle", "min", 0, 10_000, 0.0),
        *(row.signal for row in _QUANTITIES),
    ),
    create=ClimaticChamberFleet,
    flows=ELECTRIC,
    modes=_MODES,
    every_s=5.0,
)
"""See the module."""
