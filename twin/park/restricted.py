"""A park as somebody sees it: a tenant its own plants, and people of the park what they have themselves and
what tenants share.

Whatever is left out here is in no answer: parks, tables and plans of those who are shown a part are made of
these parts alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

from twin.park.kpi import KpiRules, LineRule, PermitRule
from twin.park.model import Equipment, Park, Tag
from twin.park.networks import NO_NETWORKS
from twin.park.units import UNITS

ENERGY = frozenset(
    (
        "power", "apparent power", "reactive power", "energy", "reactive energy", "energy per volume",
        "voltage", "current", "volume", "volume flow", "volume flow at normal conditions",
    )
)  # fmt: skip
"""Quantities of the group ``energy``."""
_ENERGY_ROLES = frozenset(("energy", "power"))
_PRODUCTION_ROLES = frozenset(("state", "good_count", "reject_count", "starved", "blocked"))


@dataclass(frozen=True, slots=True)
class View:
    """What somebody sees of a park.

    Args:
        park: the part: equipment and tags numbered anew, in their order.
        places: alarms at these and below; () = no alarm.
        commands: machines at these and below may be commanded; () = none.
    """

    park: Park
    places: tuple[str, ...]
    commands: tuple[str, ...] = ()


def is_within(name: str, place: str) -> bool:
    """Whether an id is a place or lies below it.

    >>> is_within("park/a/hall", "park/a"), is_within("park/ab", "park/a"), is_within("park/a", "park/a")
    (True, False, True)
    """
    return name == place or name.startswith(f"{place}/")


def is_within_any(name: str, places: tuple[str, ...]) -> bool:
    """Whether an id lies at or below one of some places."""
    return any(is_within(name, place) for place in places)


def group_of(tag: Tag) -> str:
    """The field group of a tag, by what its signal means and measures: ``energy``, ``production`` or
    ``process``."""
    signal = tag.signal
    unit = UNITS.get(signal.unit)
    if signal.role in _ENERGY_ROLES or (unit is not None and unit.quantity in ENERGY):
        return "energy"
    return "production" if signal.role in _PRODUCTION_ROLES else "process"


def view_of_tenant(park: Park, tenant: str) -> View:
    """What a tenant sees: all of its own plants, and nothing that hangs on anybody else's."""
    return View(restrict_park(park, tenant), (tenant,), (tenant,))


def view_of_park(park: Park, given: Mapping[str, frozenset[str]]) -> View:
    """What people of the park see: everything but of tenants, and of those what they share, the meters that
    the park file takes for theirs as a whole, and what a permit speaks of.

    Args:
        park: the whole.
        given: by tenant the groups that it shares.
    """
    open_tags = _boundary(park, given)

    def owner(name: str) -> str:
        return next((tenant for tenant in given if is_within(name, tenant)), "")

    def shows(tag: Tag) -> bool:
        tenant = owner(tag.tag)
        return not tenant or tag.tag in open_tags or group_of(tag) in given[tenant]

    kept = {tag.equipment for tag in park.tags if shows(tag)}
    kept |= {index for index, machine in enumerate(park.equipment) if _commanded(machine, park, given)}
    machines = {machine.id for index, machine in enumerate(park.equipment) if index in kept}

    def shows_machine(machine: Equipment) -> bool:
        return machine.id in machines or not owner(machine.id)

    def shows_place(place: str) -> bool:
        tenant = owner(place)
        return not tenant or place == tenant or any(is_within(one, place) for one in machines)

    words = " ".join(f"{tenant}:{','.join(sorted(groups))}" for tenant, groups in sorted(given.items()))
    parks = [place.id for place in park.places if not owner(place.id) and not _holds(place.id, given)]
    parks += [machine.id for machine in park.equipment if not owner(machine.id)]

    def with_those_who_share(group: str) -> tuple[str, ...]:
        return _topmost([*parks, *(tenant for tenant, groups in given.items() if group in groups)])

    return View(
        _part(park, words, shows_machine, shows, shows_place),
        with_those_who_share("alarms"),
        with_those_who_share("commands"),
    )


def restrict_park(park: Park, tenant: str) -> Park:
    """Return the part of a park that lies within a place.

    A source stays if it feeds nobody else. Ground, roads and halls stay without their names. Of key figures
    stay the rules whose tags all do; those of alarms, commands, networks and calculated tags do not: they
    speak of more than one place.

    Args:
        park: the whole.
        tenant: id of an enterprise, or of any place.
    """
    return _part(
        park,
        tenant,
        lambda machine: is_within(machine.id, tenant),
        lambda tag: is_within(tag.tag.partition(":")[0], tenant),
        lambda place: is_within(place, tenant),
    )


