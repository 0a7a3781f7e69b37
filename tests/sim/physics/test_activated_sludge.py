"""Activated sludge: mass balances close, and its steady state is that of the equations solved by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq

from sim.physics.activated_sludge import KINETICS, OXYGEN_OF_NITROGEN, Basins, Turnover, saturation_mg_l

FLOW, COD_IN, NH4_IN = 40.0, 22.0, 1.2
VOLUME, SLUDGE, TRANSFER = 400.0, 3000.0, 8.0


def basin() -> Basins:
    return Basins(np.array([VOLUME]), np.array([60.0]), np.array([20.0]), np.array([1.0]), np.array([SLUDGE]))


def run(basins: Basins, dt_s: float, activity: float = 1.0, temperature_c: float = 20.0) -> Turnover:
    return basins.step(
        np.array([FLOW]),
        np.array([COD_IN]),
        np.array([NH4_IN]),
        temperature_c=np.array([temperature_c]),
        transfer_h=np.array([TRANSFER]),
        activity=np.array([activity]),
        dt_s=dt_s,
    )


@pytest.mark.parametrize("dt_s", [1.0, 60.0, 3600.0, 86_400.0])
def test_what_comes_in_leaves_is_used_or_stays(dt_s: float) -> None:
    basins = basin()
    for _ in range(10):
        before = basins.cod[0], basins.nh4[0]
        made = run(basins, dt_s)
        for entered, left, used, was, now in (
            (COD_IN, made.cod, made.cod_used, before[0], basins.cod[0]),
            (NH4_IN, made.nh4, made.nh4_used, before[1], basins.nh4[0]),
        ):
            stored = (now - was) * VOLUME / 1000.0 / (dt_s / 3600.0)
            assert entered == pytest.approx(left[0] + used[0] + stored, rel=1e-9)
            assert now >= 0


def test_steady_state_is_that_of_the_equations() -> None:
    """D (S_in - S) = k X S/(Ks+S) M and kLa (O_s - O) - D O = demand, with M = O/(Ko+O), solved by brentq."""
    basins = basin()
    for _ in range(600):
        basins.sludge[:] = SLUDGE
        made = run(basins, 600.0)
    k, dilution = KINETICS, FLOW / VOLUME
    saturation = float(saturation_mg_l(np.array([20.0]))[0])

    def substrate(entered_mg_l: float, most_d: float, half: float, breathing: float) -> float:
        rate = most_d / 24.0 * SLUDGE * breathing
        return float(
            brentq(lambda s: dilution * (entered_mg_l - s) - rate * s / (half + s), 0.0, entered_mg_l)
        )

    def excess(oxygen: float) -> float:
        breathing = oxygen / (k.half_o2 + oxygen)
        cod = substrate(1000 * COD_IN / FLOW, k.uptake_d, k.half_cod, breathing)
        nh4 = substrate(1000 * NH4_IN / FLOW, k.nitrify_d, k.half_nh4, breathing)
        demand = (
            k.oxygen_cod * dilution * (1000 * COD_IN / FLOW - cod)
            + OXYGEN_OF_NITROGEN * dilution * (1000 * NH4_IN / FLOW - nh4)
            + k.decay_d / 24.0 * SLUDGE * breathing
        )
        return TRANSFER * (saturation - oxygen) - dilution * oxygen - demand

    oxygen = float(brentq(excess, 1e-3, saturation))
    breathing = oxygen / (k.half_o2 + oxygen)
    assert basins.oxygen[0] == pytest.approx(oxygen, rel=0.01)
    assert basins.cod[0] == pytest.approx(
        substrate(1000 * COD_IN / FLOW, k.uptake_d, k.half_cod, breathing), rel=0.01
    )
    assert basins.nh4[0] == pytest.approx(
        substrate(1000 * NH4_IN / FLOW, k.nitrify_d, k.half_nh4, breathing), rel=0.01
    )
    assert made.cod[0] + made.cod_used[0] == pytest.approx(COD_IN, rel=1e-6)


def test_oxygen_that_is_transferred_is_used() -> None:
    basins = basin()
    for _ in range(400):
        basins.sludge[:] = SLUDGE
        made = run(basins, 600.0)
    saturation = float(saturation_mg_l(np.array([20.0]))[0])
    given = TRANSFER * (saturation - basins.oxygen[0]) * VOLUME / 1000.0
    carried_off = FLOW * basins.oxygen[0] / 1000.0
    assert given == pytest.approx(made.oxygen_used[0] + carried_off, rel=0.01)


def test_poisoned_sludge_lets_ammonia_and_cod_through() -> None:
    well, ill = basin(), basin()
    for _ in range(100):
        run(well, 600.0)
        run(ill, 600.0, activity=0.1)
    assert ill.nh4[0] > 5 * well.nh4[0]
    assert ill.cod[0] > 2 * well.cod[0]


def test_saturation_is_that_of_the_tables() -> None:
    """Standard Methods, table 4500-O:I: 14.62, 11.29, 9.09, 7.56 mg/L at 0, 10, 20, 30 °C."""
    table = saturation_mg_l(np.array([0.0, 10.0, 20.0, 30.0]))
    np.testing.assert_allclose(table, [14.62, 11.29, 9.09, 7.56], rtol=0.02)
