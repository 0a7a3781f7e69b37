"""A park as one of its tenants sees it: its own plants, and nothing that hangs on anybody else's."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

from twin.park.kpi import NO_KPI
from twin.park.model import Park
from twin.park.networks import NO_NETWORKS


def is_within(name: str, place: str) -> bool:
    """Whether an id is a place or lies below it.

    >>> is_within("park/a/hall", "park/a"), is_within("park/ab", "park/a"), is_within("park/a", "park/a")
    (True, False, True)
    """
    return name == place or name.startswith(f"{place}/")


def restrict_park(park: Park, tenant: str) -> Park:
    """Return the part of a park that lies within a place: equipment and tags numbered anew, in their order.

    A source stays if it feeds nobody else. Ground, roads and halls stay without their names. Rules of alarms,
    commands, key figures, networks and calculated tags do not stay: they speak of more than one place.

    Args:
        park: the whole.
        tenant: id of an enterprise, or of any place.
    """
    machines = [index for index, machine in enumerate(park.equipment) if is_within(machine.id, tenant)]
    number = {old: new for new, old in enumerate(machines)}
    own = [tag for tag in park.tags if tag.equipment in number]
    shared = {tag.source for tag in park.tags if tag.equipment not in number}
    known = {tag.source for tag in own} - shared
    sources = tuple(source for source in park.sources if source.id in known)
    return replace(
        park,
        revision=sha256(f"{park.revision} {tenant}".encode()).hexdigest()[:16],
        places=tuple(place for place in park.places if is_within(place.id, tenant)),
        equipment=tuple(park.equipment[index] for index in machines),
        tags=tuple(
            replace(
                tag,
                index=index,
                equipment=number[tag.equipment],
                source=tag.source if tag.source in known else "",
            )
            for index, tag in enumerate(own)
        ),
        sources=sources,
        links=tuple(
            link
            for link in park.links
            if is_within(link.upstream, tenant) and is_within(link.downstream, tenant)
        ),
        site=tuple(
            replace(element, id=f"site{index}", display=None) for index, element in enumerate(park.site)
        ),
        files=(),
        alarms=(),
        commands=(),
        kpi=NO_KPI,
        networks=NO_NETWORKS,
        calculated=(),
    )
