"""What leaves a machine that uses water: a volume, and what is in it as loads that add up along the
sewers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]

EFFLUENT = ("sewage_m3_h", "cod_kg_h", "tss_kg_h", "nh4_kg_h", "heat_c_m3_h", "acid_mol_h")
"""Flows of whatever discharges wastewater."""


@dataclass(frozen=True, slots=True)
class Effluent:
    """Strength of an effluent.

    Args:
        temperature_c: as it leaves [°C].
        cod_mg_l, tss_mg_l, nh4_mg_l: chemical oxygen demand, suspended solids, ammonia as N [mg/L].
        acid_mol_m3: net acid [mol/m³]; alkali is negative.
    """

    temperature_c: float = 28.0
    cod_mg_l: float = 0.0
    tss_mg_l: float = 0.0
    nh4_mg_l: float = 0.0
    acid_mol_m3: float = 0.0

    def flows(self, water_m3_h: F64) -> Mapping[str, F64]:
        """Loads of ``water_m3_h`` [m³/h], by the names of :data:`EFFLUENT`.

        >>> Effluent(cod_mg_l=500.0).flows(np.array([2.0]))["cod_kg_h"].tolist()
        [1.0]
        """
        amounts = (
            1.0,
            self.cod_mg_l / 1000.0,
            self.tss_mg_l / 1000.0,
            self.nh4_mg_l / 1000.0,
            self.temperature_c,
            self.acid_mol_m3,
        )
        return {name: amount * water_m3_h for name, amount in zip(EFFLUENT, amounts, strict=True)}


NO_EFFLUENT = Effluent()
"""Of machines whose water stays in them or in the product."""
