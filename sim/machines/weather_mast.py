"""A weather mast: shows the weather that all machines of the park stand in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.fouling import Fouling
from sim.kind import F64, FailureMode, MachineKind, Sensor, Signal, Site, Tick
from sim.physics.columns import clip, column
from sim.physics.lag import Lag
from sim.physics.weather import weather


class WeatherMastParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One mast.

    Args:
        wind_share: wind at its height over the wind at 10 m.
    """

    wind_share: float = 1.0

    def __post_init__(self) -> None:
        if self.wind_share <= 0:
            raise ValueError(f"wind_share {self.wind_share}: must be above 0")


def dew_point_c(air_c: float, humidity: F64) -> F64:
    """Dew point [°C]: Magnus formula (WMO-No. 8, annex 4.B).

    >>> dew_point_c(30.0, np.array([70.0])).round(1).tolist()
    [23.9]
    """
    g = np.log(humidity / 100.0) + 17.62 * air_c / (243.12 + air_c)
    dew: F64 = 243.12 * g / (17.62 - g)
    return dew


class _Fleet:
    def __init__(self, parameters: Sequence[WeatherMastParameters], site: Site) -> None:
        self._offset_h = site.utc_offset_h
        self._wind_share = column(parameters, "wind_share")
        self._mean = Lag(600.0)
        self._rain_mm = np.zeros(len(parameters))
        self._hour = -1.0
        self._fresh = np.ones(len(parameters))

    def step(self, tick: Tick) -> Mapping[str, F64]:
        now = weather(tick.now_ns, self._offset_h)
        ones = self._fresh
        if tick.hour < self._hour:
            self._rain_mm = 0.0 * ones
        self._hour = tick.hour
        self._rain_mm = self._rain_mm + now.rain_mm_h * tick.dt_s / 3600.0
        slow = 1.0 - 0.4 * clip(tick.severity["anemometer_wear"], 0.0, 1.5)
        wind = now.wind_m_s * self._wind_share
        humidity = clip(now.humidity - 9.0 * tick.severity["humidity_probe_ageing"], 5.0, 100.0)
        return {
            "temperature": now.air_c * ones,
            "humidity": humidity,
            "dew_point": dew_point_c(now.air_c, humidity),
            "pressure": now.pressure_hpa * ones,
            "wind_speed": wind * slow,
            "wind_speed_10min": self._mean.step(wind * slow, tick.dt_s),
            "wind_direction": now.wind_deg * ones,
            "irradiance": now.irradiance_w_m2 * ones,
            "rain_rate": now.rain_mm_h * ones,
            "rain_today": self._rain_mm,
            "cloud_cover": 100.0 * now.cloud * ones,
        }


KIND = MachineKind(
    name="weather_mast",
    parameters=WeatherMastParameters,
    signals=(
        Signal("temperature", "Air temperature", "°C", -20, 60, sensor=Sensor(0.05, 0.1)),
        Signal("humidity", "Relative humidity", "%RH", 0, 100, sensor=Sensor(0.3, 0.1)),
        Signal("dew_point", "Dew point", "°C", -40, 60, sensor=Sensor(0.1, 0.1)),
        Signal("pressure", "Air pressure", "hPa", 850, 1100, sensor=Sensor(0.03, 0.1)),
        Signal("wind_speed", "Wind", "m/s", 0, 75, sensor=Sensor(0.1, 0.1)),
        Signal("wind_speed_10min", "Wind, 10 min mean", "m/s", 0, 75, sensor=Sensor(0.0, 0.1)),
        Signal("wind_direction", "From where the wind blows", "°", 0, 360, sensor=Sensor(2.0, 1.0)),
        Signal("irradiance", "Global irradiance", "W/m²", 0, 1600, sensor=Sensor(1.5, 1.0)),
        Signal("rain_rate", "Rain (mm/h)", "", 0, 300, sensor=Sensor(0.0, 0.1)),
        Signal("rain_today", "Rain of today", "mm", 0, 1000, sensor=Sensor(0.0, 0.2)),
        Signal("cloud_cover", "Cloud cover", "%", 0, 100, sensor=Sensor(1.0, 1.0)),
    ),
    create=_Fleet,
    every_s=10.0,
    modes=(
        FailureMode(
            "anemometer_wear",
            "AIR",
            "2.4 Wear",
            ExponentialGrowth(26_000.0, 0.3, growth=3.0),
            "Ổ trục cảm biến gió mòn",
            "Worn bearings of the anemometer",
            ("wind_speed", "wind_speed_10min"),
            stops=False,
            repair_h=3.0,
        ),
        FailureMode(
            "humidity_probe_ageing",
            "AIR",
            "2.0 Material failure",
            Fouling(14_000.0),
            "Đầu đo độ ẩm già hóa",
            "Ageing humidity probe",
            ("humidity", "dew_point"),
            stops=False,
            repair_h=0.5,
        ),
    ),
    operated=False,
    companion="",
)
"""See the module."""
