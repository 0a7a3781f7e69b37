"""Which meter reads wrong: every meter's power against what all the others say it should be.

At each supply, transformer, feeder and switchboard what goes in is what comes out, plus losses that power
flow gives. The measured powers are adjusted by as little as possible (weighted least squares) until all
balances hold; an adjustment that is large for the accuracy of its meter gives that meter away (the
measurement test of data reconciliation: Mah and Tamhane 1982, AIChE J. 28(5), 828-830). One meter after the
other is taken out, the worst first, until the rest agree (Serth and Heenan 1986, AIChE J. 32(5), 733-742).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from twin.contract.frame import F64
from twin.networks.electricity import Solved
from twin.networks.park_power import ParkPower
from twin.networks.readings import Readings
from twin.park.networks import Board, Cable

MACHINE_ACCURACY: Final = 0.01
"""Of a power shown by a drive or a machine's own meter: class 1 of IEC 61557-12."""
SAME_MOMENT_KW: Final = 1.5
"""By how much powers differ at most that are not read in the same moment, and by their last digit."""
SQRT3: Final = 3.0**0.5
"""A limit of error over its standard uncertainty, where nothing else is known (JCGM 100:2008, 4.3.7)."""
SUSPECT_Z: Final = 4.0
"""Two-sided 1 % over 200 meters (Šidák) is 4.06 standard deviations."""
UNKNOWN_KW: Final = 1e5
"""Standard deviation of what nothing measures."""
LEAST_REDUNDANCY: Final = 0.05
"""Share of a meter's variance that the others see; with less of it, it cannot be judged."""
LIKE_THE_WORST: Final = 0.98
"""Scores this near to the worst cannot be told apart from it."""
MOST_SUSPECTS: Final = 5


@dataclass(frozen=True, slots=True)
class MeterCheck:
    """A meter and what the others say.

    Args:
        equipment: whose meter.
        measured_kw: what it shows.
        expected_kw: what the others make it.
        score: the difference in standard deviations; None if the others cannot say.
    """

    equipment: str
    measured_kw: float
    expected_kw: float
    score: float | None


@dataclass(frozen=True, slots=True)
class Suspect:
    """A meter that reads wrong.

    Args:
        equipment: it, and those that cannot be told apart from it, the likeliest first.
        measured_kw: what it shows.
        expected_kw: what the others make it.
        score: in standard deviations.
    """

    equipment: tuple[str, ...]
    measured_kw: float
    expected_kw: float
    score: float


