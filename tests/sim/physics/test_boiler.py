"""Boiler losses against conservation of mass, the stoichiometry of methane, and Siegert's formula."""

from __future__ import annotations

import numpy as np
import pytest

from sim.physics.boiler import (
    FLUE_KJ_KG_K,
    FUEL_OIL,
    NATURAL_GAS,
    NATURAL_GAS_KWH_NM3,
    VAPOUR_KJ_KG_K,
    Fuel,
    efficiency,
    losses,
)


def test_methane_wants_its_stoichiometric_air() -> None:
    """CH4 + 2 O2: 17.2 kg of air a kilogram (Perry, 8th ed., sec. 24)."""
    methane = Fuel(0.749, 0.251, 0.0, 0.0, 55_500.0)
    assert methane.theoretical_air == pytest.approx(17.2, abs=0.05)


@pytest.mark.parametrize("fuel", [FUEL_OIL, NATURAL_GAS])
def test_what_goes_in_goes_up_the_stack(fuel: Fuel) -> None:
    """Dry gas and water from hydrogen together weigh what fuel and air did."""
    oxygen, hotter_k = 5.0, 100.0
    with_gas, with_water, _ = losses(fuel, np.array([130.0]), np.array([oxygen]), 30.0)
    dry_kg = with_gas[0] * fuel.gross_kj_kg / (FLUE_KJ_KG_K * hotter_k)
    water_kg = with_water[0] * fuel.gross_kj_kg / (2445.0 + VAPOUR_KJ_KG_K * hotter_k)
    air_kg = fuel.theoretical_air * (1.0 + oxygen / (21.0 - oxygen))
    burnt = fuel.carbon + fuel.hydrogen + fuel.oxygen + fuel.sulphur
    assert dry_kg + water_kg == pytest.approx(air_kg + burnt, rel=0.012)


def test_oil_boiler_of_the_energy_auditors_guide() -> None:
    """Oil of 10,200 kcal/kg, 7 % oxygen, 220 °C against 27 °C, 2 % for shell and the rest: between 81 and
    82 %; water from hydrogen takes 7.1 %, moisture of the air 0.3 %."""
    _, with_water, with_moisture = losses(FUEL_OIL, np.array([220.0]), np.array([7.0]), 27.0)
    assert with_water[0] == pytest.approx(0.071, abs=0.001)
    assert with_moisture[0] == pytest.approx(0.0032, abs=0.0002)
    assert 0.81 < efficiency(FUEL_OIL, np.array([220.0]), np.array([7.0]), 27.0, 0.02)[0] < 0.82


@pytest.mark.parametrize(("flue_c", "oxygen"), [(120.0, 3.0), (160.0, 4.0), (220.0, 6.0)])
def test_sensible_loss_is_siegerts(flue_c: float, oxygen: float) -> None:
    """Siegert for natural gas: (0.66 / (21 - O2) + 0.009) dT % of the net calorific value, 0.9 of the
    gross."""
    siegert = (0.66 / (21.0 - oxygen) + 0.009) * (flue_c - 25.0) / 100.0 * 0.9
    with_gas, with_water, with_moisture = losses(NATURAL_GAS, np.array([flue_c]), np.array([oxygen]), 25.0)
    cold, cold_water, _ = losses(NATURAL_GAS, np.array([25.0]), np.array([oxygen]), 25.0)
    sensible = with_gas[0] + with_moisture[0] + with_water[0] - cold[0] - cold_water[0]
    assert sensible == pytest.approx(siegert, rel=0.08)


def test_gas_has_the_heat_of_pipeline_gas() -> None:
    assert pytest.approx(10.9, abs=0.2) == NATURAL_GAS_KWH_NM3
