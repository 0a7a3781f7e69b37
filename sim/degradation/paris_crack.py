"""Growth of a fatigue crack by the Paris-Erdogan law, in its closed form.

P. C. Paris, F. Erdogan, "A critical analysis of crack propagation laws", J. Basic Eng. 85 (1963) 528-533:
``da/dN = C (dK)^m`` with ``dK = Y dS sqrt(pi a)``. For ``m != 2`` it integrates to
``a^q = a0^q + q C (Y dS sqrt(pi))^m N`` with ``q = 1 - m/2``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sim.degradation.law import F64
from sim.degradation.lognormal_life import check_life, draw_life_h, hold, refuse_unless

FERRITE_PEARLITE_C = 6.9e-12
"""``C`` of ferrite-pearlite steels [m/cycle, MPa sqrt(m)] with ``m`` = 3; J. M. Barsom, S. T. Rolfe,
"Fracture and Fatigue Control in Structures", 2nd ed. (1987), chapter 9."""


def cycles_between(
    from_m: float,
    to_m: float,
    *,
    stress_mpa: float,
    c: float = FERRITE_PEARLITE_C,
    m: float = 3.0,
    y: float = 1.12,
) -> float:
    """Load cycles in which a crack grows from one length to another.

    Args:
        from_m, to_m: lengths [m].
        stress_mpa: range of the nominal stress [MPa].
        c, m: of the material.
        y: geometry factor; 1.12 for a crack at an edge.

    An edge crack of 0.5 mm in steel that swings by 200 MPa, until it is 25 mm long:

    >>> round(cycles_between(0.5e-3, 25e-3, stress_mpa=200.0))
    177831
    """
    q = 1 - m / 2
    return (math.pow(to_m, q) - math.pow(from_m, q)) / (
        q * c * math.pow(y * stress_mpa * math.sqrt(math.pi), m)
    )


@dataclass(frozen=True, slots=True)
class ParisCrack:
    """Severity is how far the crack has come from its first to its critical length.

    ``C`` is lognormal from piece to piece (D. A. Virkler, B. M. Hillberry, P. K. Goel, J. Eng. Mater.
    Technol. 101 (1979) 148-153), so the life is. A life is the row ``[L]``.

    Args:
        median_h: median running time to the critical length [h]; it fixes ``C (Y dS sqrt(pi))^m`` times the
            load cycles an hour.
        spread: standard deviation of ln C, so of ln life.
        initial_mm, critical_mm: length when new and at failure [mm].
        exponent: ``m``; 3 for steel, not 2.

    Raises:
        ValueError: a parameter is out of its range.

    Most of the life is spent on a crack too short to be seen:

    >>> law = ParisCrack(median_h=1000.0, spread=0.0, initial_mm=0.5, critical_mm=12.0)
    >>> lives = law.draw(np.random.default_rng(1), 3)
    >>> law.severity(lives, np.array([500.0, 900.0, 1000.0])).round(3).tolist()
    [0.076, 0.497, 1.0]
    """

    median_h: float
    spread: float = 0.3
    initial_mm: float = 0.5
    critical_mm: float = 12.0
    exponent: float = 3.0

    def __post_init__(self) -> None:
        check_life(self.median_h, self.spread)
        lengths = f"initial_mm {self.initial_mm}, critical_mm {self.critical_mm}"
        refuse_unless(
            0 < self.initial_mm < self.critical_mm, lengths, "must be above 0, the first the smaller"
        )
        refuse_unless(
            1 < self.exponent <= 6 and abs(self.exponent - 2) > 1e-3,
            f"exponent {self.exponent}",
            "must be from 1 to 6 and not 2, where growth is exponential: use ExponentialGrowth",
        )

    def draw(self, rng: np.random.Generator, n: int) -> F64:
        """Draw lives, ``float64[n, 1]``."""
        return draw_life_h(rng, n, self.median_h, self.spread)[:, None]

    def life_h(self, lives: F64) -> F64:
        """Running time at which the crack is critical [h], lognormal."""
        return lives[:, 0]

    def length_mm(self, lives: F64, age_h: F64) -> F64:
        """Length of the crack after ``age_h`` [h], up to the critical one [mm]."""
        q = 1 - self.exponent / 2
        first, last = self.initial_mm**q, self.critical_mm**q
        share = np.minimum(age_h / lives[:, 0], 1.0)
        length: F64 = np.power(first + (last - first) * share, 1 / q)
        return length

    def severity(self, lives: F64, age_h: F64) -> F64:
        """Severity after ``age_h`` [h]; no further than 1, where the piece is broken."""
        grown = (self.length_mm(lives, age_h) - self.initial_mm) / (self.critical_mm - self.initial_mm)
        return hold(np.maximum(grown, 0.0), age_h, lives[:, 0])
