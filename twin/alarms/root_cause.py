"""Which alarm explains another: what hangs on a supply that failed first is one line, not forty.

An alarm is explained by an alarm of class ``supply`` at equipment that feeds it, directly or over others of
one network, whose condition holds and began earlier. Links of the park file say what feeds what; a link to a
place feeds everything in it, and a link from a place comes from whatever stands there. At the failed
equipment itself the most urgent supply alarm explains the others: an open breaker the missing voltage.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from twin.contract.clock import NS_PER_S
from twin.park.model import Park

SLACK_NS = 5 * NS_PER_S
"""A supply may be told this much later than what it feeds: two sources do not report in the same moment."""


@dataclass(frozen=True, slots=True)
class Raised:
    """An alarm whose condition holds, at its equipment, since ``raised_at`` [ns].

    Args:
        urgency: the greater the more urgent.
    """

    alarm: str
    equipment: str
    raised_at: int
    urgency: int = 0


@dataclass(frozen=True, slots=True)
class AlarmGroup:
    """One line of a flood: an alarm that nothing explains, and those it explains, in order of time."""

    cause: Raised
    explained: tuple[Raised, ...]


class RootCauses:
    """Explains alarms over the links of a park. Thread-safe: it only remembers what follows from the park.

    Args:
        park: its links count.
    """

    def __init__(self, park: Park) -> None:
        self._feeds: dict[str, dict[str, list[str]]] = {}
        for link in park.links:
            self._feeds.setdefault(link.network, {}).setdefault(link.downstream, []).append(link.upstream)
        self._known: dict[str, dict[str, int]] = {}

    def upstream(self, equipment: str) -> dict[str, int]:
        """Return everything that feeds equipment over any one network: ids, with the links in between."""
        if equipment not in self._known:
            found: dict[str, int] = {}
            for feeds in self._feeds.values():
                for node, steps in _walk(feeds, equipment).items():
                    found[node] = min(steps, found.get(node, steps))
            self._known[equipment] = found
        return self._known[equipment]

    def explain(self, alarms: Iterable[Raised], supplies: Iterable[Raised]) -> dict[str, str]:
        """Return by alarm the one that explains it; what nothing explains is left out.

        Args:
            alarms: to be explained.
            supplies: the alarms that can explain.
        """
        at: dict[str, list[Raised]] = {}
        for one in supplies:
            for node in _ancestors(one.equipment):
                at.setdefault(node, []).append(one)
        causes: dict[str, str] = {}
        wanted = {one.alarm: one for one in (*alarms, *(each for row in at.values() for each in row))}
        for one in wanted.values():
            best: tuple[int, int, int, str] | None = None
            for node, steps in self._sources_of(one):
                for supply in at.get(node, ()):
                    if _explains(supply, one):
                        rank = (-steps, -supply.urgency, supply.raised_at, supply.alarm)
                        best = rank if best is None else min(best, rank)
            if best is not None:
                causes[one.alarm] = best[3]
        return {alarm: _root(alarm, causes) for alarm in causes}

    def group(self, alarms: Sequence[Raised], supplies: Sequence[Raised]) -> list[AlarmGroup]:
        """Put what one cause explains under it: the most urgent groups first, of those the largest.

        Args:
            alarms: to be grouped.
            supplies: the alarms that can explain; one that explains something is a group, even if it is not
                in ``alarms``.
        """
        causes = self.explain(alarms, supplies)
        known = {one.alarm: one for one in (*supplies, *alarms)}
        explained: dict[str, list[Raised]] = {one.alarm: [] for one in alarms if one.alarm not in causes}
        for one in alarms:
            if one.alarm in causes:
                explained.setdefault(causes[one.alarm], []).append(one)
        groups = [
            AlarmGroup(known[cause], tuple(sorted(rows, key=lambda one: (one.raised_at, one.alarm))))
            for cause, rows in explained.items()
        ]
        return sorted(groups, key=_importance)

    def _sources_of(self, one: Raised) -> Iterable[tuple[str, int]]:
        """Where a cause of an alarm can be: at its equipment and upstream, with the links in between."""
        if not one.equipment:
            return ()
        return ((one.equipment, 0), *self.upstream(one.equipment).items())


def _explains(supply: Raised, one: Raised) -> bool:
    if supply.alarm == one.alarm or supply.raised_at > one.raised_at + SLACK_NS:
        return False
    if supply.equipment != one.equipment:
        return True
    before = (-supply.urgency, supply.raised_at, supply.alarm)
    return before < (-one.urgency, one.raised_at, one.alarm)


def _importance(group: AlarmGroup) -> tuple[int, int, int, str]:
    urgency = max(one.urgency for one in (group.cause, *group.explained))
    return -urgency, -len(group.explained), -group.cause.raised_at, group.cause.alarm


def _root(alarm: str, causes: dict[str, str]) -> str:
    seen = {alarm}
    cause = causes[alarm]
    while cause in causes and causes[cause] not in seen:
        seen.add(cause)
        cause = causes[cause]
    return cause


def _walk(feeds: dict[str, list[str]], equipment: str) -> dict[str, int]:
    steps: dict[str, int] = {}
    queue = deque([(equipment, 0)])
    while queue:
        here, far = queue.popleft()
        for node in _ancestors(here):
            for upstream in feeds.get(node, ()):
                if upstream not in steps and upstream != equipment:
                    steps[upstream] = far + 1
                    queue.append((upstream, far + 1))
    return steps


def _ancestors(identifier: str) -> list[str]:
    """Return an id and the places it lies in, without the park itself.

    >>> _ancestors("park/site/line/pump")
    ['park/site/line/pump', 'park/site/line', 'park/site']
    """
    parts = identifier.split("/")
    return ["/".join(parts[:end]) for end in range(len(parts), 1, -1)]
