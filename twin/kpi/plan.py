"""What is reckoned where: the park's rules with the tags that they come to, by place and machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from twin.kpi.errors import UnknownPlaceError
from twin.park.kpi import Calendar, LineRule
from twin.park.model import Equipment, Name, Park, Role, Tag


@dataclass(frozen=True, slots=True)
class Station:
    """A machine with a state and counts.

    Args:
        id: equipment id.
        state, good, reject, starved, blocked: tags; "" = it has none.
        ideal_s: planned run time per piece [s]; 0 = none is given, and it has no figures of its own.
    """

    id: str
    state: str
    good: str
    reject: str
    starved: str = ""
    blocked: str = ""
    ideal_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Line:
    """A line that effectiveness is reckoned of.

    Args:
        rule: of the park file.
        calendar: None = always.
        stations: all of it, in the order of the park file.
        pace, output: of them.
        upstream: of each station that feeds it directly.
    """

    rule: LineRule
    calendar: Calendar | None
    stations: tuple[Station, ...]
    pace: tuple[Station, ...]
    output: Station
    upstream: dict[str, tuple[str, ...]]

    @property
    def ideal_s(self) -> float:
        """Planned run time per piece of the line [s]: stations that set the pace work in parallel."""
        return 1.0 / sum(1.0 / station.ideal_s for station in self.pace)


class KpiPlan:
    """See the module; made once, never changed.

    Args:
        park: the checked park.
    """

    def __init__(self, park: Park) -> None:
        self.park = park
        self.zone = ZoneInfo(park.timezone)
        self.rules = park.kpi
        self.names: dict[str, Name] = {park.id: park.display}
        self.names |= {place.id: place.display for place in park.places}
        self.names |= {machine.id: machine.display for machine in park.equipment}
        self.levels: dict[str, str] = {park.id: "park"}
        self.levels |= {place.id: place.level for place in park.places}
        self.machines: dict[str, Equipment] = {machine.id: machine for machine in park.equipment}
        self.levels |= dict.fromkeys(self.machines, "equipment")
        self.children: dict[str, list[str]] = {}
        for each in self.names:
            if each != park.id:
                self.children.setdefault(self._parent(each), []).append(each)
        self.tags: dict[str, Tag] = {tag.tag: tag for tag in park.tags}
        self._calendars = {calendar.id: calendar for calendar in park.kpi.calendars}
        self.lines: dict[str, Line] = {rule.line: self._line(rule) for rule in park.kpi.lines}
        self.line_of: dict[str, Line] = {
            station.id: line for line in self.lines.values() for station in line.stations
        }
        self.stations: dict[str, Station] = {
            station.id: station for line in self.lines.values() for station in line.stations
        }
        self.meters = {(rule.of, rule.carrier): rule for rule in park.kpi.meters}

    def _parent(self, name: str) -> str:
        """What is described directly above; the park where nothing between is."""
        above = name.rpartition("/")[0]
        return above if above in self.names else self.park.id

    def tag(self, machine: str, role: Role) -> str:
        """Return the tag of a machine's signal with a role, "" if it has none."""
        for signal in self.machines[machine].kind.signals:
            if signal.role == role and f"{machine}:{signal.name}" in self.tags:
                return f"{machine}:{signal.name}"
        return ""

    def _line(self, rule: LineRule) -> Line:
        cycles = dict(rule.ideal_cycles)
        stations = tuple(
            Station(
                each,
                self.tag(each, "state"),
                self.tag(each, "good_count"),
                self.tag(each, "reject_count"),
                self.tag(each, "starved"),
                self.tag(each, "blocked"),
                cycles.get(each, 0.0),
            )
            for each in self.below(rule.line)
            if each in self.machines and self.tag(each, "state") and self.tag(each, "good_count")
        )
        by_id = {station.id: station for station in stations}
        upstream: dict[str, tuple[str, ...]] = {}
        for link in self.park.links:
            if link.network == "material" and link.upstream in by_id and link.downstream in by_id:
                upstream[link.downstream] = (*upstream.get(link.downstream, ()), link.upstream)
        return Line(
            rule,
            self._calendars.get(rule.calendar),
            stations,
            tuple(by_id[each] for each in rule.pace),
            by_id[rule.output],
            upstream,
        )

    def below(self, place: str) -> Iterator[str]:
        """Yield everything below a place, itself not, in the order of the park file.

        Raises:
            UnknownPlaceError: there is no such place or machine.
        """
        if place not in self.names:
            raise UnknownPlaceError(f"{place!r}: no place or machine of this park; see GET /api/park")
        for child in self.children.get(place, ()):
            yield child
            yield from self.below(child)

    def lines_at(self, place: str) -> list[Line]:
        """Return the lines at or below a place."""
        return [self.lines[each] for each in (place, *self.below(place)) if each in self.lines]

    def supplies_of(self, line: Line) -> dict[str, tuple[str, ...]]:
        """Return by station that sets the pace what feeds it with electricity, the nearest first."""
        feeds: dict[str, list[str]] = {}
        for link in self.park.links:
            if link.network == "electricity":
                feeds.setdefault(link.downstream, []).append(link.upstream)
        found = {}
        for station in line.pace:
            above: list[str] = []
            front = list(feeds.get(station.id, ()))
            while front:
                name = front.pop(0)
                if name not in above:
                    above.append(name)
                    front += feeds.get(name, ())
            found[station.id] = tuple(above)
        return found

    def live_tags(self) -> tuple[str, ...]:
        """Return the tags that the figures of lines are reckoned from, in the order of the park file."""
        wanted = {
            tag
            for station in self.stations.values()
            for tag in (station.state, station.good, station.reject, station.starved, station.blocked)
        }
        return tuple(tag for tag in self.tags if tag in wanted)
