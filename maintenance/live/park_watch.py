"""All machines of a park: readings in, forecasts out. A pure function of the readings and of what was
reported, in the order of each source; no clock, no bus."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from maintenance.health.artefact import version_of
from maintenance.health.model import HealthModel
from maintenance.histories import F64
from maintenance.live.advice import health_of
from maintenance.live.age_lives import EndedLife, GroupLives, group_of, lives_of
from maintenance.live.bare_advice import MODEL, bare_health
from maintenance.live.bare_watch import BareWatch
from maintenance.live.ledger import KeptForecast, Outcome
from maintenance.live.machine_watch import MachineWatch
from maintenance.live.snapshot import (
    Snapshot,
    bare_row,
    ended_row,
    restore_bare,
    restore_ended,
    restore_into_another_model,
    restore_source,
    restore_watch,
    source_row,
    watch_row,
)
from maintenance.live.source_windows import ClosedWindow, SourceWindows
from twin.contract.clock import NS_PER_S
from twin.contract.errors import FrameError
from twin.contract.frame import Frame
from twin.contract.health import MachineHealth
from twin.contract.messages import TagSet

STATE = ":state"
AT_WORK = "Execute"
"""PackML state (ISA-TR88.00.02) in which a machine works."""
LEAST_SHARE, LEAST_SIGNALS = 0.8, 4
"""A machine is of a kind if it has this share of the signals that the kind's model reads, and so many."""
WORKED = 0.5
_GOOD = 1 << 30


@dataclass(eq=False)
class _Machine:
    """A machine as it lies in the columns of its source; ``group`` is "" if a model knows its kind."""

    machine: str
    watch: MachineWatch | BareWatch
    group: str
    columns: npt.NDArray[np.intp]
    state: int
    applied: int = 0


@dataclass(eq=False)
class _Source:
    windows: SourceWindows
    machines: list[_Machine] = field(default_factory=list)
    tag_sets: dict[str, npt.NDArray[np.intp]] = field(default_factory=dict)
    states: npt.NDArray[np.intp] = field(default_factory=lambda: np.zeros(0, np.intp))
    units: dict[str, str] = field(default_factory=dict)
    ended: list[EndedLife] = field(default_factory=list)
    """Lives that ended of machines without a model."""


