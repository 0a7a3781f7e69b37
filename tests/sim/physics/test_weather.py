"""The weather: the sun where almanacs have it, the seasons of the delta, and one weather for all."""

from __future__ import annotations

import numpy as np
import pytest

from sim.physics.carbonate import CARBON_MOL_M3, alkalinity_mol_m3, net_acid_of, ph_of
from sim.physics.daily_curve import CURVES, DailyCurves, share_of_peak
from sim.physics.weather import clear_sky_w_m2, sun, weather
from twin.contract.clock import NS_PER_S, from_iso


def highest(day: str) -> tuple[float, float]:
    """Smallest zenith of a day and its local hour."""
    start = from_iso(f"{day}T00:00:00+07:00") / NS_PER_S
    zeniths = [(sun(start + 60.0 * minute)[0], minute / 60.0) for minute in range(24 * 60)]
    return min(zeniths)


@pytest.mark.parametrize(
    ("day", "zenith_deg"),
    # latitude 21.2° less the declination: ±23.44° at the solstices
    [("2026-06-21", 23.44 - 21.2), ("2026-12-21", 23.44 + 21.2), ("2026-03-20", 21.2)],
)
def test_the_sun_culminates_where_it_should(day: str, zenith_deg: float) -> None:
    zenith, hour = highest(day)
    assert zenith == pytest.approx(zenith_deg, abs=0.4)
    # 106.0° E is one degree, four minutes, ahead of the zone's meridian; the equation of time adds -16 to +14
    assert hour == pytest.approx(12.0 - 4 / 60, abs=0.3)


def test_the_sun_rises_in_the_east_and_sets_in_the_west() -> None:
    noon = from_iso("2026-03-20T12:00:00+07:00") / NS_PER_S
    assert sun(noon - 5 * 3600)[1] == pytest.approx(90, abs=8)
    assert sun(noon + 5 * 3600)[1] == pytest.approx(270, abs=8)
    assert sun(noon)[1] == pytest.approx(180, abs=12)


def test_a_year_has_the_seasons_of_the_delta() -> None:
    def mean_c(month: int) -> float:
        hours = range(0, 28 * 24, 3)
        start = from_iso(f"2026-{month:02d}-01T00:00:00+07:00")
        return float(np.mean([weather(start + hour * 3600 * NS_PER_S, 7.0).air_c for hour in hours]))

    january, july = mean_c(1), mean_c(7)
    assert 14 < january < 20
    assert 27 < july < 32


def test_every_value_is_possible_all_year() -> None:
    start = from_iso("2026-01-01T00:00:00+07:00")
    rain_mm = 0.0
    for hour in range(0, 365 * 24, 2):
        now = weather(start + hour * 3600 * NS_PER_S, 7.0)
        assert 0 < now.air_c < 43
        assert 25 <= now.humidity <= 100
        assert 980 < now.pressure_hpa < 1035
        assert 0 <= now.wind_m_s < 20
        assert 0 <= now.irradiance_w_m2 <= clear_sky_w_m2(now.zenith_deg) + 1e-9
        rain_mm += 2 * now.rain_mm_h
    assert 700 < rain_mm < 3500


def test_it_moves_without_jumps() -> None:
    start = from_iso("2026-05-05T00:00:00+07:00")
    air = np.array([weather(start + s * NS_PER_S, 7.0).air_c for s in range(0, 3600 * 12, 10)])
    assert np.abs(np.diff(air)).max() < 0.05


def test_curves_peak_at_one_and_fleets_read_the_same() -> None:
    for name, shares in CURVES.items():
        assert max(shares) == 1.0
        fleet = DailyCurves([name, name])
        for hour in (0.0, 6.25, 12.0, 23.75):
            np.testing.assert_allclose(fleet.at(hour), share_of_peak(name, hour), atol=1e-6)


def test_carbonate_water_at_the_ends() -> None:
    """Bicarbonate alone stands at (pK1 + pK2) / 2; strong acid beyond the alkalinity at -log of its
    excess."""
    assert alkalinity_mol_m3(np.array([(6.35 + 10.33) / 2]))[0] == pytest.approx(CARBON_MOL_M3, rel=1e-3)
    neutral = -float(alkalinity_mol_m3(ph_of(np.zeros(1)))[0])
    excess = 1.0 - neutral  # all alkalinity and one mol/m³ more
    assert ph_of(np.array([excess]))[0] == pytest.approx(3.0, abs=0.01)
    for ph in (4.0, 6.0, 9.0, 11.0):
        assert ph_of(np.array([net_acid_of(ph)]))[0] == pytest.approx(ph, abs=0.01)
