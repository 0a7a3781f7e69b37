"""Photovoltaics against the points that PVWatts version 5 and its sources give."""

from __future__ import annotations

import numpy as np
import pytest

from sim.physics.photovoltaic import ac_kw, cell_c, dc_kw, diffuse_share, on_plane_w_m2


def test_standard_test_conditions_give_the_rating() -> None:
    assert dc_kw(np.array([250.0]), np.array([1000.0]), np.array([25.0]))[0] == 250.0


def test_a_hot_module_loses_its_coefficient() -> None:
    hot = dc_kw(np.array([100.0]), np.array([1000.0]), np.array([65.0]), per_kelvin=-0.0047)
    assert hot[0] == pytest.approx(100.0 * (1 - 0.0047 * 40))


def test_inverter_has_its_nominal_efficiency_at_its_rating_and_clips() -> None:
    """Dobos 2014, eq. 10-11: eta(1) = 0.96/0.9637 (-0.0162 - 0.0059 + 0.9858) = 0.96."""
    rating = np.array([100.0] * 4)
    ac = ac_kw(np.array([100.0 / 0.96, 50.0 / 0.96, 130.0, 0.0]), rating)
    assert ac[0] == pytest.approx(100.0, rel=1e-4)
    assert ac[1] == pytest.approx(50.0 / 0.96 * 0.96 / 0.9637 * (-0.0081 - 0.0118 + 0.9858), rel=1e-6)
    assert ac[2] == 100.0
    assert ac[3] == 0.0


def test_faiman_at_its_own_conditions() -> None:
    """NOCT: 800 W/m², 20 °C, 1 m/s: about 45 °C for an open rack."""
    assert cell_c(np.array([800.0]), 20.0, 1.0)[0] == pytest.approx(45.1, abs=0.1)


def test_erbs_joins_at_its_borders() -> None:
    assert diffuse_share(0.22) == pytest.approx(diffuse_share(0.2201), abs=2e-3)
    assert diffuse_share(0.80) == pytest.approx(diffuse_share(0.8001), abs=2e-3)


def test_a_plane_that_faces_the_sun_gets_the_most() -> None:
    tilt = np.array([0.0, 30.0, 30.0, 30.0])
    facing = np.array([180.0, 180.0, 90.0, 0.0])
    level, south, east, north = on_plane_w_m2(700.0, 40.0, 180.0, tilt, facing)
    assert south > level > north
    assert north < east < south


def test_without_sun_there_is_nothing() -> None:
    dark = on_plane_w_m2(0.0, 100.0, 250.0, np.array([10.0]), np.array([180.0]))
    assert dark[0] == 0.0
    assert ac_kw(dc_kw(np.array([100.0]), dark, np.array([20.0])), np.array([90.0]))[0] == 0.0