class ParkWatch:
    """Watches every machine that the tag sets name.

    Args:
        models: of kinds, by name.
        lookup: finds an announced tag set.
        window_s: length of a window [s].
        every_windows: a machine is forecast at the end of every so many windows.
        outcomes: what was reported already.
    """

    def __init__(
        self,
        models: Mapping[str, HealthModel],
        lookup: Callable[[str], TagSet],
        *,
        window_s: float,
        every_windows: int,
        outcomes: Iterable[Outcome] = (),
    ) -> None:
        self._models = dict(models)
        self._versions = {kind: version_of(model) for kind, model in models.items()}
        self._lookup = lookup
        self._window_ns = round(window_s * NS_PER_S)
        self._every = every_windows
        self._sources: dict[str, _Source] = {}
        self._owner: dict[str, str] = {}
        self._outcomes: dict[str, list[Outcome]] = defaultdict(list)
        self.demoted: frozenset[str] = frozenset()
        """Models whose intervals have not held; their forecasts say so."""
        for outcome in outcomes:
            self.report(outcome)

    @property
    def machines(self) -> int:
        """How many machines are watched."""
        return len(self._owner)

    @property
    def late(self) -> int:
        """Readings that came after their window was closed."""
        return sum(source.windows.late for source in self._sources.values())

    def report(self, outcome: Outcome) -> None:
        """Take in what was reported of a machine; an overhaul counts from the first window after it."""
        self._outcomes[outcome.machine].append(outcome)

    def take(self, frame: Frame) -> list[KeptForecast]:
        """Take in a frame and return the forecasts that are due by it.

        Raises:
            UnknownTagSetError, FrameError: it cannot be read.
        """
        tag_set = self._lookup(frame.tag_set)
        if tag_set.source != frame.source:
            raise FrameError(f"frame {frame.message_id}: its tag set is of source {tag_set.source!r}")
        if len(frame) and int(frame.index.max()) >= len(tag_set.tags):
            raise FrameError(f"frame {frame.message_id}: an index is beyond the end of its tag set")
        source = self._sources.get(frame.source)
        if source is None or frame.tag_set not in source.tag_sets:
            source = self._announce(frame.source, frame.tag_set, tag_set)
        if frame.sequence <= source.windows.sequence:
            return []  # told before
        source.windows.sequence = frame.sequence
        tags = source.tag_sets[frame.tag_set][frame.index]
        value = frame.value
        if frame.text is not None:
            value = _with_states(value, frame.text, np.isin(tags, source.states))
        good = (frame.status < _GOOD) & np.isfinite(value)
        forecasts: list[KeptForecast] = []
        for closed in source.windows.add(tags[good], frame.source_time[good], value[good]):
            forecasts += self._close(source, closed)
        return forecasts

    def _announce(self, name: str, tag_set_id: str, tag_set: TagSet) -> _Source:
        source = self._sources.setdefault(name, _Source(SourceWindows(self._window_ns)))
        source.tag_sets[tag_set_id] = source.windows.tag_numbers(tag_set.tags)
        source.units.update(zip(tag_set.tags, tag_set.units, strict=True))
        self._lay_out(name, source)
        return source

    def _lay_out(self, name: str, source: _Source) -> None:
        """Find the machines among the tags of a source; those known already keep their past."""
        number_of = source.windows.number_of
        signals: dict[str, set[str]] = defaultdict(set)
        for tag in source.windows.tags:
            machine, _, signal = tag.partition(":")
            signals[machine].add(signal)
        known = {one.machine: one for one in source.machines}
        machines = []
        for machine, has in signals.items():
            if self._owner.setdefault(machine, name) != name:
                continue
            kind = kind_of(has, self._models)
            before = known.get(machine)
            old = before.watch if before is not None else None
            watch: MachineWatch | BareWatch
            if kind:
                watch = self._watch_of(machine, kind, old)
                read = self._models[kind].deviation.signals
            else:
                watch = _bare_watch_of(machine, has, source.units, old)
                read = watch.signals
            columns = np.array([number_of.get(f"{machine}:{one}", -1) for one in read], np.intp)
            applied = before.applied if before is not None else 0
            group = "" if kind else group_of(read)
            state = number_of.get(machine + STATE, -1)
            machines.append(_Machine(machine, watch, group, columns, state, applied))
        source.machines = machines
        states = [number for tag, number in number_of.items() if tag.endswith(STATE)]
        source.states = np.array(states, np.intp)

    def _watch_of(self, machine: str, kind: str, before: MachineWatch | BareWatch | None) -> MachineWatch:
        model = self._models[kind]
        if not isinstance(before, MachineWatch) or before.model.kind != kind:
            return MachineWatch(machine, model)
        return before if before.model is model else before.with_model(model)

    def adopt(self, models: Mapping[str, HealthModel]) -> list[str]:
        """Watch by these models from now on; return the kinds whose model is another one now.

        A machine keeps its age and the windows that its healthy level was learned from.
        """
        versions = {kind: version_of(model) for kind, model in models.items()}
        changed = sorted(
            kind for kind in {*versions, *self._versions} if versions.get(kind) != self._versions.get(kind)
        )
        if changed:
            kept = {kind: self._models[kind] for kind in versions if kind not in changed}
            self._models, self._versions = {**models, **kept}, versions
            for name, source in self._sources.items():
                self._lay_out(name, source)
        return changed

    def _close(self, source: _Source, closed: ClosedWindow) -> list[KeptForecast]:
        end_ns = (closed.number + 1) * self._window_ns
        window_h = self._window_ns / NS_PER_S / 3600.0
        due = (closed.number + 1) % self._every == 0 and not closed.silent
        mean = np.append(closed.mean, np.nan)  # column -1 is what a machine does not have
        for one in source.machines:
            self._renew(source, one, end_ns - self._window_ns)
            state = float(mean[one.state])
            at_work = one.state < 0 or state >= WORKED
            one.watch.take(closed.number, mean[one.columns], at_work=at_work, window_h=window_h)
        if not due:
            return []
        groups = {group: _lives(source, group) for group in {one.group for one in source.machines} if group}
        return [KeptForecast(self._health(one, groups, end_ns), one.watch.hour) for one in source.machines]

    def _health(self, one: _Machine, groups: Mapping[str, GroupLives], end_ns: int) -> MachineHealth:
        watch = one.watch
        if isinstance(watch, BareWatch):
            return bare_health(
                watch,
                time_ns=end_ns,
                group=one.group,
                known=groups[one.group],
                demoted=f"{MODEL}:{one.group}" in self.demoted,
            )
        kind = watch.model.kind
        return health_of(
            watch,
            time_ns=end_ns,
            version=self._versions[kind],
            demoted=kind in self.demoted,
            window_s=self._window_ns / NS_PER_S,
        )

    def _renew(self, source: _Source, one: _Machine, begin_ns: int) -> None:
        """Apply the overhauls that were before a window began."""
        for outcome in self._outcomes.get(one.machine, ()):
            if outcome.number > one.applied and outcome.time <= begin_ns:
                one.applied = outcome.number
                if not outcome.overhauled:
                    continue
                if isinstance(one.watch, BareWatch):
                    failed = outcome.what == "failed" and one.watch.since_overhaul
                    source.ended.append(EndedLife(one.group, one.watch.hour, failed))
                one.watch.renew()

    def snapshot(self, positions: Sequence[tuple[str, int, int]]) -> Snapshot:
        """Take everything down."""
        return Snapshot(
            window_ns=self._window_ns,
            positions=list(positions),
            sources=[source_row(name, source.windows) for name, source in self._sources.items()],
            watches=[
                watch_row(
                    one.watch,
                    source=name,
                    version=self._versions[one.watch.model.kind],
                    applied=one.applied,
                )
                for name, source in self._sources.items()
                for one in source.machines
                if isinstance(one.watch, MachineWatch)
            ],
            bare=[
                bare_row(one.watch, source=name, applied=one.applied)
                for name, source in self._sources.items()
                for one in source.machines
                if isinstance(one.watch, BareWatch)
            ],
            ended=[
                ended_row(life, source=name)
                for name, source in self._sources.items()
                for life in source.ended
            ],
        )

    def restore(self, snapshot: Snapshot) -> bool:
        """Go on from a snapshot; False if it was taken with windows of another length.

        A machine whose model is another one by now keeps its age and its healthy level.
        """
        if snapshot.window_ns != self._window_ns:
            return False
        for row in snapshot.sources:
            self._sources[row.source] = _Source(restore_source(row, self._window_ns))
            self._lay_out(row.source, self._sources[row.source])
        for ended in snapshot.ended:
            self._sources[ended.source].ended.append(restore_ended(ended))
        rows = {row.machine: row for row in snapshot.watches}
        bare = {row.machine: row for row in snapshot.bare}
        for source in self._sources.values():
            for one in source.machines:
                if isinstance(one.watch, BareWatch):
                    if one.machine in bare:
                        one.applied = bare[one.machine].applied
                        restore_bare(bare[one.machine], one.watch)
                    continue
                saved = rows.get(one.machine)
                if saved is None:
                    continue
                one.applied = saved.applied
                if saved.version == self._versions[one.watch.model.kind]:
                    restore_watch(saved, one.watch)
                else:
                    restore_into_another_model(saved, one.watch)
        return True


