"""Pipes against worked examples, and a leak against its orifice."""

from __future__ import annotations

import numpy as np
import pytest

from sim.physics.pipe import delivered_share, head_loss_m, leak_m3_h, resistance, velocity_m_s
from sim.physics.sewer import depth_share, full_flow_m3_h


def test_hazen_williams_as_in_the_textbook() -> None:
    """US units, h = 4.52 Q^1.852 / (C^1.852 d^4.871) psi/ft: 500 gpm in 1,000 ft of 8 inch, C = 100: 4.15
    psi."""
    gpm, inch, foot, psi = 0.2271247, 25.4, 0.3048, 0.70307  # m³/h, mm, m, m of water
    psi_per_foot = 4.52 * 500**1.852 / (100**1.852 * 8**4.871)
    r = resistance(np.array([1000 * foot]), np.array([8 * inch]), np.array([100.0]))
    assert head_loss_m(r, np.array([500 * gpm]))[0] / psi == pytest.approx(1000 * psi_per_foot, rel=0.01)


def test_twice_the_flow_loses_its_power_of_1_852() -> None:
    r = resistance(np.array([100.0]), np.array([150.0]), np.array([130.0]))
    one, two = (head_loss_m(r, np.array([q]))[0] for q in (40.0, 80.0))
    assert two / one == pytest.approx(2**1.852)


def test_a_leak_is_an_orifice() -> None:
    assert leak_m3_h(np.array([20.0]), np.array([4.0]))[0] == 20.0
    assert leak_m3_h(np.array([20.0]), np.array([9.0]))[0] == pytest.approx(30.0)
    assert leak_m3_h(np.array([20.0]), np.array([-1.0]))[0] == 0.0


def test_short_pressure_delivers_less() -> None:
    share = delivered_share(np.array([0.0, 0.6, 1.5, 4.0]))
    assert share[0] == 0.0
    assert 0.0 < share[1] < 1.0
    assert share[2:].tolist() == [1.0, 1.0]


def test_velocity() -> None:
    assert velocity_m_s(np.array([254.47]), np.array([300.0]))[0] == pytest.approx(1.0, rel=1e-3)


def test_manning_of_a_full_sewer() -> None:
    """DN 1000, n 0.013, 1 in a thousand: 0.758 m³/s (Metcalf & Eddy, Wastewater Engineering, fig. C-1)."""
    assert full_flow_m3_h(np.array([1000.0]), np.array([0.001]))[0] / 3600 == pytest.approx(0.758, rel=0.01)


def test_part_full_sewer_follows_its_geometry() -> None:
    """At a quarter of the depth flows 13.7 %, at three quarters 91.2 % of the full pipe (Camp 1946)."""
    depth = depth_share(np.array([0.137, 0.912]))
    np.testing.assert_allclose(depth, [0.25, 0.75], atol=0.005)
