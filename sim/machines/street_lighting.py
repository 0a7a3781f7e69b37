"""A group of street lamps on one switched circuit: on from dusk to dawn, dimmed in the small hours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.never import NEVER
from sim.degradation.weibull_sudden import WeibullSudden
from sim.kind import ELECTRIC, F64, FailureMode, Input, MachineKind, Sensor, Setpoint, Signal, Site, Tick
from sim.physics.columns import clip, column
from sim.physics.lag import Lag
from sim.physics.transformer import SQRT3
from sim.physics.weather import weather

LUX_PER_W_M2 = 115.0
"""Daylight [lx per W/m²] (luminous efficacy of global radiation, Littlefair 1988: 105 to 120)."""
ON_BELOW_LX, OFF_ABOVE_LX = 15.0, 40.0


class StreetLightingParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One group.

    Args:
        lamps: number of lamps.
        lamp_w: of each with its driver [W].
        road_lx: mean illuminance of the road at full light [lx]; 20 lx for a main road of class B
            (TCXDVN 259:2001).
        dimmed: light between 23 h and 5 h as a share.
    """

    lamps: int = 10
    lamp_w: float = 120.0
    road_lx: float = 20.0
    dimmed: float = 0.6

    def __post_init__(self) -> None:
        if self.lamps < 1 or self.lamp_w <= 0 or not 0 < self.dimmed <= 1:
            raise ValueError(
                f"lamps {self.lamps}, lamp_w {self.lamp_w}, dimmed {self.dimmed}: 1, above 0, to 1"
            )


class _Fleet:
    def __init__(self, parameters: Sequence[StreetLightingParameters], site: Site) -> None:
        n = len(parameters)
        self._offset_h = site.utc_offset_h
        self._lamps = column(parameters, "lamps")
        self._kw = column(parameters, "lamp_w") / 1000.0
        self._road_lx = column(parameters, "road_lx")
        self._dimmed = column(parameters, "dimmed")
        rng = site.rng()
        self._cell = rng.normal(1.0, 0.12, n)  # photocells are never set quite alike
        self._burnt_h = np.round(rng.uniform(2000.0, 15_000.0, n), 1)
        self._on = np.zeros(n, np.bool_)
        self._first = True
        self._driver = Lag(900.0)
        self._energy_kwh = np.zeros(n)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        now = weather(tick.now_ns, self._offset_h)
        # civil twilight still gives some light below the horizon
        twilight = 400.0 * np.exp(-max(now.zenith_deg - 89.0, 0.0) / 1.6) if now.zenith_deg > 85.0 else 0.0
        seen_lx = (now.irradiance_w_m2 * LUX_PER_W_M2 + twilight) * self._cell
        stuck = tick.severity["photocell_stuck"] >= 0.5
        dark = ~stuck & np.where(self._on, seen_lx < OFF_ABOVE_LX, seen_lx < ON_BELOW_LX)
        self._on = dark & tick.running
        on = self._on.astype(np.float64)
        night = tick.hour >= 23.0 or tick.hour < 5.0
        light = np.where(night, self._dimmed, 1.0) * tick.setpoints["dimming"] / 100.0
        failed = np.minimum(np.floor(tick.severity["driver_failure"] * 0.35 * self._lamps), self._lamps)
        lit = self._lamps - failed
        kw = on * lit * self._kw * (0.08 + 0.92 * light) + 0.004 * tick.powered
        volts = tick.inputs["line_v"] / SQRT3 * tick.powered
        old = 1.0 - 0.3 * clip(tick.severity["lumen_loss"], 0.0, 1.5)
        self._burnt_h += on * tick.dt_s / 3600.0
        self._energy_kwh += kw * tick.dt_s / 3600.0
        return {
            "lit": on,
            "dimming": 100.0 * on * light,
            "active_power": kw,
            "current": np.divide(1000.0 * kw, volts * 0.95, out=np.zeros_like(kw), where=volts > 1.0),
            "voltage": volts,
            "illuminance": on * self._road_lx * light * old * lit / self._lamps,
            "daylight": seen_lx,
            "lamps_failed": failed,
            "driver_temperature": self._driver.step(now.air_c + on * 26.0 * light + 1.0, tick.dt_s),
            "burning_hours": self._burnt_h.copy(),
            "energy": self._energy_kwh.copy(),
            "active_kw": kw,
            "reactive_kvar": 0.33 * kw,
        }


KIND = MachineKind(
    name="street_lighting",
    parameters=StreetLightingParameters,
    signals=(
        Signal("lit", "Switched on", "", 0, 1, "Boolean"),
        Signal("dimming", "Light", "%", 0, 100, sensor=Sensor(0.0, 1.0)),
        Signal("active_power", "Active power", "kW", 0, 20, sensor=Sensor(0.002, 0.001)),
        Signal("current", "Current", "A", 0, 100, sensor=Sensor(0.01, 0.01)),
        Signal("voltage", "Voltage", "V", 0, 300, sensor=Sensor(0.1, 0.1)),
        Signal("illuminance", "Illuminance of the road", "lx", 0, 200, sensor=Sensor(0.05, 0.1)),
        Signal("daylight", "Daylight at the photocell", "lx", 0, 200000, sensor=Sensor(0.5, 1.0)),
        Signal("lamps_failed", "Lamps that are out", "", 0, 100, "UInt32"),
        Signal("driver_temperature", "Temperature of the drivers", "°C", -20, 120, sensor=Sensor(0.1, 0.1)),
        Signal("burning_hours", "Hours lit", "h", 0, 1e6, sensor=Sensor(0.0, 0.1)),
        Signal("energy", "Active energy drawn", "kWh", 0, 1e9, sensor=Sensor(0.0, 0.01)),
    ),
    create=_Fleet,
    every_s=10.0,
    flows=ELECTRIC,
    inputs=(Input("line_v", "electricity", "upstream", "line_v", "max", default=400.0, lagged=True),),
    modes=(
        FailureMode(
            "driver_failure",
            "LOO",
            "4.0 Electrical failure",
            WeibullSudden(30_000.0, 1.6, warning_h=3000.0),
            "Hỏng bộ nguồn đèn",
            "Failed drivers: lamps are out",
            ("lamps_failed", "illuminance", "active_power"),
            stops=False,
            repair_h=3.0,
        ),
        FailureMode(
            "lumen_loss",
            "LOO",
            "2.0 Material failure",
            ExponentialGrowth(60_000.0, 0.2, growth=1.5),
            "Đèn suy giảm quang thông",
            "Lamps lose light",
            ("illuminance",),
            stops=False,
            repair_h=6.0,
        ),
        FailureMode(
            "photocell_stuck",
            "FTO",
            "3.1 Control failure",
            NEVER,
            "Cảm biến ánh sáng hỏng, đèn tắt ban đêm",
            "Photocell stuck: dark at night",
            ("lit", "active_power"),
            stops=False,
            repair_h=1.0,
        ),
    ),
    setpoints=(Setpoint("dimming", "%", 10, 100, 100.0, "Light when it is on"),),
)
"""See the module."""
