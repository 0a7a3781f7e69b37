"""What would happen if: changes tried on a copy of the live state, and what follows from them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Final

from twin.networks.changes import Change, Changed, sort_changes
from twin.networks.consequences import Affected, Call, Consequences, Overload, VoltageOut
from twin.networks.dependencies import MEDIA, Dependencies, Spread, tenant_of
from twin.networks.electricity import Electricity, Solved
from twin.networks.park_power import ParkPower
from twin.networks.power_network import Load
from twin.networks.production import line_impacts
from twin.networks.readings import Readings
from twin.networks.reserves import compare, reserves
from twin.park.model import Park
from twin.park.name import Name
from twin.park.networks import Contact

ASSUMED: Final = Name(
    "Lưu lượng nước và nước thải giữ như hiện tại; máy dự phòng được coi là sẵn sàng",
    "Flows of water and sewage stay as they are now; stand-by machines are taken to be ready",
)


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """The park as it is, before anything is changed.

    Args:
        readings: of one moment.
        opened: breakers that are open.
        spread: what lacks something already.
        loads: what is drawn, by load point.
        solved: the electricity network; None for a park without.
        loadings: of it [%].
        reserves: minutes by tank and basin.
    """

    readings: Readings
    opened: frozenset[str]
    spread: Spread
    loads: tuple[Load, ...]
    solved: Solved | None
    loadings: Mapping[str, float]
    reserves: dict[str, float | None]


class WhatIf:
    """Answers questions about one park. Thread-safe: one question at a time.

    Args:
        park: the checked park.
    """

    def __init__(self, park: Park) -> None:
        self._park = park
        self._lock = Lock()
        self.graph = Dependencies(park)
        self.power = ParkPower(park)
        self._electricity: Electricity | None = None
        self._contacts = {one.of: one for one in park.networks.contacts}

    @property
    def electricity(self) -> Electricity | None:
        """The electricity network, built when it is first asked for; None for a park without a supply."""
        if self._electricity is None and self._park.networks.supplies:
            self._electricity = Electricity(self.power)
        return self._electricity

    def moment(self, readings: Readings) -> Moment:
        """Look at the park as it is."""
        with self._lock:
            return self._moment(readings)

    def ask(self, readings: Readings, changes: Sequence[Change], lasts_h: float = 1.0) -> Consequences:
        """Try changes.

        Raises:
            UnknownElementError: the park has no such element or line.
            ChangeError: it cannot be changed like that.
        """
        changed = sort_changes(changes, lasts_h, self.graph, self._park.networks)
        with self._lock:
            return self._follow(self._moment(readings), changed, lasts_h)

    def lose(self, now: Moment, changed: Changed, *, flows: bool = True) -> Consequences:
        """Say what an hour without some elements does; ``flows`` False leaves the power flow out, where less
        load cannot overload anything."""
        with self._lock:
            return self._follow(now, changed, 1.0, flows=flows)

    def _follow(self, now: Moment, changed: Changed, lasts_h: float, *, flows: bool = True) -> Consequences:
        readings = now.readings
        opened = now.opened | changed.opened
        tanks = [tank.equipment for tank in self._park.networks.tanks]
        after = self.graph.spread(opened, changed.off, full=tanks)
        in_the_end = self.graph.spread(opened, changed.off)
        at_once = after.beyond(now.spread)
        reserve = reserves(self._park, self.graph, readings, after.equipment | changed.off)
        affected = self._affected(at_once, in_the_end.beyond(now.spread), reserve)
        standing = {one.equipment for one in affected if one.after_min <= 60.0 * lasts_h} | changed.off
        notes = [ASSUMED]
        solved: Solved | None = None
        overloads: tuple[Overload, ...] = ()
        voltages: tuple[VoltageOut, ...] = ()
        drawn = self._change_kw(readings, changed)
        electricity = self.electricity
        if electricity is not None and flows:
            solved = electricity.solve(readings, opened=changed.opened, out=changed.off, change_kw=drawn)
            if solved.trouble:
                notes.append(
                    Name(
                        f"Không giải được trào lưu công suất; chỉ xét liên kết. {solved.trouble}",
                        f"No power flow, connectivity alone: {solved.trouble}",
                    )
                )
            else:
                overloads = electricity.overloads(solved, now.loadings, changed.rating)
                voltages = electricity.voltages(solved)
        lost_by = self._lost_by(now, at_once.without["electricity"], changed)
        for board, more in drawn.items():
            if more > 0:
                lost_by[board] = lost_by.get(board, 0.0) - more
        lost_kw = sum(lost_by.values())
        return Consequences(
            affected=affected,
            lines=line_impacts(self._park, self.graph.lines_of(standing), changed.output, lasts_h),
            tenants=tuple(sorted({tenant_of(one) for one in (*standing, *changed.output)})),
            overloads=overloads,
            voltages=voltages,
            reserves=compare(now.reserves, reserve, self._park),
            lost_kw=lost_kw,
            lost_kwh=lost_kw * lasts_h,
            calls=self._calls(changed, standing),
            notes=tuple(notes),
            lost_by=lost_by,
        )

    def _moment(self, readings: Readings) -> Moment:
        opened = self.power.open_breakers(readings)
        spread = self.graph.spread(opened, full=[tank.equipment for tank in self._park.networks.tanks])
        electricity = self.electricity
        solved = None if electricity is None else electricity.solve(readings)
        loadings = {} if electricity is None or solved is None else electricity.loadings(solved)
        reserve = reserves(self._park, self.graph, readings, spread.equipment)
        return Moment(readings, opened, spread, self.power.live(readings).loads, solved, loadings, reserve)

    def _affected(
        self, at_once: Spread, later: Spread, reserve: Mapping[str, float | None]
    ) -> tuple[Affected, ...]:
        """Everything that lacks something, at once or when the tank before it is empty."""
        found = {name: Affected(name, _lacks(name, at_once)) for name in at_once.equipment}
        for name in later.equipment - at_once.equipment:
            empty = [
                reserve.get(tank.equipment)
                for tank in self._park.networks.tanks
                if name == tank.equipment or name in self.graph.hangs_on(tank.equipment, "water")
            ]
            minutes = [one for one in empty if one is not None]
            if minutes or not empty:
                found[name] = Affected(name, _lacks(name, later), max(minutes, default=0.0))
        return tuple(sorted(found.values(), key=lambda one: (one.after_min, one.equipment)))

    def _change_kw(self, readings: Readings, changed: Changed) -> dict[str, float]:
        """What is drawn more or less at each board, by machines that stand and lines that make more."""
        more: dict[str, float] = {}
        boards = {one: board for board, below in self.power.below.items() for one in below}

        def add(machine: str, share: float) -> None:
            board = boards.get(machine)
            kw = self.power.machine_kw(machine, readings)
            if board in self.power.boards and kw is not None and board is not None:
                more[board] = more.get(board, 0.0) + share * kw

        for machine in changed.off:
            add(machine, -1.0)
        for line, output in changed.output.items():
            for equipment in self._park.equipment:
                if equipment.id.rsplit("/", 1)[0] == line and equipment.id not in changed.off:
                    add(equipment.id, output - 1.0)
        return more

    def _lost_by(self, now: Moment, dark: Collection[str], changed: Changed) -> dict[str, float]:
        """What is not drawn [kW]: at each dark board by its meter, elsewhere machine by machine."""
        gone = {*dark, *changed.opened}
        lost: dict[str, float] = {}
        counted: set[str] = set()
        for point, load in zip(self.power.points, now.loads, strict=True):
            out = self._cut(point.equipment, dark) if point.kind == "unmetered" else point.equipment in gone
            if out and point.kind != "capacitor":
                lost[point.equipment] = lost.get(point.equipment, 0.0) + 1000.0 * load.mw
                counted |= set(self.power.below.get(point.equipment, ()))
        for machine in changed.off - counted - self.power.nodes - set(dark):
            lost[machine] = lost.get(machine, 0.0) + (self.power.machine_kw(machine, now.readings) or 0.0)
        return lost

    def _cut(self, cable: str, dark: Collection[str]) -> bool:
        below = self.power.below.get(cable, ())
        return bool(below) and all(one in dark for one in below)

    def _calls(self, changed: Changed, standing: Iterable[str]) -> tuple[Call, ...]:
        counts: dict[str, int] = {}
        first = sorted({*changed.opened, *changed.off, *changed.rating, *changed.output})
        for name in first:
            contact = self._contact(name)
            if contact is not None:
                counts.setdefault(contact.of, 0)
        told: dict[str, int] = {}
        for name in standing:
            contact = self._contact(name)
            if contact is not None:
                told[contact.of] = told.get(contact.of, 0) + 1
        for of, number in sorted(told.items(), key=lambda row: (-row[1], row[0])):
            counts[of] = number
        return tuple(Call(self._contacts[of], number) for of, number in counts.items())

    def _contact(self, name: str) -> Contact | None:
        parts = name.split("/")
        for end in range(len(parts), 0, -1):
            found = self._contacts.get("/".join(parts[:end]))
            if found is not None:
                return found
        return None


def _lacks(name: str, spread: Spread) -> tuple[str, ...]:
    return tuple(medium for medium in MEDIA if name in spread.without[medium])
