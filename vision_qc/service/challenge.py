"""Challenge checks: a station proves on labelled pieces that it still tells good from bad, or it is blocked.

Due when the service starts, when another product comes, when another recipe judges, and after a time that
the plan sets. Until every piece of the plan was judged right, products are judged and kept, but their verdict
is *cannot judge* and names the block: never a pass. Whether a check holds is not kept over a restart, and its
age is told by a clock that nobody sets.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from twin.contract.clock import Clock
from twin.contract.inspection import Truth, Verdict
from vision_qc.errors import RequestError, ServiceAwayError, UnknownStationError
from vision_qc.service.challenge_journal import ChallengeJournal, Entry, Piece, Plan
from vision_qc.service.judge import Judged

BLOCKED: Final = "blocked: "
"""Begins the ``gate`` of an inspection that a block decided."""
MOST_PIECES: Final = 20
REMEMBERED: Final = 1000
"""Pictures of earlier checks that may not be shown again, of each station and product."""
_RIGHT: Final = {Truth.GOOD: Verdict.PASS, Truth.DEFECTIVE: Verdict.REJECT}

_LOG = logging.getLogger(__name__)


class Cause(StrEnum):
    """Why a station is blocked."""

    START = "start"
    CHANGEOVER = "changeover"
    RECIPE = "recipe"
    INTERVAL = "interval"
    PLAN = "plan"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Block:
    """A station may not let products pass.

    Args:
        cause: why.
        detail: of a failure: which piece was judged how.
        begins: whether this is the first product that is refused by it.
    """

    cause: Cause
    detail: str = ""
    begins: bool = False

    @property
    def gate(self) -> str:
        """As it is told in the inspection.

        Example:
            >>> Block(Cause.CHANGEOVER).gate
            'blocked: challenge due (changeover)'
        """
        return BLOCKED + (
            f"challenge failed ({self.detail})"
            if self.cause is Cause.FAILED
            else f"challenge due ({self.cause.value})"
        )


@dataclass(slots=True)
class Check:
    """How a station and product stand.

    Args:
        plan: in force.
        cause: why a check is due; None while one holds.
        detail: of a failure.
        version: of the recipe that the check holds for, or that is being shown pieces.
        shown: pieces judged right since the check began, by their name.
        passed_s, passed: when the last check was passed, monotonic [s] and by the clock [ns].
        told: whether the block was written down.
        pictures: hashes of what was shown, the newest last.
    """

    plan: Plan
    cause: Cause | None = Cause.START
    detail: str = ""
    version: int = 0
    shown: dict[str, str] = field(default_factory=dict)
    passed_s: float = 0.0
    passed: int | None = None
    told: bool = False
    pictures: deque[str] = field(default_factory=lambda: deque(maxlen=REMEMBERED))


@dataclass(frozen=True, slots=True)
class Shown:
    """What came of showing a piece.

    Args:
        right: whether it was judged as it must be.
        missing: pieces still to be shown; none = the check is passed, or has failed.
        block: what blocks the station now, None if nothing does.
    """

    right: bool
    missing: tuple[str, ...]
    block: Block | None


class Challenges:
    """Knows which stations are blocked. Thread-safe.

    Args:
        journal: where everything is written down.
        clock: ns since the epoch, for the journal.
        monotonic: [s], for how long a check holds.
    """

    def __init__(self, journal: ChallengeJournal, *, clock: Clock, monotonic: Callable[[], float]) -> None:
        self._journal = journal
        self._clock = clock
        self._monotonic = monotonic
        self._lock = threading.RLock()
        self._checks: dict[tuple[str, str], Check] = {}
        self._last: dict[str, str] = {}
        for station, product in journal.known():
            entries = journal.read(station, product)
            plans = [entry.plan for entry in entries if entry.plan is not None]
            if plans and plans[-1].pieces:
                check = self._checks[station, product] = Check(plans[-1])
                check.pictures.extend(entry.picture_sha256 for entry in entries if entry.picture_sha256)

    def block(self, station: str, product: str, version: int) -> Block | None:
        """Return what blocks a product that is to be judged now, None if nothing does; does not wait.

        Called once a product: a product unlike the one before is a changeover.
        """
        with self._lock:
            changed = self._last.get(station, product) != product
            self._last[station] = product
            check = self._checks.get((station, product))
            if check is None:
                return None
            if check.cause is None and changed and check.plan.changeover:
                self._fall_due(check, Cause.CHANGEOVER)
            block = self._standing(check, version)
            if block is None or check.told:
                return block
            check.told = True
            return replace(block, begins=True)

    def note(self, station: str, product: str, version: int, block: Block) -> None:
        """Write down that a block refused its first product; the block holds whether that works or not."""
        entry = Entry(kind="blocked", time=self._clock(), why=block.gate, version=version)
        with self._lock:
            try:
                self._journal.append(station, product, entry)
            except ServiceAwayError as error:
                _LOG.warning("%s: %s", station, error)

    def set_plan(self, station: str, product: str, plan: Plan, *, by: str, reason: str) -> None:
        """Put a plan in force; a check is due at once.

        Raises:
            RequestError: pieces without a name, twice the same, too many, or all of one kind.
            ServiceAwayError: it cannot be written down; the plan before holds.
        """
        names = [piece.piece for piece in plan.pieces]
        if len(set(names)) < len(names) or not all(names) or len(names) > MOST_PIECES:
            raise RequestError(
                f"challenge plan: {len(names)} pieces; name each otherwise, {MOST_PIECES} at most"
            )
        if plan.pieces and {piece.truth for piece in plan.pieces} != set(Truth):
            raise RequestError("challenge plan: name a good piece and a defective one at least")
        with self._lock:
            entry = Entry(kind="plan", time=self._clock(), by=by, why=reason, plan=plan)
            self._journal.append(station, product, entry)
            before = self._checks.pop((station, product), None)
            if plan.pieces:
                check = self._checks[station, product] = Check(plan, cause=Cause.PLAN)
                if before is not None:
                    check.pictures = before.pictures

    def piece(self, station: str, product: str, name: str) -> Piece:
        """Return a piece of the plan.

        Raises:
            UnknownStationError: there is no plan.
            RequestError: the plan has no such piece.
        """
        with self._lock:
            check = self._check(station, product)
            found = next((piece for piece in check.plan.pieces if piece.piece == name), None)
            if found is None:
                known = ", ".join(piece.piece for piece in check.plan.pieces)
                raise RequestError(f"piece {name[:40]!r}: is not in the plan of {product}; it has {known}")
            return found

    def show(
        self, station: str, product: str, version: int, piece: Piece, judged: Judged, *, by: str
    ) -> Shown:
        """Take down how a piece was judged.

        Raises:
            UnknownStationError: there is no plan any more.
            RequestError: this very picture was shown before: a stored file proves nothing of the camera.
            ServiceAwayError: it cannot be written down, and does not count.
        """
        with self._lock:
            check = self._check(station, product)
            if judged.sha256 in check.pictures:
                raise RequestError(f"piece {piece.piece}: this picture was shown before; take a new one")
            self._standing(check, version)
            if check.version != version:
                check.version, check.shown = version, {}
            right = judged.verdict is _RIGHT[piece.truth]
            missing = tuple(
                one.piece
                for one in check.plan.pieces
                if one.piece != piece.piece and one.piece not in check.shown
            )
            now = self._clock()
            detail = f"{piece.piece}: {piece.truth.value}, judged {judged.verdict.value}"
            entries = [
                Entry(
                    kind="shown", time=now, by=by, version=version, piece=piece.piece, truth=piece.truth,
                    verdict=judged.verdict.value, score=judged.score, picture_sha256=judged.sha256,
                )
            ]  # fmt: skip
            if not right:
                entries.append(Entry(kind="failed", time=now, by=by, why=detail, version=version))
            elif not missing:
                entries.append(Entry(kind="passed", time=now, by=by, version=version))
            self._journal.append(station, product, *entries)
            check.pictures.append(judged.sha256)
            if not right:
                self._fall_due(check, Cause.FAILED, detail)
                missing = ()
            else:
                check.shown[piece.piece] = judged.verdict.value
                if not missing:
                    check.cause, check.detail, check.shown, check.told = None, "", {}, False
                    check.passed_s, check.passed = self._monotonic(), now
                    self._last[station] = product
            return Shown(right, missing, self._standing(check, version))

    def standing(
        self, station: str, product: str, version: int
    ) -> tuple[Plan, Block | None, dict[str, str], int | None]:
        """Return plan, block, pieces judged right so far, and when the last check was passed [ns]."""
        with self._lock:
            check = self._checks.get((station, product))
            if check is None:
                return Plan(), None, {}, None
            return check.plan, self._standing(check, version), dict(check.shown), check.passed

    def blocked(self, active: dict[str, dict[str, int]]) -> dict[tuple[str, str], bool]:
        """Return of each station and product with a plan and an active recipe whether it is blocked."""
        with self._lock:
            return {
                (station, product): self._standing(check, active[station][product]) is not None
                for (station, product), check in self._checks.items()
                if product in active.get(station, {})
            }

    def journal(self, station: str, product: str) -> list[Entry]:
        """Return what happened, the oldest first."""
        with self._lock:
            return self._journal.read(station, product)

    def _check(self, station: str, product: str) -> Check:
        check = self._checks.get((station, product))
        if check is None:
            raise UnknownStationError(
                f"station {station}: has no challenge plan for {product}; set one with "
                f"POST /api/stations/{station}/challenge/plan"
            )
        return check

    def _standing(self, check: Check, version: int) -> Block | None:
        """Return what blocks, after looking whether what was passed still holds."""
        if check.cause is None and check.version != version:
            self._fall_due(check, Cause.RECIPE)
        elapsed = self._monotonic() - check.passed_s
        if check.cause is None and check.plan.every_s and elapsed >= check.plan.every_s:
            self._fall_due(check, Cause.INTERVAL)
        return None if check.cause is None else Block(check.cause, check.detail)

    @staticmethod
    def _fall_due(check: Check, cause: Cause, detail: str = "") -> None:
        check.cause, check.detail, check.shown, check.told = cause, detail, {}, False


def refuse(judged: Judged, gate: str) -> Judged:
    """Return what a block makes of a picture: looked at, and not judged."""
    return replace(judged, verdict=Verdict.CANNOT_JUDGE, gate=gate)
