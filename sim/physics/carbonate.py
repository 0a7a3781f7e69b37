"""pH of water whose acid and alkali are counted as what they are: alkalinity, which mixes like a mass.

Carbonate system at 25 °C in dilute water: pK1 6.35, pK2 10.33, pKw 14.00 (Stumm and Morgan, Aquatic
Chemistry, 3rd ed., table 4.2). Total carbonate is taken as that of the region's hard ground and mains water,
so pH follows from alkalinity alone; loads travel as *net acid* [mol], which lowers it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]

CARBON_MOL_M3 = 6.0
"""Total dissolved carbonate [mol/m³]."""

NEUTRAL_PH = 7.3
"""Of water to which nothing was added."""


def alkalinity_mol_m3(ph: F64) -> F64:
    """Alkalinity at a pH [mol/m³]: ``C (a1 + 2 a2) + Kw/H - H``.

    >>> alkalinity_mol_m3(np.array([8.34])).round(2).tolist()  # bicarbonate alone
    [6.0]
    """
    h = np.power(10.0, -ph)
    k1, k2 = 10.0**-6.35, 10.0**-10.33
    whole = h * h + k1 * h + k1 * k2
    bound = CARBON_MOL_M3 * (k1 * h + 2.0 * k1 * k2) / whole
    alkalinity: F64 = bound + 1000.0 * (1e-14 / h - h)
    return alkalinity


_PH = np.linspace(0.5, 13.5, 1301)
_ALKALINITY = alkalinity_mol_m3(_PH)
_NEUTRAL = float(alkalinity_mol_m3(np.array([NEUTRAL_PH]))[0])


def ph_of(net_acid_mol_m3: F64) -> F64:
    """pH after net acid was added to neutral water [mol/m³]; alkali is negative.

    >>> ph_of(np.array([0.0, 2.0, 15.0, -3.0])).round(1).tolist()
    [7.3, 6.5, 2.0, 10.1]
    """
    ph: F64 = np.interp(_NEUTRAL - net_acid_mol_m3, _ALKALINITY, _PH)
    return ph


def net_acid_of(ph: float) -> float:
    """Net acid that brings neutral water to a pH [mol/m³].

    >>> round(float(ph_of(np.array([net_acid_of(10.5)]))[0]), 2)
    10.5
    """
    return _NEUTRAL - float(alkalinity_mol_m3(np.array([ph]))[0])
