"""One machine that is watched: all that is kept of its past, bounded, and updated a window at a time.

Kept are its own healthy level, the smoothed deviations, and severities of the past, each second one dropped
whenever they are too many: what is long ago is remembered more coarsely.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from maintenance.health.deviation import BASELINE_WINDOWS, baseline
from maintenance.health.model import HealthModel
from maintenance.health.signatures import smooth
from maintenance.histories import F64
from maintenance.live.first_day import FirstDay
from maintenance.live.intake import digest_of_renewal, digest_of_window, smoothed_on
from maintenance.live.step_back import AFTER, LOOKED_AT, stepped_back

MOST_KEPT = 256
"""Severities of the past that are kept of a machine."""


@dataclass(eq=False)
class MachineWatch:
    """The past of a machine, as far as a forecast needs it.

    Args:
        machine: equipment id.
        model: of its kind.
        since_overhaul: its running time counts from new or from an overhaul that is on record.
        hour: running time of work seen [h].
        windows, gaps: that went by since it was first seen, and those without data.
        first: [r, c] residuals of the first windows, until there are enough for a level.
        own: [c] its own healthy level.
        smoothed: [c] deviations now; NaN of signals never seen.
        lost: names of signals that the newest window did not have.
        severities, hours: of the past, oldest first.
        digest: of all that went in.
        recent: newest severities, window by window, to see an overhaul by.
        level_rows: the windows [s] that its healthy level was learned from, for a model to come.
        mended: an overhaul was seen that nobody recorded; running time counts from there.
        day: its first day, until the level knows it.
    """

    machine: str
    model: HealthModel
    since_overhaul: bool = False
    hour: float = 0.0
    windows: int = 0
    gaps: int = 0
    first: list[F64] = field(default_factory=list)
    own: F64 | None = None
    smoothed: F64 | None = None
    lost: tuple[str, ...] = ()
    severities: list[F64] = field(default_factory=list)
    hours: list[float] = field(default_factory=list)
    digest: bytes = b""
    recent: list[F64] = field(default_factory=list)
    mended: bool = False
    level_rows: list[F64] = field(default_factory=list)
    day: FirstDay = field(default_factory=FirstDay)

    @property
    def missing_windows(self) -> int:
        """How many windows of work are missing until there is a healthy level."""
        return 0 if self.own is not None else BASELINE_WINDOWS - len(self.first)

    def take(self, number: int, values: F64, *, at_work: bool, window_h: float) -> None:
        """Take in a window.

        Args:
            number: of the window.
            values: [s] means in the order of the model's signals, NaN where missing.
            at_work: whether the machine was.
            window_h: length of the window [h].
        """
        self.windows += 1
        if not np.isfinite(values).any():
            self.gaps += 1
            return
        self.digest = digest_of_window(self.digest, number, values, at_work=at_work)
        if not at_work:
            return
        self.hour += window_h
        residuals = self.model.deviation.residuals(values[None])[0]
        names = self.model.deviation.condition_names
        self.lost = tuple(
            name for name, there in zip(names, np.isfinite(residuals), strict=True) if not there
        )
        self.day.take(number, values, window_h)
        if self.own is None:
            self.first.append(residuals)
            self.level_rows.append(values.copy())
            if len(self.first) == BASELINE_WINDOWS:
                rows = np.array(self.first)
                self.own = baseline(rows)
                self.smoothed = smooth(rows - self.own)[-1]
                self.first = []
            return
        off = residuals - self.own
        self.smoothed = smoothed_on(off if self.smoothed is None else self.smoothed, off)
        self.severities.append(self.model.signatures.severities(self.smoothed[None])[0])
        self.hours.append(self.hour)
        self.recent.append(self.severities[-1])
        del self.recent[:-LOOKED_AT]
        if self.day.ends(number, window_h):
            whole_day = self.day.close(number, self.recent)
            if whole_day:
                self._know_the_day(whole_day)
        # before its level knows the day, what comes and goes is no repair
        if self.day.over and stepped_back(self.recent):
            self._forget_before(window_h)
        if len(self.hours) > MOST_KEPT:
            # the newest stays, and every second one before it
            start = (len(self.hours) - 1) % 2
            self.severities, self.hours = self.severities[start::2], self.hours[start::2]

    def learn_level(self, rows: Sequence[F64], signals: Sequence[str]) -> None:
        """Learn the healthy level of a new model from windows [s] that another one has seen, by its signals.

        A machine that is worn by now must not be taken to be healthy because its model is a new one.
        """
        self.level_rows = self.in_my_order(rows, signals)
        residuals = [self.model.deviation.residuals(row[None])[0] for row in self.level_rows]
        if len(residuals) >= BASELINE_WINDOWS:
            self.own, self.first = baseline(np.array(residuals), len(residuals)), []
        else:
            self.first = residuals

    def in_my_order(self, rows: Sequence[F64], signals: Sequence[str]) -> list[F64]:
        """Windows [s] of these signals by the signals of the model, NaN where it has others."""
        place = {name: number for number, name in enumerate(signals)}
        columns = [place.get(name, -1) for name in self.model.deviation.signals]
        return [np.append(row, np.nan)[columns] for row in rows]

    def with_model(self, model: HealthModel) -> MachineWatch:
        """The same machine watched by another model of its kind; severities begin anew, ages do not."""
        watch = MachineWatch(
            self.machine, model, since_overhaul=self.since_overhaul, hour=self.hour, windows=self.windows,
            gaps=self.gaps, digest=self.digest, mended=self.mended,
            day=replace(self.day),
        )  # fmt: skip
        watch.day.rows = watch.in_my_order(self.day.rows, self.model.deviation.signals)
        watch.learn_level(self.level_rows, self.model.deviation.signals)
        return watch

    def _know_the_day(self, rows: Sequence[F64]) -> None:
        """Take the mean of the first day for the level; severities against the old one are forgotten."""
        assert self.own is not None
        assert self.smoothed is not None
        before = self.own
        self.learn_level(rows, self.model.deviation.signals)
        self.level_rows = self.level_rows[:: len(rows) // BASELINE_WINDOWS]
        self.smoothed = self.smoothed + np.nan_to_num(before - self.own)
        self.severities = [self.model.signatures.severities(self.smoothed[None])[0]]
        self.hours, self.recent = [self.hour], list(self.severities)

    def _forget_before(self, window_h: float) -> None:
        """Go on from an overhaul that was seen: the healthy level stays, the way before is forgotten.

        The level is not learned anew, since not all that wears may have been mended; and the age of what was
        not is not known.
        """
        self.recent = self.recent[-AFTER:]
        self.severities = list(self.recent)
        self.hours = [window_h * (place + 1) for place in range(AFTER)]
        self.hour, self.windows, self.gaps = self.hours[-1], AFTER, 0
        self.since_overhaul, self.mended = False, True

    def renew(self) -> None:
        """Begin anew: the machine was overhauled, and is its healthy self again."""
        self.since_overhaul, self.hour = True, 0.0
        self.first, self.own, self.smoothed, self.lost = [], None, None, ()
        self.severities, self.hours, self.recent, self.mended = [], [], [], False
        self.level_rows, self.day = [], FirstDay()
        self.windows, self.gaps = 0, 0
        self.digest = digest_of_renewal(self.digest)
