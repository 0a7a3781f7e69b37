"""What a law of degradation is: lives as rows of numbers, drawn once; from then on nothing is random."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]


class Law(Protocol):
    """One law with its parameters; frozen. A *life* is a row ``float64[p]`` that :meth:`draw` makes and the
    others read, so that the lives of all units are one array."""

    def draw(self, rng: np.random.Generator, n: int) -> F64:
        """Draw the lives of ``n`` new units, ``float64[n, p]``."""

    def life_h(self, lives: F64) -> F64:
        """Running time at which severity reaches 1 [h], ``float64[n]``; known from the first hour on."""

    def severity(self, lives: F64, age_h: F64) -> F64:
        """Severity after ``age_h`` [h], ``float64[n]``: 0 at 0, never falling, 1 at ``life_h``, <= 1.5."""
