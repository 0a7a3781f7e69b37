"""The weather of the park: one and the same for every machine, a function of the time alone.

The sun is where it is (Spencer 1971) and shines as the clear-sky model of Haurwitz (1945) says; clouds, wind
and rain are smooth noise whose values at fixed knots of time are hashes of the knots, so that the mast in the
yard, the panels on the roof and the transformer in the sun agree without knowing of each other, and any
moment can be asked.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

LATITUDE_DEG, LONGITUDE_DEG = 21.2, 106.0
"""Yen Phong, Bac Ninh."""

_YEAR_D = 365.2425
_MEAN_C, _SEASON_K, _COLDEST_D = 23.9, 6.4, 17.0
"""Air at Bac Ninh: 16 °C in January, 29 °C in July (TCVN/QCVN 02:2022/BXD, table 2.1, rounded)."""
_SWING_K = 3.8
_MASK = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Weather:
    """What it is like outdoors at one moment.

    Args:
        air_c: air temperature [°C].
        humidity: relative humidity [%RH].
        pressure_hpa: air pressure [hPa].
        wind_m_s, wind_deg: wind at 10 m, from where it blows [°].
        cloud: share of the sky that is covered, 0 to 1.
        irradiance_w_m2: on the ground, direct and diffuse [W/m²].
        zenith_deg: of the sun.
        azimuth_deg: of the sun, clockwise from north.
        rain_mm_h: rain [mm/h].
    """

    air_c: float
    humidity: float
    pressure_hpa: float
    wind_m_s: float
    wind_deg: float
    cloud: float
    irradiance_w_m2: float
    zenith_deg: float
    azimuth_deg: float
    rain_mm_h: float


def _hash(channel: int, knot: int) -> float:
    """A number from 0 to 1 that is the same for the same knot: SplitMix64 (Steele et al. 2014)."""
    z = (channel * 0x9E3779B97F4A7C15 + knot * 0xD1B54A32D192ED03 + 0x632BE59BD9B4E019) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return ((z ^ (z >> 31)) >> 11) / (1 << 53)


def smooth_noise(channel: int, time_s: float, every_s: float) -> float:
    """Noise from 0 to 1 that passes through a random value at each multiple of ``every_s`` [s].

    >>> smooth_noise(1, 3600.0, 3600.0) == smooth_noise(1, 3600.0, 3600.0)
    True
    >>> abs(smooth_noise(1, 3601.0, 3600.0) - smooth_noise(1, 3600.0, 3600.0)) < 1e-5
    True
    """
    knot = math.floor(time_s / every_s)
    part = time_s / every_s - knot
    weight = part * part * (3.0 - 2.0 * part)
    return _hash(channel, knot) * (1.0 - weight) + _hash(channel, knot + 1) * weight


def sun(time_s: float) -> tuple[float, float]:
    """Zenith and azimuth of the sun at the park [°], ``time_s`` in seconds since the epoch (UTC).

    Declination and equation of time by the Fourier series of Spencer (1971), good to 0.04° and 0.6 min.

    >>> noon_at_equinox = 1_742_446_200.0 + 1200.0  # 2025-03-20, about true noon at 106° E
    >>> round(sun(noon_at_equinox)[0], 0)
    21.0
    """
    days = time_s / 86400.0
    angle = 2.0 * math.pi * ((days % _YEAR_D) / _YEAR_D)
    declination = (
        0.006918
        - 0.399912 * math.cos(angle)
        + 0.070257 * math.sin(angle)
        - 0.006758 * math.cos(2 * angle)
        + 0.000907 * math.sin(2 * angle)
        - 0.002697 * math.cos(3 * angle)
        + 0.00148 * math.sin(3 * angle)
    )
    equation_min = 229.18 * (
        0.000075
        + 0.001868 * math.cos(angle)
        - 0.032077 * math.sin(angle)
        - 0.014615 * math.cos(2 * angle)
        - 0.040849 * math.sin(2 * angle)
    )
    true_hour = (time_s % 86400.0) / 3600.0 + LONGITUDE_DEG / 15.0 + equation_min / 60.0
    turn = math.radians(15.0 * (true_hour - 12.0))
    latitude = math.radians(LATITUDE_DEG)
    up = math.sin(latitude) * math.sin(declination) + math.cos(latitude) * math.cos(declination) * math.cos(
        turn
    )
    zenith = math.acos(max(-1.0, min(1.0, up)))
    south = math.atan2(
        math.sin(turn),
        math.cos(turn) * math.sin(latitude) - math.tan(declination) * math.cos(latitude),
    )
    return math.degrees(zenith), (math.degrees(south) + 180.0) % 360.0


def clear_sky_w_m2(zenith_deg: float) -> float:
    """Irradiance of level ground under a clear sky [W/m²]: Haurwitz (1945), ``1098 cos z exp(-0.059 / cos
    z)``.

    >>> round(clear_sky_w_m2(0.0)), round(clear_sky_w_m2(60.0)), clear_sky_w_m2(95.0)
    (1035, 488, 0.0)
    """
    up = math.cos(math.radians(zenith_deg))
    return 1098.0 * up * math.exp(-0.059 / up) if up > 0.01 else 0.0


def under_cloud(cloud: float) -> float:
    """What clouds let through: Kasten and Czeplak (1980), ``1 - 0.75 n^3.4``.

    >>> under_cloud(0.0), under_cloud(1.0)
    (1.0, 0.25)
    """
    return 1.0 - 0.75 * math.pow(cloud, 3.4)


def weather(now_ns: int, utc_offset_h: float) -> Weather:
    """The weather at a moment, ns since the epoch.

    >>> noon = weather(1_790_000_000 * 10**9, 7.0)
    >>> 10 < noon.air_c < 40 and 30 < noon.humidity <= 100
    True
    """
    return _weather(now_ns // 1_000_000_000, utc_offset_h)


@lru_cache(maxsize=8)
def _weather(time_s: int, utc_offset_h: float) -> Weather:
    local_s = time_s + utc_offset_h * 3600.0
    hour = (local_s / 3600.0) % 24.0
    front = 0.65 * smooth_noise(1, time_s, 86400.0) + 0.35 * smooth_noise(2, time_s, 10800.0)
    passing = smooth_noise(3, time_s, 600.0) - 0.5
    cloud = max(0.0, min(1.0, 1.5 * front - 0.28 + 0.35 * passing))
    zenith_deg, azimuth_deg = sun(float(time_s))
    season_c = _MEAN_C - _SEASON_K * math.cos(2.0 * math.pi * (local_s / 86400.0 - _COLDEST_D) / _YEAR_D)
    swing_k = _SWING_K * (1.1 - 0.6 * cloud) * math.cos(2.0 * math.pi * (hour - 14.5) / 24.0)
    air_c = season_c + swing_k + 5.0 * (smooth_noise(4, time_s, 172800.0) - 0.5)
    rain = max(0.0, cloud - 0.86) / 0.14 * max(0.0, smooth_noise(5, time_s, 2700.0) - 0.45) * 40.0
    humidity = 80.0 - 2.6 * swing_k + 22.0 * (front - 0.5) + 1.2 * min(rain, 8.0)
    calm = smooth_noise(6, time_s, 7200.0)
    gust = smooth_noise(7, time_s, 60.0)
    wind_m_s = 0.4 + 4.2 * calm * (0.55 + 0.45 * math.sin(math.pi * hour / 24.0)) + 1.4 * calm * gust
    monsoon_deg = 45.0 if math.cos(2.0 * math.pi * (local_s / 86400.0 - 15.0) / _YEAR_D) > 0 else 140.0
    wind_deg = (monsoon_deg + 90.0 * (smooth_noise(8, time_s, 10800.0) - 0.5) + 30.0 * (gust - 0.5)) % 360.0
    pressure_hpa = (
        1009.0
        + 8.0 * math.cos(2.0 * math.pi * (local_s / 86400.0 - 10.0) / _YEAR_D)
        + 6.0 * (smooth_noise(9, time_s, 172800.0) - 0.5)
        + 1.3 * math.cos(4.0 * math.pi * (hour - 10.0) / 24.0)
    )
    return Weather(
        air_c=air_c,
        humidity=max(25.0, min(100.0, humidity)),
        pressure_hpa=pressure_hpa,
        wind_m_s=wind_m_s,
        wind_deg=wind_deg,
        cloud=cloud,
        irradiance_w_m2=clear_sky_w_m2(zenith_deg) * under_cloud(cloud),
        zenith_deg=zenith_deg,
        azimuth_deg=azimuth_deg,
        rain_mm_h=rain,
    )
