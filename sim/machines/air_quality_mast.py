"""An air-quality mast: fine dust, gases, noise, and the index that is made of them.

Concentrations are those of the northern delta: high in still winter nights and at rush hours, washed out by
rain; ozone follows the sun. The index is VN_AQI of Decision 1459/QD-TCMT (2019), from hourly means (its
NowCast weighting of dust is left out).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.fouling import Fouling
from sim.degradation.never import NEVER
from sim.degradation.weibull_sudden import WeibullSudden
from sim.kind import F64, FailureMode, MachineKind, Sensor, Signal, Site, Tick
from sim.physics.columns import clip, column
from sim.physics.lag import Lag
from sim.physics.wander import Wander
from sim.physics.weather import smooth_noise, weather

INDEX = (0.0, 50.0, 100.0, 150.0, 200.0, 300.0, 400.0, 500.0)
BREAKPOINTS = {
    "o3": (0.0, 160.0, 200.0, 300.0, 400.0, 800.0, 1000.0, 1200.0),
    "so2": (0.0, 125.0, 350.0, 550.0, 800.0, 1600.0, 2100.0, 2630.0),
    "no2": (0.0, 100.0, 200.0, 700.0, 1200.0, 2350.0, 3100.0, 3850.0),
    "pm10": (0.0, 50.0, 150.0, 250.0, 350.0, 420.0, 500.0, 600.0),
    "pm25": (0.0, 25.0, 50.0, 80.0, 150.0, 250.0, 350.0, 500.0),
}
"""Concentrations at which the index is :data:`INDEX` [µg/m³]: table 3 of the decision, one-hour values of
gases."""


def vn_aqi(pollutant: str, concentration: F64) -> F64:
    """Sub-index of one pollutant, from its mean [µg/m³].

    >>> vn_aqi("pm25", np.array([25.0, 37.5, 80.0])).tolist()
    [50.0, 75.0, 150.0]
    """
    return np.interp(concentration, BREAKPOINTS[pollutant], INDEX)


class AirQualityMastParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One mast.

    Args:
        traffic: how near it stands to traffic, 1 = beside the main road.
        industry: how near it stands to chimneys, 1 = beside them.
    """

    traffic: float = 0.5
    industry: float = 0.5

    def __post_init__(self) -> None:
        if self.traffic < 0 or self.industry < 0:
            raise ValueError(f"traffic {self.traffic}, industry {self.industry}: must be at least 0")


class _Fleet:
    def __init__(self, parameters: Sequence[AirQualityMastParameters], site: Site) -> None:
        n = len(parameters)
        self._offset_h = site.utc_offset_h
        self._traffic = column(parameters, "traffic")
        self._industry = column(parameters, "industry")
        self._slow = Wander((0.12, 0.1, 0.15, 2.0), (1200.0, 900.0, 1500.0, 30.0), n)
        self._hourly = Lag(3600.0)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        now = weather(tick.now_ns, self._offset_h)
        time_s = tick.now_ns / 1e9
        dust, gas, plume, din = self._slow.step(tick.rng, tick.dt_s)
        hour = tick.hour
        rush = math.exp(-(((hour - 7.5) / 1.6) ** 2)) + math.exp(-(((hour - 17.5) / 1.8) ** 2))
        still = math.exp(-now.wind_m_s / 2.5)
        cold = max(0.0, (26.0 - now.air_c) / 14.0)
        region = 0.6 + 0.8 * smooth_noise(31, time_s, 2 * 86400.0)
        washed = 1.0 / (1.0 + 0.15 * now.rain_mm_h)
        event = clip(tick.severity["smoke_event"], 0.0, 1.5)
        traffic = self._traffic * rush
        chimneys = self._industry * (1.0 + plume)
        pm25 = (
            (9.0 + 26.0 * still * (0.5 + cold) * region + 7.0 * traffic + 4.0 * chimneys)
            * (1.0 + dust)
            * washed
        )
        pm25 = pm25 + 160.0 * event
        pm10 = 1.55 * pm25 + 12.0 * traffic * washed + 4.0
        no2 = (14.0 + 32.0 * traffic + 14.0 * still * (1.0 + cold) + 8.0 * chimneys) * (
            1.0 + gas
        ) + 40.0 * event
        so2 = (9.0 + 16.0 * chimneys + 5.0 * still) * (1.0 + gas) + 60.0 * event
        o3 = np.maximum(18.0 + 0.11 * now.irradiance_w_m2 - 0.25 * no2, 4.0) * (1.0 + 0.5 * gas)
        co = (420.0 + 500.0 * traffic + 260.0 * still) * (1.0 + gas) + 2500.0 * event
        awake = 0.0 if hour >= 22.0 or hour < 6.0 else 1.0
        noise = 46.0 + 6.0 * awake + 10.0 * self._traffic * (0.3 + rush) + 5.0 * self._industry + din
        pumped = 16.7 * (1.0 - 0.35 * clip(tick.severity["inlet_clogged"], 0.0, 1.0))
        pumped = pumped * (1.0 - 0.9 * clip(tick.severity["pump_failure"], 0.0, 1.0))
        means = self._hourly.step(np.array([pm25, pm10, no2, so2, o3]), tick.dt_s)
        index = np.max(
            [
                vn_aqi(name, mean)
                for name, mean in zip(("pm25", "pm10", "no2", "so2", "o3"), means, strict=True)
            ],
            axis=0,
        )
        ones = np.ones_like(pm25)
        return {
            "pm25": pm25,
            "pm10": pm10,
            "no2": no2,
            "so2": so2,
            "o3": o3,
            "co": co,
            "noise": noise,
            "temperature": now.air_c * ones,
            "humidity": now.humidity * ones,
            "sample_flow": pumped,
            "pm25_1h": means[0],
            "aqi": index,
        }


