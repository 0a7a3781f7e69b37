"""The hierarchy: places and equipment by id, each below a parent that is described."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from twin.contract.pattern import PatternError, fill, unfold
from twin.contract.tag import EQUIPMENT_ID
from twin.park.entry import Entry
from twin.park.faults import FaultLog, Located, did_you_mean
from twin.park.model import Level, Name, Place
from twin.park.schema import EquipmentEntry, PlaceEntry

_LEVELS: tuple[Level, ...] = ("park", "enterprise", "site", "area", "line", "equipment")
MAX_EQUIPMENT = 100_000


@dataclass(frozen=True, slots=True)
class Unfolded:
    """One piece of equipment: its id, the number it has in its row ("" alone), its place in the row from
    0."""

    id: str
    number: str
    offset: int
    located: Located[EquipmentEntry]


@dataclass(slots=True)
class Hierarchy:
    """Every id with where it was given first; ids of entries that could not be used count as given."""

    park: str
    given: dict[str, Located[Entry | None]] = field(default_factory=dict)
    places: list[Place] = field(default_factory=list)
    equipment: list[Unfolded] = field(default_factory=list)

    def claim(self, name: str, located: Located[Entry], log: FaultLog) -> bool:
        """Take an id; False (and a fault) if it is malformed, outside the park or given before."""
        if not EQUIPMENT_ID.fullmatch(name):
            rule = f"{name!r} must be 2 to 8 segments of a-z, 0-9 and '-' (40 at most each) joined by '/'"
            step = "rename it; put the name for people under 'name'"
            log.at("id.bad", located, "id", rule=rule, next_step=step)
            self.given.setdefault(name, located)  # so that what lies below is not at fault as well
            return False
        if self.park and not name.startswith(f"{self.park}/"):
            rule = f"{name!r} does not begin with the park's id"
            log.at("id.outside_park", located, "id", rule=rule, next_step=f"begin it with '{self.park}/'")
            self.given.setdefault(name, located)
            return False
        earlier = self.given.get(name)
        if earlier is not None:
            rule = f"{name!r} is given already at {earlier.at()}"
            log.at("id.duplicate", located, "id", rule=rule, next_step="rename or delete one of them")
            return False
        self.given[name] = located
        return True

    def has_parent(self, name: str) -> bool:
        """Tell whether what lies directly above is described (the park always is)."""
        parent = name.rpartition("/")[0]
        return "/" not in parent or parent in self.given


def make_places(entries: Sequence[Located[PlaceEntry]], hierarchy: Hierarchy, log: FaultLog) -> None:
    """Add the places; parents are checked when all are known."""
    levels: dict[str, Level] = {}
    usable: list[Located[PlaceEntry]] = []
    for located in entries:
        if hierarchy.claim(located.entry.id, located, log):
            levels[located.entry.id] = located.entry.level or _level_of(located.entry.id)
            usable.append(located)
    for located in usable:
        entry = located.entry
        level = levels[entry.id]
        parent = entry.id.rpartition("/")[0]
        if not hierarchy.has_parent(entry.id):
            step = did_you_mean(parent, levels, f"describe {parent!r} under 'places'")
            log.at(
                "place.parent", located, "id", rule=f"{parent!r} above it is not described", next_step=step
            )
        above = levels.get(parent, "park")
        if level in ("park", "equipment") or _LEVELS.index(level) <= _LEVELS.index(above):
            rule = f"level {level!r} does not lie below {above!r} of {parent!r}"
            step = "use enterprise, site, area, line in this order; leave 'level' out to count by depth"
            log.at("place.level", located, "level", rule=rule, next_step=step)
        hierarchy.places.append(Place(entry.id, level, Name(entry.name.vi, entry.name.en)))


def _level_of(name: str) -> Level:
    return _LEVELS[min(name.count("/"), 4)]


def unfold_equipment(entries: Iterable[Located[EquipmentEntry]], hierarchy: Hierarchy, log: FaultLog) -> None:
    """Add the equipment, rows unfolded; parents (places or equipment) are checked when all are known."""
    for located in entries:
        entry = located.entry
        try:
            names = unfold(entry.id)
        except PatternError as error:
            log.at("pattern.bad", located, "id", rule=str(error), next_step="write e.g. .../c{01..12}")
            continue
        if bool(names[0][1]) != (entry.step is not None):
            _note_step(located, names[0][1], log)
        if len(hierarchy.equipment) + len(names) > MAX_EQUIPMENT:
            rule = f"more than {MAX_EQUIPMENT} pieces of equipment"
            log.at("park.too_big", located, rule=rule, next_step="part the park into several")
            return
        for offset, (name, number) in enumerate(names):
            if hierarchy.claim(name, located, log):
                hierarchy.equipment.append(Unfolded(name, number, offset, located))
    for row in hierarchy.equipment:
        if not hierarchy.has_parent(row.id):
            parent = row.id.rpartition("/")[0]
            step = did_you_mean(
                parent, [place.id for place in hierarchy.places], "describe it under 'places'"
            )
            rule = f"place {parent!r} above it is not described"
            log.at("place.parent", row.located, "id", rule=rule, next_step=step)


def _note_step(located: Located[EquipmentEntry], number: str, log: FaultLog) -> None:
    if number:
        rule = "a row of equipment needs the way from one to the next"
        step = "add 'step: [6, 0, 0]', metres east, north and up"
        log.at("pattern.step", located, "step", rule=rule, next_step=step)
    else:
        rule = "a single piece of equipment has no step"
        log.at(
            "pattern.step", located, "step", rule=rule, next_step="delete it, or write the id as c{01..12}"
        )


def fill_name(row: Unfolded, entry_key: str, log: FaultLog) -> Name | None:
    """Fill the row's number into ``name`` or ``note``; None if there is none or a placeholder is unknown."""
    entry = getattr(row.located.entry, entry_key)
    if entry is None:
        return None
    values = {"n": row.number} if row.number else {}
    try:
        return Name(fill(entry.vi, values), fill(entry.en, values))
    except PatternError as error:
        step = "use {n} for the number of a row, and no other braces"
        log.at("pattern.placeholder", row.located, entry_key, rule=str(error), next_step=step)
        return None
