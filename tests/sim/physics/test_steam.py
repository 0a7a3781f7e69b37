"""Saturated steam against the steam tables."""

from __future__ import annotations

import numpy as np
import pytest

from sim.physics.steam import condensing_kj_kg, saturation_c, vapour_kj_kg


@pytest.mark.parametrize(
    ("gauge_bar", "celsius", "condensing", "vapour"),
    [(0.0, 99.97, 2256.5, 2675.5), (7.0, 170.5, 2046.8, 2768.4), (10.0, 184.1, 1999.4, 2780.7)],
)
def test_steam_is_that_of_the_tables(
    gauge_bar: float, celsius: float, condensing: float, vapour: float
) -> None:
    """IAPWS-IF97 at 1.013, 8.013 and 11.013 bar absolute."""
    bar = np.array([gauge_bar])
    assert saturation_c(bar)[0] == pytest.approx(celsius, abs=0.2)
    assert condensing_kj_kg(bar)[0] == pytest.approx(condensing, abs=1.0)
    assert vapour_kj_kg(bar)[0] == pytest.approx(vapour, abs=0.5)
