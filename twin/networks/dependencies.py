"""One graph of what hangs on what, over all networks and the lines, and what goes out with an element.

Whatever has feeds in a network is supplied by it while it can be reached from a root of that network (that
which nobody feeds) through elements that work. So two feeds are one too many to fail, rings are no trouble,
and what stands opened is itself still under voltage. An element that has lost electricity, or a medium that
it is fed with, passes nothing on, and so a failure goes from network to network.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from twin.networks.errors import UnknownElementError
from twin.park.faults import did_you_mean
from twin.park.model import Park

MEDIA: Final = ("electricity", "water", "gas", "air", "steam")
"""Networks that a machine stands still without; sewage and pieces go on to the next and are no supply."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How far a failure goes.

    Args:
        without: by network, the equipment that it no longer supplies.
    """

    without: Mapping[str, frozenset[str]]

    @property
    def equipment(self) -> frozenset[str]:
        """Everything that lacks something."""
        return frozenset().union(*self.without.values())

    def beyond(self, other: Spread) -> Spread:
        """What is out here and was not out there."""
        before = other.without
        return Spread({one: names - before.get(one, frozenset()) for one, names in self.without.items()})


class Dependencies:
    """The graph of a park. Thread-safe: it is only read.

    Args:
        park: its links count; a link to a place reaches the place, not each machine in it.

    Attributes:
        graph: a ``networkx.MultiDiGraph`` of ids, an edge for each link, with ``network``.
    """

    def __init__(self, park: Park) -> None:
        import networkx

        self.park = park
        self.graph: Any = networkx.MultiDiGraph()
        self._equipment = {machine.id for machine in park.equipment}
        self._lines = {place.id for place in park.places if place.level == "line"}
        self.graph.add_nodes_from(self._equipment)
        self._down: dict[str, dict[str, list[str]]] = {network: {} for network in MEDIA}
        self._fed: dict[str, set[str]] = {network: set() for network in MEDIA}
        for link in park.links:
            self.graph.add_edge(link.upstream, link.downstream, network=link.network)
            if link.network in self._down:
                self._down[link.network].setdefault(link.upstream, []).append(link.downstream)
                self._fed[link.network].add(link.downstream)

    def check(self, equipment: str) -> str:
        """Return the id of an element.

        Raises:
            UnknownElementError: the park has no such equipment.
        """
        if equipment not in self._equipment:
            step = did_you_mean(equipment, sorted(self._equipment), "see /api/park for the ids")
            raise UnknownElementError(f"equipment {equipment!r}: the park has none; {step}")
        return equipment

    def check_line(self, line: str) -> str:
        """Return the id of a line.

        Raises:
            UnknownElementError: the park has no such line.
        """
        if line not in self._lines:
            step = did_you_mean(line, sorted(self._lines), "see /api/park for the ids")
            raise UnknownElementError(f"line {line!r}: the park has none; {step}")
        return line

    def spread(
        self, opened: Collection[str], off: Collection[str] = (), *, full: Collection[str] = ()
    ) -> Spread:
        """Say what is out when some elements pass no electricity, and some do not work at all.

        Args:
            opened: elements whose breaker is open.
            off: elements that stand still.
            full: tanks that give water although nothing feeds them.
        """
        without: dict[str, frozenset[str]] = dict.fromkeys(MEDIA, frozenset())
        stands: frozenset[str] = frozenset(off)
        while True:
            dark = self._unreached("electricity", {*opened, *stands}, ())
            lacking = {"electricity": dark}
            for medium in MEDIA[1:]:
                lacking[medium] = self._unreached(medium, stands | dark, full if medium == "water" else ())
            grown = frozenset(off).union(*lacking.values()) - (set(full) - set(off))
            without = lacking
            if grown == stands:
                return Spread({network: names & self._equipment for network, names in without.items()})
            stands = grown

    def feeds(self, equipment: str, network: str) -> list[str]:
        """What feeds something directly over a network."""
        edges = self.graph.in_edges(equipment, data="network")
        return [begin for begin, _, kind in edges if kind == network]

    def hangs_on(self, equipment: str, network: str) -> frozenset[str]:
        """Everything downstream over one network."""
        found: set[str] = set()
        waiting = [equipment]
        down = self._down.get(network, {})
        while waiting:
            for one in down.get(waiting.pop(), ()):
                if one not in found:
                    found.add(one)
                    waiting.append(one)
        return frozenset(found)

    def lines_of(self, equipment: Iterable[str]) -> dict[str, list[str]]:
        """The lines in which some equipment stands, with that equipment."""
        found: dict[str, list[str]] = {}
        for one in equipment:
            line = one.rsplit("/", 1)[0]
            if line in self._lines:
                found.setdefault(line, []).append(one)
        return found

    def _unreached(self, network: str, blocked: Collection[str], full: Collection[str]) -> frozenset[str]:
        down, fed = self._down[network], self._fed[network]
        waiting = [root for root in down if (root not in fed or root in full) and root not in blocked]
        reached = set(waiting)
        while waiting:
            for one in down.get(waiting.pop(), ()):
                if one not in reached:
                    reached.add(one)
                    if one not in blocked:
                        waiting.append(one)
        return frozenset(fed - reached)


def tenant_of(identifier: str) -> str:
    """The enterprise that something belongs to.

    >>> tenant_of("yenphong/dongho-mechanical/f1/cnc/cell1/m1")
    'yenphong/dongho-mechanical'
    """
    return "/".join(identifier.split("/")[:2])
