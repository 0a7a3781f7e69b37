"""A park's electricity network: from links and nameplates to rows, and from live measurements to loads.

The meter of a switchboard stands for all that hangs on it. What hangs on a transformer or feeder itself is
its own load; what a feeder gives to nobody that is known (``unmetered``) is one more. So the solved flow of
everything above the boards can be held against its own meter.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from twin.networks.power_network import Breaker, Bus, Grid, Line, Load, PowerNetwork, TwoWinding
from twin.networks.readings import Readings
from twin.park.model import Park
from twin.park.networks import Board, Cable, Supply, Transformer

Node = Supply | Transformer | Cable | Board

USUAL_TAN_PHI = math.tan(math.acos(0.9))
"""Where reactive power is not measured: Circular 15/2014/TT-BCT charges for less than 0.9."""
KW_SIGNAL = "active_power"
KVAR_SIGNAL = "reactive_power"


@dataclass(frozen=True, slots=True)
class LoadPoint:
    """A load, and where its measurement comes from.

    Args:
        id: of its row.
        equipment: whose meter, or under whose cable.
        kind: ``board``, ``machine``, ``unmetered`` or ``capacitor``.
    """

    id: str
    equipment: str
    kind: str


@dataclass(frozen=True, slots=True)
class LiveLoads:
    """Loads at one moment.

    Args:
        loads: in the order of the network's loads.
        missing: equipment whose meter says nothing; its load was put together from the machines below it, or
            is nothing.
    """

    loads: tuple[Load, ...]
    missing: tuple[str, ...]


class ParkPower:
    """The electricity network of a park.

    Args:
        park: with rows of its electricity network.
    """

    def __init__(self, park: Park) -> None:
        rules = park.networks
        self.park = park
        self.supplies: Mapping[str, Supply] = {one.equipment: one for one in rules.supplies}
        self.transformers: Mapping[str, Transformer] = {one.equipment: one for one in rules.transformers}
        self.cables: Mapping[str, Cable] = {one.equipment: one for one in rules.cables}
        self.boards: Mapping[str, Board] = {one.equipment: one for one in rules.boards}
        self.generators = {one.equipment: one for one in rules.generators}
        self.compensators = {one.equipment: one for one in rules.compensators}
        self.below: dict[str, list[str]] = {}
        self.above: dict[str, list[str]] = {}
        for link in park.links:
            if link.network == "electricity":
                self.below.setdefault(link.upstream, []).append(link.downstream)
                self.above.setdefault(link.downstream, []).append(link.upstream)
        self._nodes: dict[str, Node] = {**self.supplies, **self.transformers, **self.cables, **self.boards}
        self.points: tuple[LoadPoint, ...] = tuple(self._points())
        self._kv = {name: self._kv_behind(name) for name in self._nodes}
        self.network = self._rows()

    @property
    def metered(self) -> dict[str, Node]:
        """Every element with a meter of its power, by equipment."""
        return {name: row for name, row in self._nodes.items() if row.power}

    def live(self, readings: Readings) -> LiveLoads:
        """Put loads together from measurements."""
        missing: list[str] = []
        loads = tuple(self._load(point, readings, missing) for point in self.points)
        return LiveLoads(loads, tuple(missing))

    def open_breakers(self, readings: Readings) -> frozenset[str]:
        """Elements whose breaker is seen open."""
        rows: list[Transformer | Cable | Board] = [
            *self.transformers.values(),
            *self.cables.values(),
            *self.boards.values(),
        ]
        found = set()
        for row in rows:
            closed = readings.of(row.equipment, row.breaker)
            if closed is not None and closed < 0.5:
                found.add(row.equipment)
        return frozenset(found)

    def grid_pu(self, readings: Readings) -> float:
        """Voltage of the supply as measured, per unit; 1 where it is not."""
        for row in self.supplies.values():
            kv = readings.of(row.equipment, row.voltage)
            if kv is not None and 0.5 < kv / row.voltage_kv < 1.5:
                return kv / row.voltage_kv
        return 1.0

    def taps(self, readings: Readings) -> dict[str, float]:
        """Positions of tap changers as measured; 0 where they are not."""
        return {name: readings.of(name, row.tap) or 0.0 for name, row in self.transformers.items()}

    @property
    def nodes(self) -> frozenset[str]:
        """Supplies, transformers, feeders and boards."""
        return frozenset(self._nodes)

    def network_kv(self, name: str) -> float:
        """Nominal voltage behind an element [kV]."""
        return self._kv[name]

    def machine_kw(self, equipment: str, readings: Readings) -> float | None:
        """What a machine draws [kW]; a generator draws less than nothing; None if it is not measured."""
        generator = self.generators.get(equipment)
        if generator is not None:
            given = readings.kilo(equipment, generator.power)
            return None if given is None else -given
        return readings.kilo(equipment, KW_SIGNAL)

    def _points(self) -> list[LoadPoint]:
        points = []
        for name in self.boards:
            points.append(LoadPoint(name, name, "board"))
        for name, row in self.cables.items():
            if row.power or row.unmetered:
                points.append(LoadPoint(f"{name}/unmetered", name, "unmetered"))
        for name, upstreams in self.above.items():
            above_boards = [up for up in upstreams if up in self._nodes and up not in self.boards]
            if name in self._nodes or not above_boards:
                continue
            points.append(LoadPoint(name, name, "capacitor" if name in self.compensators else "machine"))
        return points

    def _load(self, point: LoadPoint, readings: Readings, missing: list[str]) -> Load:
        kw, kvar = {
            "board": self._board,
            "unmetered": self._unmetered,
            "capacitor": self._capacitor,
            "machine": self._machine,
        }[point.kind](point.equipment, readings, missing)
        return Load(point.id, self._bus_of(point), kw / 1000.0, kvar / 1000.0)

    def _bus_of(self, point: LoadPoint) -> str:
        if point.kind in {"board", "unmetered"}:
            return point.equipment
        return next(up for up in self.above[point.equipment] if up in self._nodes)

    def _board(self, name: str, readings: Readings, missing: list[str]) -> tuple[float, float]:
        row = self.boards[name]
        kw = readings.kilo(name, row.power)
        if kw is None:
            missing.append(name)
            kw = sum(self.machine_kw(one, readings) or 0.0 for one in self.below.get(name, ()))
            kw += readings.kilo(name, row.unmetered) or 0.0
        kvar = readings.kilo(name, row.reactive)
        return kw, USUAL_TAN_PHI * kw if kvar is None else kvar

    def _unmetered(self, name: str, readings: Readings, missing: list[str]) -> tuple[float, float]:
        row = self.cables[name]
        below = [self.transformers[one] for one in self.below.get(name, ()) if one in self.transformers]
        rest_kw = (readings.kilo(name, row.power) or 0.0) - sum(
            readings.kilo(one.equipment, one.power) or 0.0 for one in below
        )
        given = readings.kilo(name, row.unmetered)
        if row.unmetered and given is None:
            missing.append(name)
        kw = max(rest_kw, 0.0) if given is None else given
        head_kvar = readings.kilo(name, row.reactive)
        if head_kvar is None:
            return kw, USUAL_TAN_PHI * kw
        kvar = head_kvar - sum(readings.kilo(one.equipment, one.reactive) or 0.0 for one in below)
        # what is left over cannot be more than the load itself would draw at a poor power factor
        return kw, min(max(kvar, 0.0), 1.5 * kw)

    def _capacitor(self, name: str, readings: Readings, missing: list[str]) -> tuple[float, float]:
        row = self.compensators[name]
        kvar = readings.kilo(name, row.reactive)
        if kvar is None:
            missing.append(name)
        return 0.0, kvar or 0.0

    def _machine(self, name: str, readings: Readings, missing: list[str]) -> tuple[float, float]:
        kw = self.machine_kw(name, readings)
        if kw is None:
            missing.append(name)
            return 0.0, 0.0
        kvar = readings.kilo(name, KVAR_SIGNAL)
        return kw, USUAL_TAN_PHI * kw if kvar is None else kvar

    def _kv_behind(self, name: str) -> float:
        row = self._nodes[name]
        if not isinstance(row, Transformer):
            return row.voltage_kv
        below = [self._nodes.get(one) for one in self.below.get(name, ())]
        return next((one.voltage_kv for one in below if isinstance(one, Cable | Board)), row.lv_kv)

    def _rows(self) -> PowerNetwork:
        buses = [Bus(name, self._kv_behind(name)) for name in self._nodes]
        lines: list[Line] = []
        windings: list[TwoWinding] = []
        breakers: list[Breaker] = []
        for name, row in self._nodes.items():
            feeds = [one for one in self.above.get(name, ()) if one in self._nodes]
            if isinstance(row, Board):
                breakers += [Breaker(name, one, name) for one in feeds]
                continue
            if isinstance(row, Supply) or not feeds:
                continue
            begin = feeds[0]
            if len(feeds) > 1:  # one busbar in front of it, which any of them can feed
                begin = f"{name}/in"
                buses.append(Bus(begin, self._kv_behind(feeds[0])))
                breakers += [Breaker(f"{name}/from/{one}", one, begin) for one in feeds]
            if isinstance(row, Cable):
                km, ka = row.length_m / 1000.0, row.rated_a / 1000.0
                lines.append(
                    Line(name, begin, name, km, row.r_ohm_km, row.x_ohm_km, ka, row.c_nf_km)
                )  # fmt: skip
                breakers.append(Breaker(name, begin, name, "line"))
            else:
                windings.append(_winding(row, begin))
                breakers.append(Breaker(name, begin, name, "transformer"))
        grids = tuple(Grid(name) for name in self.supplies)
        loads = tuple(Load(one.id, self._bus_of(one)) for one in self.points)
        return PowerNetwork(tuple(buses), grids, tuple(lines), tuple(windings), tuple(breakers), loads)


def _winding(row: Transformer, high: str) -> TwoWinding:
    return TwoWinding(
        id=row.equipment,
        high=high,
        low=row.equipment,
        rated_mva=row.rated_kva / 1000.0,
        hv_kv=row.hv_kv,
        lv_kv=row.lv_kv,
        uk_percent=row.uk_percent,
        ur_percent=100.0 * row.load_loss_kw / row.rated_kva,
        iron_kw=row.no_load_kw,
        no_load_percent=row.no_load_percent,
        tap_step_percent=row.tap_step_percent,
    )
