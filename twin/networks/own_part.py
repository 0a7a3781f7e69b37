"""The part of a park's networks that a tenant is told of: his own, and where it meets the park's network.

His own is what stands within his enterprise. The boundary is what of the park's own is linked to it directly;
it is named. Figures of the boundary are told where nothing of another tenant hangs on it, as on a feeder that
supplies him alone. Everything else is "the park's network".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from twin.networks.dependencies import tenant_of
from twin.park.model import Park, Place
from twin.park.name import Name
from twin.park.networks import Basin, NetworkRules, Outfall, Supply, WaterTank
from twin.park.restricted import is_within

PARKS_NETWORK: Final = Name("Mạng của khu", "The park's network")


@dataclass(frozen=True, slots=True)
class OwnPart:
    """What a tenant is told of.

    Args:
        tenant: id of the enterprise.
        park: his equipment and the boundary, with names, links and rows of networks that are his.
        outside: id that stands for the park's network, and has its name in ``park``.
        own: ids of his equipment.
        places: ids of his places.
        boundary: ids of the park's equipment that his is linked to.
        alone: those of them that nobody else hangs on.
        is_parks: whether something outside is the park's own, and no other tenant's.
    """

    tenant: str
    park: Park
    outside: str
    own: frozenset[str]
    places: frozenset[str]
    boundary: frozenset[str]
    alone: frozenset[str]
    is_parks: Callable[[str], bool]

    def names(self, name: str) -> bool:
        """Whether equipment is told by its name."""
        return name in self.own or name in self.boundary

    def measures(self, name: str) -> bool:
        """Whether figures of something are told."""
        return name in self.own or name in self.alone

    def told(self, name: str) -> str:
        """The id by which something is told."""
        return name if self.names(name) else self.outside


def own_part(park: Park, tenant: str) -> OwnPart:
    """Say what of a park a tenant is told of.

    Args:
        park: the whole.
        tenant: id of the enterprise.
    """
    is_parks = _Parks(park)
    own = {machine.id for machine in park.equipment if is_within(machine.id, tenant)}
    places = {place.id for place in park.places if is_within(place.id, tenant)}
    his = own | places
    known = {machine.id for machine in park.equipment}
    across = {link.upstream for link in park.links if link.downstream in his} | {
        link.downstream for link in park.links if link.upstream in his
    }
    boundary = frozenset(name for name in (across - his) & known if is_parks(name))

    supplied = _supplied(park)

    def is_alone(name: str) -> bool:
        return all(is_within(one, tenant) or is_parks(one) for one in _behind(name, supplied))

    told = own | boundary
    part = replace(
        park,
        equipment=tuple(machine for machine in park.equipment if machine.id in told),
        places=(
            Place(park.id, "enterprise", PARKS_NETWORK),
            *(place for place in park.places if place.id in places),
        ),
        links=tuple(link for link in park.links if link.upstream in told and link.downstream in his),
        networks=_rows(park.networks, told),
        tags=(),
        alarms=(),
        commands=(),
        calculated=(),
        files=(),
    )
    alone = frozenset(one for one in boundary if is_alone(one))
    return OwnPart(tenant, part, park.id, frozenset(own), frozenset(places), boundary, alone, is_parks)


def _supplied(park: Park) -> dict[str, list[str]]:
    """What hangs on what: behind what supplies it, and before what takes its sewage."""
    found: dict[str, list[str]] = {}
    for link in park.links:
        first, then = link.upstream, link.downstream
        if link.network == "wastewater":
            first, then = then, first
        found.setdefault(first, []).append(then)
    return found


def _behind(name: str, supplied: Mapping[str, list[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [name]
    while waiting:
        new = [one for one in supplied.get(waiting.pop(), ()) if one not in found]
        found.update(new)
        waiting += new
    return found


class _Parks:
    """Whether something is the park's own: in no enterprise, or in the one that the networks start in."""

    def __init__(self, park: Park) -> None:
        rules = park.networks
        rows: list[Supply | WaterTank | Basin | Outfall] = [*rules.supplies, *rules.tanks]
        rows += [*rules.basins, *rules.outfalls]
        keepers = {tenant_of(row.equipment) for row in rows}
        enterprises = {place.id for place in park.places if place.level == "enterprise"}
        self._others = enterprises - keepers

    def __call__(self, name: str) -> bool:
        return tenant_of(name) not in self._others


def _rows(rules: NetworkRules, told: set[str]) -> NetworkRules:
    """The rows of what is told."""
    return replace(
        rules,
        transformers=tuple(row for row in rules.transformers if row.equipment in told),
        cables=tuple(row for row in rules.cables if row.equipment in told),
        boards=tuple(row for row in rules.boards if row.equipment in told),
        tanks=tuple(row for row in rules.tanks if row.equipment in told),
        basins=tuple(row for row in rules.basins if row.equipment in told),
        contacts=(),
    )
