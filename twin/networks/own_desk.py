"""What a tenant's people may ask of networks: questions to the whole, answered with what is theirs.

Everything is reckoned on the true state of the whole park, because a feeder that trips does so for everybody;
only the answer is cut. Nothing of it is made of another tenant's names or readings but what he sees of it
himself: that his supply is gone, and after how long.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from math import nan
from typing import Final, TypeVar

from twin.networks.changes import Change
from twin.networks.consequences import Affected, Call, Consequences, Reserve
from twin.networks.contingency import Contingency
from twin.networks.desk import ElectricityNow, NetworkDesk, WaterNow
from twin.networks.electricity import Solved
from twin.networks.errors import UnknownElementError
from twin.networks.meters import MeterReport, Suspect
from twin.networks.own_part import PARKS_NETWORK, OwnPart
from twin.networks.readings import Readings
from twin.networks.wastewater import History, Rise, Wastewater
from twin.networks.what_if import ASSUMED
from twin.park.faults import did_you_mean
from twin.park.name import Name
from twin.park.networks import Contact

V = TypeVar("V")

_NO_FLOW: Final = Name(
    "Không giải được trào lưu công suất của khu; chỉ xét liên kết",
    "No power flow of the park's network: connectivity alone",
)
_NO_ANSWER: Final = "the park's network has no answer now; ask who runs it"


class OwnDesk:
    """Answers a tenant about the networks of his park, as :class:`NetworkDesk` answers the park. Thread-safe.

    Args:
        desk: of the whole.
        part: what he is told of.
    """

    def __init__(self, desk: NetworkDesk, part: OwnPart) -> None:
        self._desk = desk
        self.part = part
        self._lines = sorted(place.id for place in part.park.places if place.level == "line")

    def ask(self, readings: Readings, changes: Sequence[Change], lasts_h: float) -> Consequences:
        """Try changes to what is his and to the boundary; see :meth:`NetworkDesk.ask`.

        Raises:
            UnknownElementError: it is neither.
            ChangeError: it cannot be changed like that.
        """
        for change in changes:
            self._check(change)
        found = self._desk.ask(readings, changes, lasts_h)
        return self._told(found, frozenset(change.target for change in changes), lasts_h)

    def elements(self, readings: Readings, only: Container[str] | None = None) -> tuple[Contingency, ...]:
        """Lose each element that is his or at the boundary, the worst for him first."""
        part = self.part
        wanted = {name for name in part.own | part.boundary if only is None or name in only}
        told = [
            Contingency(one.equipment, self._told(one.consequences, frozenset([one.equipment]), 1.0))
            for one in self._desk.elements(readings, wanted)
        ]
        return tuple(sorted(told, key=lambda one: (*(-rank for rank in one.rank), one.equipment)))

    def electricity(self, readings: Readings) -> ElectricityNow:
        """His part of the electricity network and the feeders that supply him alone.

        Raises:
            UnknownElementError: the park file has no rows of it.
        """
        now = self._desk.electricity(readings)
        part = self.part
        return ElectricityNow(
            self._solved(now.solved),
            {name: percent for name, percent in now.loadings.items() if part.measures(name)},
            frozenset(name for name in now.dark if part.names(name)),
        )

    def meters(self, readings: Readings, moments: int = 1) -> MeterReport:
        """His meters and those of the feeders that supply him alone, held against all others.

        Raises:
            UnknownElementError: the park file has no rows of the electricity network.
        """
        report = self._desk.meters(readings, moments)
        part = self.part
        checks = {one.equipment: one for one in report.checks if part.measures(one.equipment)}
        suspects = []
        for one in report.suspects:
            mine = next((checks[name] for name in one.equipment if name in checks), None)
            if mine is not None:
                names = tuple(dict.fromkeys(part.told(name) for name in one.equipment))
                suspects.append(Suspect(names, mine.measured_kw, mine.expected_kw, one.score))
        return MeterReport(tuple(checks.values()), tuple(suspects))

    def water(self, readings: Readings, hours: float) -> WaterNow:
        """His pressures, mains and tanks.

        Raises:
            UnknownElementError: the park file has no rows of it, or no pressure of the mains is measured.
        """
        now = self._desk.water(readings, hours)
        part = self.part
        leaks = [
            replace(one, places=tuple(place for place in one.places if part.measures(place.id)))
            for one in now.leaks
            if part.measures(one.main)
        ]
        return WaterNow(
            replace(
                now.live,
                demands=self._mine(now.live.demands),
                pressures=self._mine(now.live.pressures),
                flows=self._mine(now.live.flows),
                missing=tuple(name for name in now.live.missing if part.measures(name)),
            ),
            self._mine(now.unaccounted),
            self._mine(now.pressures_m),
            tuple(leaks),
            now.ahead,
            _NO_ANSWER if now.trouble else "",
        )

    def wastewater(self) -> Wastewater:
        """The wastewater network, for what is read of it.

        Raises:
            UnknownElementError: the park file has no rows of it.
        """
        return self._desk.wastewater()

    def rise(self, history: History) -> Rise | None:
        """What he has to do with a rise of the outfall; how high it is, is the park's."""
        found = self._desk.rise(history)
        if found is None:
            return None
        his = tuple(one for one in found.contributions if one.outlet in self.part.own)
        return replace(found, before=nan, now=nan, contributions=his)

    def _check(self, change: Change) -> None:
        """Whether a change is to what is his; who asks the whole for something else is told its names."""
        known = self._lines
        if change.kind != "output":
            known = sorted(self.part.own | self.part.boundary)
        if change.target not in known:
            step = did_you_mean(change.target, known, "see /api/what-if/choices for the ids")
            raise UnknownElementError(
                f"{change.target!r}: is neither of {self.part.tenant} nor where the park's network meets it; "
                f"{step}"
            )

    def _mine(self, rows: Mapping[str, V]) -> dict[str, V]:
        return {name: row for name, row in rows.items() if self.part.measures(name)}

    def _solved(self, solved: Solved) -> Solved:
        missing = tuple(name for name in solved.missing if self.part.measures(name))
        result = solved.result
        if result is None:
            return Solved(None, (), missing, _NO_ANSWER)
        mine = replace(
            result,
            volts=self._mine(result.volts),
            mw=self._mine(result.mw),
            mvar=self._mine(result.mvar),
            loading=self._mine(result.loading),
            amperes=self._mine(result.amperes),
            losses_mw=self._mine(result.losses_mw),
            dark=frozenset(name for name in result.dark if self.part.measures(name)),
        )
        return Solved(mine, (), missing)

    def _told(self, what: Consequences, changed: frozenset[str], lasts_h: float) -> Consequences:
        part = self.part
        affected = tuple(one for one in what.affected if part.names(one.equipment))
        lost_by = self._mine(what.lost_by)
        lost_kw = sum(lost_by.values())
        plain = all(note == ASSUMED for note in what.notes)
        return Consequences(
            affected=affected,
            lines=tuple(one for one in what.lines if one.line in part.places),
            tenants=tuple(one for one in what.tenants if one == part.tenant),
            overloads=tuple(one for one in what.overloads if part.measures(one.equipment)),
            voltages=tuple(one for one in what.voltages if part.measures(one.equipment)),
            reserves=self._reserves(what.reserves, affected),
            lost_kw=lost_kw,
            lost_kwh=lost_kw * lasts_h,
            calls=self._calls(what.calls, outside=bool(changed - part.own)),
            notes=(ASSUMED,) if plain else (ASSUMED, _NO_FLOW),
            lost_by=lost_by,
        )

    def _reserves(self, rows: Sequence[Reserve], affected: Sequence[Affected]) -> tuple[Reserve, ...]:
        """His tanks; and of the park's, for how long his supply holds, where it ends."""
        part = self.part
        his = [one for one in rows if one.equipment in part.own]
        ends = [one.after_min for one in affected if one.after_min > 0 and one.equipment in part.own]
        if ends:
            his.append(Reserve(part.outside, "empty", min(ends), None))
        return tuple(his)

    def _calls(self, calls: Sequence[Call], *, outside: bool) -> tuple[Call, ...]:
        """His own people; and one of the park's where what changed is the park's."""
        part = self.part
        told = []
        for one in calls:
            of = one.contact.of
            if of in part.own or of in part.places:
                told.append(one)
            elif outside and part.is_parks(of) and not any(call.contact.of == part.outside for call in told):
                told.append(Call(Contact(part.outside, PARKS_NETWORK, one.contact.phone), 0))
        return tuple(told)
