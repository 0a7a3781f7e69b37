"""Loads of a waste water whose composition changes from step to step; what does not change is an
:class:`sim.physics.effluent.Effluent`."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]


def loads(
    flow_m3_h: F64,
    temperature_c: F64 | float,
    cod_mg_l: F64 | float,
    tss_mg_l: F64 | float,
    nh4_mg_l: F64 | float,
    acid_mol_m3: F64 | float,
) -> dict[str, F64]:
    """The flows :data:`sim.physics.effluent.EFFLUENT`, ``float64[n]`` each; 1 mg/L is 1 g/m³.

    >>> hot = loads(np.array([2.0]), 80.0, 500.0, 0.0, 0.0, -3.0)
    >>> {name: flow.tolist()[0] for name, flow in hot.items() if flow[0]}
    {'sewage_m3_h': 2.0, 'cod_kg_h': 1.0, 'heat_c_m3_h': 160.0, 'acid_mol_h': -6.0}
    """
    return {
        "sewage_m3_h": flow_m3_h,
        "cod_kg_h": flow_m3_h * cod_mg_l / 1000.0,
        "tss_kg_h": flow_m3_h * tss_mg_l / 1000.0,
        "nh4_kg_h": flow_m3_h * nh4_mg_l / 1000.0,
        "heat_c_m3_h": flow_m3_h * temperature_c,
        "acid_mol_h": flow_m3_h * acid_mol_m3,
    }
