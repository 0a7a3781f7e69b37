"""Efficiency of a boiler by its losses (indirect method of BS 845-1, in the form of the Bureau of Energy
Efficiency, Energy Performance Assessment for Equipment and Utility Systems, ch. 1): dry flue gas, water
from hydrogen, moisture in the air, radiation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]

FLUE_KJ_KG_K = 0.963
"""Specific heat of dry flue gas [kJ/(kg K)]: 0.23 kcal."""

VAPOUR_KJ_KG_K = 1.884
"""Specific heat of superheated water vapour [kJ/(kg K)]: 0.45 kcal."""

LATENT_KJ_KG = 2445.0
"""Latent heat of water at 25 °C, 584 kcal/kg [kJ/kg]."""


@dataclass(frozen=True, slots=True)
class Fuel:
    """Ultimate analysis of a fuel, by mass.

    Args:
        carbon, hydrogen, oxygen, sulphur: shares of its mass.
        gross_kj_kg: gross calorific value [kJ/kg].

    >>> round(FUEL_OIL.theoretical_air, 2)
    13.83
    """

    carbon: float
    hydrogen: float
    oxygen: float
    sulphur: float
    gross_kj_kg: float

    @property
    def theoretical_air(self) -> float:
        """Air for complete combustion [kg/kg]."""
        return 11.43 * self.carbon + 34.5 * (self.hydrogen - self.oxygen / 8.0) + 4.32 * self.sulphur


FUEL_OIL = Fuel(0.84, 0.12, 0.01, 0.03, 42_705.0)
"""Of the worked example: 10,200 kcal/kg."""

NATURAL_GAS = Fuel(0.735, 0.24, 0.0, 0.0, 51_500.0)
"""Pipeline gas of 94 % methane."""

NATURAL_GAS_KG_NM3 = 0.76
"""Its density at 0 °C and 1.01325 bar [kg/Nm³]."""

NATURAL_GAS_KWH_NM3 = NATURAL_GAS.gross_kj_kg * NATURAL_GAS_KG_NM3 / 3600.0
"""Its gross calorific value by volume [kWh/Nm³]: 10.9."""


def losses(
    fuel: Fuel, flue_c: F64, oxygen: F64, air_c: F64 | float, humidity: float = 0.018
) -> tuple[F64, F64, F64]:
    """Losses with the flue gas, as shares of the gross calorific value.

    Args:
        fuel: what is burnt.
        flue_c: temperature of the flue gas [°C].
        oxygen: in the dry flue gas [%].
        air_c: temperature of the combustion air [°C].
        humidity: of that air [kg/kg].

    Returns:
        with dry gas, with water from hydrogen, with moisture of the air.
    """
    hotter_k = flue_c - air_c
    air = fuel.theoretical_air * (1.0 + oxygen / (21.0 - oxygen))
    dry_kg = fuel.carbon * 44.0 / 12.0 + fuel.sulphur * 2.0 + 0.23 * (air - fuel.theoretical_air) + 0.77 * air
    with_gas = dry_kg * FLUE_KJ_KG_K * hotter_k / fuel.gross_kj_kg
    with_water = 9.0 * fuel.hydrogen * (LATENT_KJ_KG + VAPOUR_KJ_KG_K * hotter_k) / fuel.gross_kj_kg
    with_moisture = air * humidity * VAPOUR_KJ_KG_K * hotter_k / fuel.gross_kj_kg
    return with_gas, with_water, with_moisture


def efficiency(fuel: Fuel, flue_c: F64, oxygen: F64, air_c: F64 | float, radiation: F64 | float) -> F64:
    """Share of the gross calorific value that goes into steam; ``radiation`` is the share that its shell
    loses.

    >>> efficiency(NATURAL_GAS, np.array([150.0]), np.array([3.5]), 30.0, 0.012).round(3).tolist()
    [0.832]
    """
    with_gas, with_water, with_moisture = losses(fuel, flue_c, oxygen, air_c)
    return 1.0 - with_gas - with_water - with_moisture - radiation
