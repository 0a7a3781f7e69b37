"""Rolling bearings: at which frequencies their defects sound, and what that does to vibration.

Frequencies are kinematics (Harris, Rolling Bearing Analysis, 4th ed., ch. 8; Randall and Antoni 2011, eq. 1
to 4): the outer ring stands, the balls roll without slip. A local defect is struck once a pass and rings; in
the spectrum of the envelope it is a row of harmonics of the pass frequency that fall off geometrically.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]

HARMONICS = 5
"""How many multiples of a pass frequency are told apart in an envelope spectrum."""

FALL = 0.6
"""Amplitude of a harmonic as a share of that of the one before."""

BAND_GAIN = math.sqrt(sum(FALL ** (2 * h) for h in range(HARMONICS)) / 2.0)
"""RMS of all harmonics together as a share of the amplitude of the first (Parseval: each adds a²/2)."""


@dataclass(frozen=True, slots=True)
class Bearing:
    """Geometry of a ball or roller bearing.

    Args:
        balls: number of rolling elements.
        ball_mm: their diameter [mm].
        pitch_mm: diameter of the circle of their centres [mm].
        contact_deg: contact angle [°].

    >>> skf_6205 = Bearing(9, 7.94, 39.04)
    >>> [round(f, 3) for f in (skf_6205.bpfo, skf_6205.bpfi, skf_6205.bsf, skf_6205.ftf)]
    [3.585, 5.415, 2.357, 0.398]
    """

    balls: int
    ball_mm: float
    pitch_mm: float
    contact_deg: float = 0.0

    @property
    def _ratio(self) -> float:
        return self.ball_mm / self.pitch_mm * math.cos(math.radians(self.contact_deg))

    @property
    def bpfo(self) -> float:
        """Passes of balls over a point of the outer ring per turn of the shaft."""
        return self.balls / 2.0 * (1.0 - self._ratio)

    @property
    def bpfi(self) -> float:
        """Passes of balls over a point of the inner ring per turn of the shaft."""
        return self.balls / 2.0 * (1.0 + self._ratio)

    @property
    def bsf(self) -> float:
        """Turns of a ball about itself per turn of the shaft; a spot on it strikes twice a turn."""
        return self.pitch_mm / (2.0 * self.ball_mm) * (1.0 - self._ratio**2)

    @property
    def ftf(self) -> float:
        """Turns of the cage per turn of the shaft."""
        return 0.5 * (1.0 - self._ratio)


SKF_6205 = Bearing(9, 7.94, 39.04)
"""Drive end of the test rig of Case Western Reserve University."""

FEMTO = Bearing(13, 3.5, 25.6)
"""Test bearing of PRONOSTIA (Nectoux et al. 2012, table 1)."""

SPINDLE_7014 = Bearing(20, 9.525, 90.0, 15.0)
"""Angular contact bearing of 70 mm bore, as in spindles: 20 balls of 3/8 inch at 15°."""


def defect_amplitude(severity: F64, at_failure: float) -> F64:
    """Amplitude of the first harmonic of a defect [unit of ``at_failure``]: a spall grows slowly, then fast.

    >>> defect_amplitude(np.array([0.0, 0.5, 1.0]), 8.0).tolist()
    [0.0, 2.0, 8.0]
    """
    return at_failure * severity * severity


def harmonics(pass_hz: float, amplitude: float) -> tuple[F64, F64]:
    """Frequencies [Hz] and amplitudes of the envelope spectrum of one local defect, ``float64[HARMONICS]``.

    >>> frequency_hz, height = harmonics(100.0, 2.0)
    >>> frequency_hz.tolist(), height.round(2).tolist()
    ([100.0, 200.0, 300.0, 400.0, 500.0], [2.0, 1.2, 0.72, 0.43, 0.26])
    """
    order = np.arange(1.0, HARMONICS + 1.0, dtype=np.float64)
    return pass_hz * order, amplitude * np.power(FALL, order - 1.0)


def together(*parts: F64 | float) -> F64:
    """RMS of independent vibrations at once: energies add.

    >>> float(together(np.array([3.0]), 4.0)[0])
    5.0
    """
    total: F64 = np.sqrt(sum(np.square(part) for part in parts))
    return total
