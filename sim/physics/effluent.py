"""What leaves a machine that uses water: a volume, and what is in it as loads that add up along the
sewers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.physics.sewage import SEWAGE

F64 = npt.NDArray[np.float64]

EFFLUENT = SEWAGE
"""Flows of whatever discharges wastewater."""


def loads(
    flow_m3_h: F64,
    temperature_c: F64 | float,
    cod_mg_l: F64 | float,
    tss_mg_l: F64 | float,
    nh4_mg_l: F64 | float,
    acid_mol_m3: F64 | float,
) -> dict[str, F64]:
    """The flows :data:`EFFLUENT` of a waste water of some composition, ``float64[n]`` each; 1 mg/L is 1 g/m³.

    >>> hot = loads(np.array([2.0]), 80.0, 500.0, 0.0, 0.0, -3.0)
    >>> {name: flow.tolist()[0] for name, flow in hot.items() if flow[0]}
    {'sewage_m3_h': 2.0, 'cod_kg_h': 1.0, 'heat_c_m3_h': 160.0, 'acid_mol_h': -6.0}
    """
    carried = (
        flow_m3_h,
        flow_m3_h * cod_mg_l / 1000.0,
        flow_m3_h * tss_mg_l / 1000.0,
        flow_m3_h * nh4_mg_l / 1000.0,
        flow_m3_h * temperature_c,
        flow_m3_h * acid_mol_m3,
    )
    return dict(zip(EFFLUENT, carried, strict=True))


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
        return loads(
            water_m3_h, self.temperature_c, self.cod_mg_l, self.tss_mg_l, self.nh4_mg_l, self.acid_mol_m3
        )


NO_EFFLUENT = Effluent()
"""Of machines whose water stays in them or in the product."""