def _with_states(value: F64, text: Sequence[str | None], is_state: npt.NDArray[np.bool_]) -> F64:
    """Values with 1 where a machine says that it works, 0 where it says something else."""
    result = value.copy()
    for row in np.flatnonzero(is_state).tolist():
        if text[row] is not None:
            result[row] = float(text[row] == AT_WORK)
    return result


def _lives(source: _Source, group: str) -> GroupLives:
    return lives_of(
        [life for life in source.ended if life.group == group],
        [one.watch.hour for one in source.machines if one.group == group],
    )


def _bare_watch_of(
    machine: str, signals: set[str], units: Mapping[str, str], before: MachineWatch | BareWatch | None
) -> BareWatch:
    names = tuple(sorted(signals - {STATE[1:]}))
    watch = BareWatch(machine, names, tuple(units.get(f"{machine}:{one}", "") for one in names))
    if isinstance(before, BareWatch):  # more of its signals, or their units, are known by now
        restore_bare(bare_row(before, source="", applied=0), watch)
    return watch


def kind_of(signals: set[str], models: Mapping[str, HealthModel]) -> str:
    """The kind whose model reads most of a machine's signals; "" if none reads enough of them."""
    best, best_has = "", 0
    for kind, model in models.items():
        read = set(model.deviation.signals)
        has = len(read & signals)
        if has >= max(LEAST_SHARE * len(read), LEAST_SIGNALS) and has > best_has:
            best, best_has = kind, has
    return best