KIND = MachineKind(
    name="air_quality_mast",
    parameters=AirQualityMastParameters,
    signals=(
        Signal("pm25", "Fine dust PM2.5", "µg/m³", 0, 1000, sensor=Sensor(0.6, 0.1)),
        Signal("pm10", "Dust PM10", "µg/m³", 0, 2000, sensor=Sensor(1.0, 0.1)),
        Signal("no2", "Nitrogen dioxide", "µg/m³", 0, 2000, sensor=Sensor(0.8, 0.1)),
        Signal("so2", "Sulphur dioxide", "µg/m³", 0, 2000, sensor=Sensor(0.8, 0.1)),
        Signal("o3", "Ozone", "µg/m³", 0, 1000, sensor=Sensor(0.8, 0.1)),
        Signal("co", "Carbon monoxide", "µg/m³", 0, 100000, sensor=Sensor(10.0, 1.0)),
        Signal("noise", "Noise", "dB(A)", 0, 140, sensor=Sensor(0.3, 0.1)),
        Signal("temperature", "Air temperature", "°C", -20, 60, sensor=Sensor(0.05, 0.1)),
        Signal("humidity", "Relative humidity", "%RH", 0, 100, sensor=Sensor(0.3, 0.1)),
        Signal("sample_flow", "Sample flow", "L/min", 0, 30, sensor=Sensor(0.03, 0.01)),
        Signal("pm25_1h", "Fine dust PM2.5, hourly mean", "µg/m³", 0, 1000, sensor=Sensor(0.0, 0.1)),
        Signal("aqi", "Air quality index (VN_AQI)", "", 0, 500, sensor=Sensor(0.0, 1.0)),
    ),
    create=_Fleet,
    every_s=10.0,
    modes=(
        FailureMode(
            "inlet_clogged",
            "PLU",
            "5.2 Contamination",
            Fouling(2600.0),
            "Đầu lấy mẫu bụi bị tắc",
            "Clogged dust inlet",
            ("sample_flow",),
            stops=False,
            repair_h=1.0,
        ),
        FailureMode(
            "pump_failure",
            "STP",
            "2.4 Wear",
            WeibullSudden(20_000.0, 2.0, warning_h=60.0),
            "Bơm lấy mẫu hỏng",
            "Sample pump fails",
            ("sample_flow",),
            stops=False,
            repair_h=4.0,
        ),
        FailureMode(
            "smoke_event",
            "OTH",
            "5.3 Miscellaneous external influences",
            NEVER,
            "Khói từ đám cháy gần trạm",
            "Smoke of a fire nearby",
            ("pm25", "pm10", "co", "aqi"),
            stops=False,
            repair_h=3.0,
        ),
    ),
    operated=False,
    companion="",
)
"""See the module."""