def _part(
    park: Park,
    words: str,
    shows_machine: Callable[[Equipment], bool],
    shows_tag: Callable[[Tag], bool],
    shows_place: Callable[[str], bool],
) -> Park:
    machines = [index for index, machine in enumerate(park.equipment) if shows_machine(machine)]
    number = {old: new for new, old in enumerate(machines)}
    own = [tag for tag in park.tags if tag.equipment in number and shows_tag(tag)]
    names = {tag.tag for tag in own}
    shared = {tag.source for tag in park.tags if tag.tag not in names}
    known = {tag.source for tag in own} - shared
    equipment = tuple(park.equipment[index] for index in machines)
    ids = {machine.id for machine in equipment}
    places = tuple(place for place in park.places if shows_place(place.id))
    shown = ids | {place.id for place in places}
    return replace(
        park,
        revision=sha256(f"{park.revision} {words}".encode()).hexdigest()[:16],
        places=places,
        equipment=equipment,
        tags=tuple(
            replace(
                tag,
                index=index,
                equipment=number[tag.equipment],
                source=tag.source if tag.source in known else "",
            )
            for index, tag in enumerate(own)
        ),
        sources=tuple(source for source in park.sources if source.id in known),
        links=tuple(link for link in park.links if link.upstream in shown and link.downstream in shown),
        site=tuple(
            replace(element, id=f"site{index}", display=None) for index, element in enumerate(park.site)
        ),
        files=(),
        alarms=(),
        commands=(),
        kpi=_restrict_kpi(park, shown, names),
        networks=NO_NETWORKS,
        calculated=(),
    )


def _restrict_kpi(park: Park, ids: set[str], tags: set[str]) -> KpiRules:
    """The rules of which everything is shown."""
    kinds = {machine.id: machine.kind for machine in park.equipment}

    def whole(rule: LineRule) -> bool:
        """Whether all stations of a line are shown with what the figures are reckoned from."""
        return rule.line in ids and all(
            f"{machine}:{signal.name}" in tags
            for machine, kind in kinds.items()
            if is_within(machine, rule.line)
            for signal in kind.signals
            if signal.role in _PRODUCTION_ROLES
        )

    def permitted(rule: PermitRule) -> bool:
        return all(f"{rule.equipment}:{limit.signal}" in tags for limit in rule.limits)

    rules = park.kpi
    lines = tuple(rule for rule in rules.lines if whole(rule))
    calendars = {rule.calendar for rule in lines}
    return replace(
        rules,
        calendars=tuple(calendar for calendar in rules.calendars if calendar.id in calendars),
        lines=lines,
        meters=tuple(
            rule
            for rule in rules.meters
            if rule.of in ids and tags.issuperset((*rule.add, *rule.subtract, *rule.own))
        ),
        balances=tuple(
            rule
            for rule in rules.balances
            if rule.of in ids and tags.issuperset((*rule.inputs, *rule.outputs, *rule.stored))
        ),
        permits=tuple(rule for rule in rules.permits if permitted(rule)),
    )


def _boundary(park: Park, given: Mapping[str, frozenset[str]]) -> set[str]:
    """The tags that need no consent: of the meters of a tenant as a whole, and of permits."""
    found: set[str] = set()
    for meter in park.kpi.meters:
        if meter.of in given:
            found.update((*meter.add, *meter.subtract, *meter.own))
    for permit in park.kpi.permits:
        found.update(f"{permit.equipment}:{limit.signal}" for limit in permit.limits)
        if permit.not_while:
            found.add(f"{permit.equipment}:{permit.not_while}")
    return found


def _commanded(machine: Equipment, park: Park, given: Mapping[str, frozenset[str]]) -> bool:
    """Whether a tenant lets the park command a machine: then it is shown, if without its values."""
    lets = any("commands" in groups and is_within(machine.id, tenant) for tenant, groups in given.items())
    return lets and any(
        machine.kind.name in rule.kinds and (not rule.equipment or machine.id in rule.equipment)
        for rule in park.commands
    )


def _holds(place: str, given: Mapping[str, frozenset[str]]) -> bool:
    return any(is_within(tenant, place) for tenant in given)


def _topmost(places: list[str]) -> tuple[str, ...]:
    """Leave out what lies below another one."""
    found: list[str] = []
    for place in sorted(places):
        if not found or not is_within_any(place, tuple(found)):
            found.append(place)
    return tuple(found)
