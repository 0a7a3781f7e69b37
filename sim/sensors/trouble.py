"""The table of what goes wrong with an instrument: a new kind of trouble is a new row.

A trouble acts in two places: on the quantity, before noise and the last digit (``distort``), and on what is
shown (``overrule``). Both see one tag only; few tags have a trouble at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from sim.sensors.status import (
    BAD_NO_COMMUNICATION,
    BAD_OUT_OF_SERVICE,
    BAD_SENSOR_FAILURE,
    UNCERTAIN_LAST_USABLE_VALUE,
)

DROPOUT_S = 20.0
"""How long a radio or a loose contact is gone at a time, on the average [s]."""


@dataclass(slots=True, eq=False)
class TroubledTag:
    """A tag with a trouble, and what the trouble has to remember.

    Args:
        row: of the tag.
        kind: what is wrong.
        low, high: range of the signal, in its unit.
        strength: how strong it is now, in the unit of the kind.
        rng: of this trouble alone: an undisturbed tag reads the same with and without it.
        hours: how long it has lasted [h].
        held: what was shown last before it began.
        offset: what has piled up, in the signal's unit.
        away: in a dropout now.
    """

    row: int
    kind: Trouble
    low: float
    high: float
    strength: float
    rng: np.random.Generator
    hours: float = 0.0
    held: float = np.nan
    offset: float = 0.0
    away: bool = False

    @property
    def span(self) -> float:
        """Width of the range."""
        return self.high - self.low


Distort = Callable[[TroubledTag, float, float], float]
"""(tag, quantity, dt [s]) -> the quantity as the instrument takes it."""
Overrule = Callable[[TroubledTag, float, int, float], tuple[float, int]]
"""(tag, what it would show, its status, dt [s]) -> what it shows, its status."""


def _same(tag: TroubledTag, quantity: float, dt_s: float) -> float:
    return quantity


def _shown(tag: TroubledTag, value: float, status: int, dt_s: float) -> tuple[float, int]:
    return value, status


@dataclass(frozen=True, slots=True)
class Trouble:
    """A row of the table.

    Args:
        id: the fault that ``parktwin sim inject`` names.
        vi, en: what it is, for people.
        strength: unless said otherwise.
        unit: what the strength is measured in.
        low, high: what strength is accepted.
        duration_s: unless said otherwise [s]; 0 = until it is cleared.
        analogue: only where a quantity is measured: no counts, states or texts.
        distort, overrule: what it does.
    """

    id: str
    vi: str
    en: str
    strength: float
    unit: str
    low: float
    high: float
    duration_s: float
    analogue: bool = True
    distort: Distort = field(default=_same, repr=False)
    overrule: Overrule = field(default=_shown, repr=False)


def _bias(tag: TroubledTag, quantity: float, dt_s: float) -> float:
    return quantity + tag.strength * tag.span


def _drift(tag: TroubledTag, quantity: float, dt_s: float) -> float:
    tag.offset += tag.strength * tag.span * dt_s / 3600.0
    return quantity + tag.offset


def _gain(tag: TroubledTag, quantity: float, dt_s: float) -> float:
    return quantity * (1.0 + tag.strength)


def _burst(tag: TroubledTag, quantity: float, dt_s: float) -> float:
    return quantity + tag.strength * tag.span * float(tag.rng.standard_normal())


def _stuck(tag: TroubledTag, value: float, status: int, dt_s: float) -> tuple[float, int]:
    return tag.held, status


def _frozen(tag: TroubledTag, value: float, status: int, dt_s: float) -> tuple[float, int]:
    return tag.held, UNCERTAIN_LAST_USABLE_VALUE


def _dropout(tag: TroubledTag, value: float, status: int, dt_s: float) -> tuple[float, int]:
    """A two-state Markov chain with the wanted share of time away and the usual length of a gap, exact for
    any ``dt_s``."""
    share = min(tag.strength, 1.0)
    back_s = DROPOUT_S
    forgets = np.exp(-dt_s / (back_s * (1.0 - share))) if share < 1 else 0.0
    away = share + (float(tag.away) - share) * forgets
    tag.away = bool(tag.rng.random() < away)
    if not tag.away:
        tag.held = value
        return value, status
    return tag.held, BAD_NO_COMMUNICATION


def _failed(tag: TroubledTag, value: float, status: int, dt_s: float) -> tuple[float, int]:
    return tag.held, BAD_SENSOR_FAILURE


def _calibrated(tag: TroubledTag, value: float, status: int, dt_s: float) -> tuple[float, int]:
    """Zero and span gas, or a standard solution: shown as it is, marked as no reading."""
    return tag.low + tag.strength * tag.span, BAD_OUT_OF_SERVICE


def _out_of_service(tag: TroubledTag, value: float, status: int, dt_s: float) -> tuple[float, int]:
    return value, BAD_OUT_OF_SERVICE


OUT_OF_SERVICE = Trouble(
    "out_of_service", "Ngừng đo", "Is taken out of service", 0.0, "", 0.0, 0.0, 0.0, overrule=_out_of_service
)
"""No fault to be brought about: what the calendar of an analyser does to its status."""

_HOUR_S = 3600.0
_OF_RANGE = "share of the range"

TROUBLES: Mapping[str, Trouble] = {
    row.id: row
    for row in (
        Trouble("sensor_bias", "Lệch cố định", "Reads too high or too low by a fixed amount", 0.05, _OF_RANGE,
                -1.0, 1.0, 0.0, distort=_bias),
        Trouble("sensor_drift", "Trôi dần", "Drifts away from the truth", 0.01, "share of the range per hour",
                -1.0, 1.0, 0.0, distort=_drift),
        Trouble("wrong_meter", "Sai hệ số đo", "Reads wrong by a factor, as with a wrong ratio", 0.1,
                "share of the reading", -0.9, 9.0, 0.0, distort=_gain),
        Trouble("sensor_stuck", "Kẹt giá trị", "Shows the same value for ever, as if it were good", 1.0, "",
                1.0, 1.0, 0.0, overrule=_stuck),
        Trouble("gateway_frozen", "Cổng truyền treo", "Gateway repeats the last value and says so", 1.0, "",
                1.0, 1.0, 1800.0, analogue=False, overrule=_frozen),
        Trouble("sensor_dropout", "Mất tín hiệu chập chờn", "Is gone now and then", 0.3, "share of the time",
                0.01, 1.0, _HOUR_S, analogue=False, overrule=_dropout),
        Trouble("sensor_failed", "Hỏng cảm biến", "Is broken, and the transmitter knows", 1.0, "", 1.0, 1.0,
                0.0, overrule=_failed),
        Trouble("noise_burst", "Nhiễu mạnh", "Picks up noise", 0.05, "share of the range, RMS",
                0.001, 1.0, 600.0, distort=_burst),
        Trouble("calibration", "Đang hiệu chuẩn", "Is being calibrated: shows the reference", 0.5, _OF_RANGE,
                0.0, 1.0, 1200.0, overrule=_calibrated),
    )
}  # fmt: skip
"""By id."""
