"""Cutting and pressing of sheet: force and work of a stroke."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]


def blanking_force_kn(cut_mm: F64, sheet_mm: F64, shear_mpa: F64 | float) -> F64:
    """Force that cuts a blank [kN]: length of the cut times thickness times shear strength.

    Shear strength of a steel is about 0.8 of its tensile strength (Lange, Handbook of Metal Forming, ch. 24).

    >>> blanking_force_kn(np.array([500.0]), np.array([2.0]), 320.0).tolist()
    [320.0]
    """
    return cut_mm * sheet_mm * shear_mpa / 1000.0


def blanking_work_kj(force_kn: F64, sheet_mm: F64, fill: float = 0.6) -> F64:
    """Work of a cut [kJ]: its force over the thickness, ``fill`` of the rectangle (0.4 hard, 0.7 soft
    metals).

    >>> blanking_work_kj(np.array([320.0]), np.array([2.0])).round(3).tolist()
    [0.384]
    """
    return force_kn * sheet_mm * (fill / 1000.0)
