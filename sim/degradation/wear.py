"""Wear: every failure mode of every machine of a plant, aged by running time, failing and repaired.

A *pair* is a machine and one of its failure modes. Pairs are in the order of the groups they are made of,
within a group by mode, then by machine, so that the severity of one mode of a fleet is a slice.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.degradation.law import F64, Law
from sim.degradation.never import NEVER
from sim.degradation.pair import USUAL_UPKEEP, Pair, Upkeep, WearEvent
from sim.degradation.wear_error import WearError
from sim.kind import Bools, MachineKind
from twin.contract.clock import NS_PER_S

EVALUATE_NS = 60 * NS_PER_S
"""Severities are computed anew once a simulated minute: no mode is so fast that it would be seen."""

NS_PER_H = 3600 * NS_PER_S
_LOOKED_AFTER = 0.985
_YOUNG = 0.35
_NEVER_NS = np.iinfo(np.int64).max


def first_share(draw: float) -> float:
    """The share of its life that a machine has behind it when a park is first looked at, from a uniform draw.

    In a park that is looked after nearly all are in the first third of their lives; a few were overlooked.

    >>> [round(first_share(draw), 3) for draw in (0.0, 0.5, 0.985, 1.0)]
    [0.0, 0.178, 0.8, 0.95]
    """
    if draw < _LOOKED_AFTER:
        return _YOUNG * draw / _LOOKED_AFTER
    return 0.8 + 0.15 * (draw - _LOOKED_AFTER) / (1.0 - _LOOKED_AFTER)


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """The pairs of one mode of one group."""

    pairs: slice
    law: Law
    lives: F64


@dataclass(frozen=True, slots=True)
class _Rush:
    """A pair that ages faster until it is as old as it is told to be."""

    pace: float
    until_age_h: float


class Wear:
    """The state of all pairs, as columns; changed by :meth:`advance`.

    Each life is drawn from a stream of its own, made of the seed, the equipment, the mode and the number of
    the life: another machine in the plant, or the repair of a neighbour, changes nothing for this one.

    Args:
        groups: a kind and the equipment ids of units of it, in the order of the arrays.
        seed: of all randomness.
        upkeep: who repairs.
        new: every machine is as new at the start; else as :func:`first_share` says.

    Attributes:
        units: ``str[units]``, all machines.
        pairs: all pairs.
        unit_of: ``intp[pairs]``, index of the machine.
        age_h: ``float64[pairs]``, running time since new or repaired [h].
        life_h: ``float64[pairs]``, running time at which it fails [h]; infinite for disturbances.
        severity: ``float64[pairs]``, 0 = as new, 1 = failed, at most 1.5; changed in place.
        failed: ``bool[pairs]``.
        stopped: ``bool[units]``: a failure keeps it standing; changed in place.
    """

    def __init__(
        self,
        groups: Sequence[tuple[MachineKind, Sequence[str]]],
        *,
        seed: int,
        upkeep: Upkeep = USUAL_UPKEEP,
        new: bool = False,
    ) -> None:
        self.units: tuple[str, ...] = tuple(unit for _, units in groups for unit in units)
        self._seed = seed
        self._upkeep = upkeep
        pairs: list[Pair] = []
        unit_of: list[int] = []
        spans: list[tuple[slice, Law]] = []
        first = 0
        for kind, units in groups:
            for mode in kind.modes:
                spans.append((slice(len(pairs), len(pairs) + len(units)), mode.law))
                pairs += [Pair(unit, mode) for unit in units]
                unit_of += range(first, first + len(units))
            first += len(units)
        self.pairs = tuple(pairs)
        self.number = {(pair.equipment, pair.mode.name): i for i, pair in enumerate(pairs)}
        n = len(pairs)
        self.unit_of = np.array(unit_of, np.intp)
        self.age_h: F64 = np.zeros(n)
        self.life_h: F64 = np.full(n, np.inf)
        self.severity: F64 = np.zeros(n)
        self.failed: Bools = np.zeros(n, np.bool_)
        self.stopped: Bools = np.zeros(len(self.units), np.bool_)
        self._stops = np.array([pair.mode.stops for pair in pairs], np.bool_)
        self._natural: F64 = np.zeros(n)
        self._imposed: F64 = np.zeros(n)
        self._repair_ns: npt.NDArray[np.int64] = np.full(n, _NEVER_NS, np.int64)
        self._next_repair_ns = _NEVER_NS
        self._renewals = np.zeros(n, np.int64)
        self._rushes: dict[int, _Rush] = {}
        self._evaluated_ns: int | None = None
        self._block_of: dict[int, _Block] = {}
        self._blocks: list[_Block] = []
        for span, law in spans:
            if law is not NEVER and span.stop > span.start:
                self._begin(span, law, new)
        self._evaluate()

    def _begin(self, span: slice, law: Law, new: bool) -> None:
        """Draw the first lives of one mode of a group."""
        rows = []
        shares = np.zeros(span.stop - span.start)
        for place, pair in enumerate(range(span.start, span.stop)):
            rng = self._rng(pair)
            rows.append(law.draw(rng, 1))
            shares[place] = 0.0 if new else first_share(rng.random())
        block = _Block(span, law, np.concatenate(rows))
        self.life_h[span] = law.life_h(block.lives)
        ageing = np.isfinite(self.life_h[span])
        self.age_h[span][ageing] = (shares * self.life_h[span])[ageing]
        self._blocks.append(block)
        self._block_of.update(dict.fromkeys(range(span.start, span.stop), block))

    def _rng(self, pair: int, *more: int) -> np.random.Generator:
        one = self.pairs[pair]
        names = (zlib.crc32(one.equipment.encode()), zlib.crc32(one.mode.name.encode()))
        return np.random.default_rng([self._seed, *names, int(self._renewals[pair]), *more])

    def advance(self, now_ns: int, dt_s: float, running: Bools) -> list[WearEvent]:
        """Age what runs for ``dt_s`` [s] up to ``now_ns``; repair what is due, stop what fails.

        Args:
            now_ns: simulated time at the end of the step.
            dt_s: its length.
            running: ``bool[units]``.

        Returns:
            What failed and what was repaired, in the order of the pairs.
        """
        events = []
        if now_ns >= self._next_repair_ns:
            for pair in np.flatnonzero(self._repair_ns <= now_ns).tolist():
                events.append(self._renew(pair, now_ns))
        ran_h = running[self.unit_of] * (dt_s / 3600.0)
        self.age_h += ran_h
        for pair in list(self._rushes):
            self._rush(pair, float(ran_h[pair]))
        newly = (self.age_h >= self.life_h) & ~self.failed
        if newly.any():
            events += [self._fail(pair, now_ns) for pair in np.flatnonzero(newly).tolist()]
        if self._evaluated_ns is None or events or now_ns - self._evaluated_ns >= EVALUATE_NS:
            self._evaluated_ns = now_ns
            self._evaluate()
        return events

    def rul_h(self) -> F64:
        """True remaining running time to failure of every pair [h], ``float64[pairs]``: 0 when failed,
        infinite for disturbances."""
        left = np.maximum(self.life_h - self.age_h, 0.0)
        for pair, rush in self._rushes.items():
            hurried_h = rush.until_age_h - self.age_h[pair]
            left[pair] += hurried_h / rush.pace - hurried_h
        left[self.failed] = 0.0
        return left

    def accelerate(self, pair: int, severity: float, within_h: float) -> None:
        """Let a pair wear faster, so that in ``within_h`` of running its severity is ``severity``; from there
        it goes on at its own pace. With 1 it fails then.

        Raises:
            WearError: it is a disturbance, has come as far already, or the severity cannot be.
        """
        one = self.pairs[pair]
        what = f"mode {one.mode.name!r} of {one.equipment}"
        if pair not in self._block_of:
            raise WearError(f"{what}: does not wear; impose a severity instead")
        if not 0 < severity <= 1:
            raise WearError(f"{what}: severity {severity}: must be above 0 and at most 1")
        if self.failed[pair] or severity <= self._natural[pair]:
            raise WearError(
                f"{what}: severity is {self.severity[pair]:.2f} already, {severity:g} asked for; "
                "ask for more, or repair it first"
            )
        until_h = self._age_at(pair, severity)
        self._rushes.pop(pair, None)
        if within_h <= 0:
            self.age_h[pair] = until_h
        elif until_h > self.age_h[pair]:
            self._rushes[pair] = _Rush((until_h - float(self.age_h[pair])) / within_h, until_h)
        self._evaluate_one(pair)

    def impose(self, pair: int, severity: float) -> None:
        """Have a disturbance at ``severity`` (0 ends it), over and above what the pair has by its wear."""
        self._imposed[pair] = severity
        self.severity[pair] = max(self._natural[pair], severity)
        self._stop()

    def repair(self, equipment: str, now_ns: int, mode: str | None = None) -> list[WearEvent]:
        """Make a machine as good as new, in one mode or in all that wear.

        Raises:
            WearError: the machine has no such mode, or none that wears.
        """
        wearing = [
            pair
            for pair in self._block_of
            if self.pairs[pair].equipment == equipment and mode in (None, self.pairs[pair].mode.name)
        ]
        if not wearing:
            raise WearError(
                f"equipment {equipment!r}, mode {mode!r}: nothing there wears; 'parktwin sim --list-faults' "
                "lists what does"
            )
        events = [self._renew(pair, now_ns) for pair in wearing]
        self._evaluate()
        return events

    def _rush(self, pair: int, ran_h: float) -> None:
        """Correct the age of a pair in a hurry, which :meth:`advance` has aged by ``ran_h`` already."""
        rush = self._rushes[pair]
        before_h = float(self.age_h[pair]) - ran_h
        needed_h = (rush.until_age_h - before_h) / rush.pace
        if ran_h >= needed_h * (1 - 1e-9):
            self.age_h[pair] = rush.until_age_h + max(ran_h - needed_h, 0.0)
            del self._rushes[pair]
        else:
            self.age_h[pair] = before_h + ran_h * rush.pace
        self._evaluate_one(pair)

    def _fail(self, pair: int, now_ns: int) -> WearEvent:
        self.failed[pair] = True
        self._rushes.pop(pair, None)
        upkeep, one = self._upkeep, self.pairs[pair]
        if one.mode.stops:
            self.age_h[pair] = self.life_h[pair]
        if upkeep.automatic:
            takes_h = one.mode.repair_h * np.exp(upkeep.spread * self._rng(pair, 1).standard_normal())
            delay_h = upkeep.delay_h if one.mode.stops else upkeep.service_delay_h
            self._repair_ns[pair] = now_ns + round((delay_h + float(takes_h)) * NS_PER_H)
            self._next_repair_ns = int(self._repair_ns.min())
        self._stop()
        return WearEvent(now_ns, "failure", pair, one.equipment, one.mode.name, 1.0)

    def _renew(self, pair: int, now_ns: int) -> WearEvent:
        one, block = self.pairs[pair], self._block_of[pair]
        was = float(self.severity[pair])
        self._renewals[pair] += 1
        life = block.law.draw(self._rng(pair), 1)
        block.lives[pair - block.pairs.start] = life[0]
        self.life_h[pair] = block.law.life_h(life)[0]
        self.age_h[pair] = 0.0
        self._rushes.pop(pair, None)
        self.failed[pair] = False
        self._repair_ns[pair] = _NEVER_NS
        self._next_repair_ns = int(self._repair_ns.min())
        self._stop()
        return WearEvent(now_ns, "repair", pair, one.equipment, one.mode.name, was)

    def _stop(self) -> None:
        standing = self._stops & (self.failed | (self._imposed >= 1.0))
        self.stopped[:] = False
        self.stopped[self.unit_of[standing]] = True

    def _evaluate(self) -> None:
        for block in self._blocks:
            self._natural[block.pairs] = block.law.severity(block.lives, self.age_h[block.pairs])
        np.maximum(self._natural, self._imposed, out=self.severity)

    def _evaluate_one(self, pair: int) -> None:
        """Compute the severity of a pair in a hurry in each step: its minute may be half its life."""
        block = self._block_of[pair]
        place = pair - block.pairs.start
        age_h = self.age_h[pair : pair + 1]
        self._natural[pair] = block.law.severity(block.lives[place : place + 1], age_h)[0]
        self.severity[pair] = max(self._natural[pair], self._imposed[pair])

    def _age_at(self, pair: int, severity: float) -> float:
        """Earliest age of a pair at which its severity is at least ``severity`` [h], by bisection: laws that
        jump have no inverse."""
        if severity >= 1:
            return float(self.life_h[pair])
        block = self._block_of[pair]
        life = block.lives[pair - block.pairs.start][None]
        below_h, above_h = 0.0, float(self.life_h[pair])
        for _ in range(60):
            middle_h = (below_h + above_h) / 2
            if block.law.severity(life, np.array([middle_h]))[0] >= severity:
                above_h = middle_h
            else:
                below_h = middle_h
        return above_h
