"""A rooftop photovoltaic array with its inverter: gives power to the board it hangs on, as negative load."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.fouling import Fouling
from sim.degradation.weibull_sudden import WeibullSudden
from sim.kind import ELECTRIC, F64, FailureMode, Input, MachineKind, Sensor, Signal, Site, Tick
from sim.physics.columns import clip, column
from sim.physics.lag import Lag
from sim.physics.photovoltaic import ac_kw, cell_c, dc_kw, on_plane_w_m2
from sim.physics.transformer import current_a
from sim.physics.wander import Wander
from sim.physics.weather import weather

SYSTEM_LOSSES = 0.09
"""Mismatch, wiring, connections, light-induced ageing: PVWatts' 14 % less soiling and shading, which are
simulated."""
SOILED_SHARE = 0.2
"""Share of light that a severity of 1 keeps off."""
MODULE_TAU_S = 420.0
STRING_V = 720.0
"""Voltage of a string of 18 modules at its maximum power and 25 °C [V]."""


class SolarArrayParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One array.

    Args:
        rated_kwp: of the modules under standard conditions [kWp].
        inverter_kw: rating of the inverter [kW].
        tilt_deg, facing_deg: of the modules; azimuth clockwise from north.
        shaded: share of the light that things around keep off.
    """

    rated_kwp: float = 160.0
    inverter_kw: float = 150.0
    tilt_deg: float = 8.0
    facing_deg: float = 180.0
    shaded: float = 0.02

    def __post_init__(self) -> None:
        if self.rated_kwp <= 0 or self.inverter_kw <= 0 or not 0 <= self.shaded < 1:
            raise ValueError(
                f"rated_kwp {self.rated_kwp}, inverter_kw {self.inverter_kw}, shaded {self.shaded}: "
                "above 0, and a share below 1"
            )


class _Fleet:
    def __init__(self, parameters: Sequence[SolarArrayParameters], site: Site) -> None:
        n = len(parameters)
        self._offset_h = site.utc_offset_h
        self._rated = column(parameters, "rated_kwp")
        self._inverter = column(parameters, "inverter_kw")
        self._tilt = column(parameters, "tilt_deg")
        self._facing = column(parameters, "facing_deg")
        self._open = 1.0 - column(parameters, "shaded")
        self._made = site.rng().normal(1.0, 0.012, n)
        self._cloud_edge = Wander((0.04,), (45.0,), n)
        self._module = Lag(MODULE_TAU_S)
        self._cabinet = Lag(1200.0)
        self._total_kwh = np.round(site.rng().uniform(2e5, 6e5, n))
        self._today_kwh = np.zeros(n)
        self._hour = -1.0

    def step(self, tick: Tick) -> Mapping[str, F64]:
        now = weather(tick.now_ns, self._offset_h)
        plane = on_plane_w_m2(now.irradiance_w_m2, now.zenith_deg, now.azimuth_deg, self._tilt, self._facing)
        # a cloud's edge crosses the roofs one after the other
        plane = plane * (1.0 + self._cloud_edge.step(tick.rng, tick.dt_s)[0] * min(4.0 * now.cloud, 1.0))
        module_c = self._module.step(cell_c(plane, now.air_c, now.wind_m_s), tick.dt_s)
        soiled = SOILED_SHARE * clip(tick.severity["soiling"], 0.0, 1.5)
        strings = clip(1.0 - 0.25 * tick.severity["string_failure"], 0.0, 1.0)
        light = plane * self._open * (1.0 - soiled)
        running = tick.running.astype(np.float64)
        dc = dc_kw(self._rated, light, module_c) * (1.0 - SYSTEM_LOSSES) * self._made * strings * running
        dc = np.maximum(dc, 0.0)
        hot_c = self._cabinet.step(
            now.air_c + 8.0 + (18.0 + 45.0 * tick.severity["fan_failure"]) * dc / self._inverter, tick.dt_s
        )
        fan = 1.0 - 0.7 * clip(tick.severity["fan_failure"], 0.0, 1.4)
        derated = clip(1.0 - (hot_c - 75.0) / 25.0, 0.2, 1.0)
        ac = np.minimum(ac_kw(dc, self._inverter), self._inverter * derated) * (dc > 0.005 * self._inverter)
        volts = np.where(plane > 5.0, STRING_V * (1.0 - 0.0029 * (module_c - 25.0)), 0.0)
        hours = tick.dt_s / 3600.0
        self._total_kwh += ac * hours
        if tick.hour < self._hour:
            self._today_kwh[:] = 0.0
        self._hour = tick.hour
        self._today_kwh += ac * hours
        ideal = self._rated * plane / 1000.0
        line_v = np.where(tick.powered, np.maximum(tick.inputs["line_v"], 1.0), 0.0)
        return {
            "irradiance": plane,
            "module_temperature": module_c,
            "dc_voltage": volts,
            "dc_current": np.divide(1000.0 * dc, volts, out=np.zeros_like(dc), where=volts > 1.0),
            "dc_power": dc,
            "ac_power": ac,
            "ac_current": current_a(ac, 0.0 * ac, line_v / 1000.0),
            "ac_voltage": line_v,
            "efficiency": 100.0 * np.divide(ac, dc, out=np.zeros_like(dc), where=dc > 0.1),
            "performance_ratio": 100.0
            * np.divide(ac, ideal, out=np.zeros_like(ac), where=ideal > 0.05 * self._rated),
            "inverter_temperature": hot_c,
            "soiling_ratio": 100.0 * (1.0 - soiled),
            "fan_speed": (900.0 + 2000.0 * clip((hot_c - 40.0) / 30.0, 0.0, 1.0)) * fan * tick.powered,
            "insulation": 40.0 - 0.2 * (now.humidity - 60.0) - 25.0 * tick.severity["string_failure"],
            "energy_today": self._today_kwh.copy(),
            "energy": self._total_kwh.copy(),
            "active_kw": -ac,
            "reactive_kvar": 0.0 * ac,
        }


