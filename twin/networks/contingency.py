"""N-1: what follows from the loss of each single element, ranked by consequence."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass

from twin.networks.changes import Changed, with_breaker
from twin.networks.consequences import Consequences
from twin.networks.readings import Readings
from twin.networks.what_if import WhatIf
from twin.park.model import Park


@dataclass(frozen=True, slots=True)
class Contingency:
    """The loss of one element.

    Args:
        equipment: id.
        consequences: what follows in the first hour.
    """

    equipment: str
    consequences: Consequences

    @property
    def rank(self) -> tuple[float, ...]:
        """The worse, the greater: lines that lose output, overloads, equipment, tenants, power."""
        what = self.consequences
        lines = sum(max(one.lost_share, 0.0) for one in what.lines)
        return (lines, len(what.overloads), len(what.affected), len(what.tenants), what.lost_kw)


def contingencies(
    what_if: WhatIf,
    park: Park,
    readings: Readings,
    *,
    only: Container[str] | None = None,
    told: Callable[[int, int], None] | None = None,
) -> tuple[Contingency, ...]:
    """Lose every element that something hangs on, one at a time, and every machine; the worst first.

    A machine that is lost only takes load away, so no power flow is solved for it.

    Args:
        what_if: of the park.
        park: its equipment.
        readings: of one moment.
        only: ids of elements to lose; None = all.
        told: called with how many are done, and of how many.
    """
    now = what_if.moment(readings)
    breakers = with_breaker(park.networks)
    carries = what_if.power.nodes
    found = []
    machines = [machine.id for machine in park.equipment if only is None or machine.id in only]
    for number, name in enumerate(machines):
        opened = frozenset({name}) if name in breakers else frozenset()
        changed = Changed(opened=opened, off=frozenset() if opened else frozenset({name}))
        found.append(Contingency(name, what_if.lose(now, changed, flows=name in carries)))
        if told is not None:
            told(number + 1, len(machines))
    return tuple(sorted(found, key=lambda one: (*(-part for part in one.rank), one.equipment)))