@dataclass(frozen=True, slots=True)
class MeterReport:
    """All meters of one moment.

    Args:
        checks: in the order of the network.
        suspects: the worst first.
    """

    checks: tuple[MeterCheck, ...]
    suspects: tuple[Suspect, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Balances:
    """Powers and the balances between them.

    Args:
        names: of the powers, length n.
        measured: ``float64[n]`` [kW], NaN where nothing measures.
        sigma: ``float64[n]``, standard deviations [kW].
        matrix: ``float64[m, n]``; ``matrix @ power = losses``.
        losses: ``float64[m]`` [kW].
    """

    names: tuple[str, ...]
    measured: F64
    sigma: F64
    matrix: F64
    losses: F64


def balances(power: ParkPower, readings: Readings, solved: Solved, moments: int = 1) -> Balances:
    """Set up the balances of a park.

    Args:
        power, readings, solved: of one moment, or of the means of several.
        moments: how many; what readings of one moment differ by is another each time, so of a mean it is less
            by the root of them (JCGM 100:2008, 4.2.3). What a meter is off by stays.
    """
    result = solved.result
    lost = {} if result is None else {name: 1000.0 * mw for name, mw in result.losses_mw.items()}
    names: dict[str, int] = {}
    measured: list[float] = []
    sigma: list[float] = []
    apart_kw = SAME_MOMENT_KW / moments**0.5

    def variable(name: str, kw: float | None, accuracy: float) -> int:
        if name not in names:
            names[name] = len(names)
            measured.append(float("nan") if kw is None else kw)
            sigma.append(UNKNOWN_KW if kw is None else (accuracy * abs(kw) + apart_kw) / SQRT3)
        return names[name]

    metered = power.metered

    def power_of(name: str) -> int:
        row = metered.get(name)
        if row is None:
            return variable(name, power.machine_kw(name, readings), MACHINE_ACCURACY)
        return variable(name, readings.kilo(name, row.power), row.accuracy_percent / 100.0)

    rows: list[tuple[dict[int, float], float]] = []
    for name, row in metered.items():
        below = power.below.get(name, ())
        balance = {power_of(name): 1.0}
        for one in below:
            if one not in power.compensators:
                balance[power_of(one)] = -1.0
        unmetered = row.unmetered if isinstance(row, Cable | Board) else ""
        if unmetered:
            given = readings.kilo(name, unmetered)
            balance[variable(f"{name}/unmetered", given, MACHINE_ACCURACY)] = -1.0
        elif isinstance(row, Cable | Board):
            balance[variable(f"{name}/unmetered", None, 0.0)] = -1.0
        rows.append((balance, lost.get(name, 0.0)))
    matrix = np.zeros((len(rows), len(names)))
    for number, (balance, _) in enumerate(rows):
        matrix[number, list(balance)] = list(balance.values())
    losses = np.array([loss for _, loss in rows])
    return Balances(tuple(names), np.array(measured), np.array(sigma), matrix, losses)


def check_meters(power: ParkPower, readings: Readings, solved: Solved, moments: int = 1) -> MeterReport:
    """Hold every meter against all the others; ``moments`` as in :func:`balances`."""
    return judge(balances(power, readings, solved, moments), metered=power.metered)


def judge(given: Balances, *, metered: Mapping[str, object] | None = None) -> MeterReport:
    """Judge the meters of some balances; ``metered`` are those that are listed, all of them if left out.

    Two meters in series, the upper 10 % too high, with a load that is measured twice more:

    >>> import numpy as np
    >>> matrix = np.array([[1.0, -1.0, 0.0], [0.0, 1.0, -1.0]])
    >>> shown = np.array([110.0, 100.0, 100.0])
    >>> found = judge(Balances(("a", "b", "c"), shown, np.ones(3), matrix, np.zeros(2)))
    >>> [(one.equipment, round(one.expected_kw)) for one in found.suspects]
    [(('a',), 100)]
    """
    sigma = np.where(np.isnan(given.measured), UNKNOWN_KW, given.sigma)
    score, _ = _scores(given, sigma)
    adjusted = _without_each(given, sigma)
    checks = tuple(
        MeterCheck(name, float(kw), float(adjusted[number]), _told(score[number]))
        for number, (name, kw) in enumerate(zip(given.names, given.measured.tolist(), strict=True))
        if kw == kw and (metered is None or name in metered)
    )
    worst: list[tuple[int, tuple[str, ...], float]] = []
    while len(worst) < MOST_SUSPECTS:
        score, _ = _scores(given, sigma)
        if np.isnan(score).all():
            break
        one = int(np.nanargmax(score))
        if score[one] < SUSPECT_Z:
            break
        alike = [int(other) for other in np.argsort(-score) if score[other] >= LIKE_THE_WORST * score[one]]
        worst.append((one, tuple(given.names[other] for other in alike), float(score[one])))
        sigma[one] = UNKNOWN_KW
    _, estimate = _scores(given, sigma)  # without all of them
    suspects = tuple(
        Suspect(names, float(given.measured[one]), float(estimate[one]), highest)
        for one, names, highest in worst
    )
    return MeterReport(checks, suspects)


def _scores(given: Balances, sigma: F64) -> tuple[F64, F64]:
    """Adjustments in their standard deviations, NaN where nothing can be said; and the adjusted powers."""
    variance = np.square(sigma)
    start = np.nan_to_num(given.measured)
    spread = given.matrix * variance
    inner = spread @ given.matrix.T
    weights = np.linalg.solve(inner, spread)
    adjustment = weights.T @ (given.losses - given.matrix @ start)
    covered = np.einsum("mn,mn->n", weights, spread)
    judged = (covered / variance > LEAST_REDUNDANCY) & (sigma < UNKNOWN_KW)
    score = np.full(len(start), np.nan)
    score[judged] = np.abs(adjustment[judged]) / np.sqrt(covered[judged])
    return score, start + adjustment


def _without_each(given: Balances, sigma: F64) -> F64:
    """What all others make of each meter: its adjustment as if it had no weight."""
    variance = np.square(sigma)
    start = np.nan_to_num(given.measured)
    spread = given.matrix * variance
    weights = np.linalg.solve(spread @ given.matrix.T, spread)
    adjustment = weights.T @ (given.losses - given.matrix @ start)
    covered = np.einsum("mn,mn->n", weights, spread)
    share = np.maximum(covered / variance, 1e-12)
    expected: F64 = start + adjustment / share
    return expected


def _told(score: float) -> float | None:
    return None if score != score else float(score)