KIND = MachineKind(
    name="solar_array",
    parameters=SolarArrayParameters,
    signals=(
        Signal("irradiance", "Irradiance of the modules", "W/m²", 0, 1600, sensor=Sensor(2.0, 1.0)),
        Signal("module_temperature", "Module temperature", "°C", -20, 120, sensor=Sensor(0.2, 0.1)),
        Signal("dc_voltage", "String voltage", "V", 0, 1100, sensor=Sensor(0.5, 0.1)),
        Signal("dc_current", "Current of the strings", "A", 0, 1000, sensor=Sensor(0.1, 0.1)),
        Signal("dc_power", "Power of the modules", "kW", 0, 500, sensor=Sensor(0.05, 0.01)),
        Signal("ac_power", "Power given", "kW", 0, 500, sensor=Sensor(0.05, 0.01)),
        Signal("ac_current", "Current given", "A", 0, 800, sensor=Sensor(0.1, 0.1)),
        Signal("ac_voltage", "Voltage of the board", "V", 0, 500, sensor=Sensor(0.2, 0.1)),
        Signal("efficiency", "Efficiency of the inverter", "%", 0, 100, sensor=Sensor(0.05, 0.1)),
        Signal("performance_ratio", "Performance ratio", "%", 0, 150, sensor=Sensor(0.1, 0.1)),
        Signal(
            "inverter_temperature", "Temperature of the inverter", "°C", -20, 150, sensor=Sensor(0.1, 0.1)
        ),
        Signal(
            "soiling_ratio", "Light that the dust sensor lets through", "%", 0, 100, sensor=Sensor(0.1, 0.1)
        ),
        Signal("fan_speed", "Fan of the inverter", "rpm", 0, 4000, sensor=Sensor(5.0, 1.0)),
        Signal("insulation", "Insulation resistance (MΩ)", "", 0, 100, sensor=Sensor(0.1, 0.1)),
        Signal("energy_today", "Energy given today", "kWh", 0, 1e5, sensor=Sensor(0.0, 0.1)),
        Signal("energy", "Energy given", "kWh", 0, 1e9, sensor=Sensor(0.0, 0.1)),
    ),
    create=_Fleet,
    every_s=5.0,
    flows=ELECTRIC,
    inputs=(Input("line_v", "electricity", "upstream", "line_v", "max", default=400.0, lagged=True),),
    modes=(
        FailureMode(
            "soiling",
            "LOO",
            "5.2 Contamination",
            Fouling(5000.0),
            "Tấm pin bám bụi",
            "Soiled modules",
            ("soiling_ratio",),
            stops=False,
            repair_h=6.0,
        ),
        FailureMode(
            "string_failure",
            "LOO",
            "4.2 Open circuit",
            WeibullSudden(50_000.0, 1.2, warning_h=200.0),
            "Hỏng chuỗi pin",
            "Failed string",
            ("insulation",),
            stops=False,
            repair_h=8.0,
        ),
        FailureMode(
            "fan_failure",
            "OHE",
            "2.4 Wear",
            ExponentialGrowth(30_000.0, 0.3),
            "Quạt biến tần hỏng",
            "Failing fan of the inverter",
            ("fan_speed",),
            stops=False,
            repair_h=3.0,
        ),
    ),
)
"""See the module."""
