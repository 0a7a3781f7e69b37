"""A park's water network behind its tank: from links and drawings to rows, and from measurements to demands.

For the present the header of the pumps is a node whose pressure is measured, so that the pumps need no model.
For the hours ahead the pumps have their curves, and a reducing valve stands for the speed control that keeps
the header's pressure as long as they can.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from twin.networks.readings import Readings
from twin.networks.water_flow import WaterModel
from twin.networks.water_network import (
    Junction,
    Pipe,
    Pump,
    ReducingValve,
    Reservoir,
    Tank,
    WaterNetwork,
)
from twin.park.model import Park
from twin.park.networks import WaterPipe, WaterUser

BAR_PER_M: Final = 0.0980665
"""Pressure of a metre of water at 1,000 kg/m³ [bar]."""
HEADER: Final = "header"
SHORT_M, WIDE_MM = 1.0, 2000.0
"""A pipe that loses nothing."""
SEEN_LOSS_M: Final = 0.2
"""A head loss from which a roughness can be told, with instruments that read a centimetre or two wrong."""


@dataclass(frozen=True, slots=True)
class LiveWater:
    """Measurements of one moment, as the model takes them.

    Args:
        header_m: head of the header [m].
        demands: of users [m³/h].
        pressures: measured, by node [m of water].
        flows: measured, by pipe [m³/h].
        missing: equipment whose meter says nothing; its demand is taken as nothing.
    """

    header_m: float
    demands: Mapping[str, float]
    pressures: Mapping[str, float]
    flows: Mapping[str, float]
    missing: tuple[str, ...]


class ParkWater:
    """The water network of a park.

    Args:
        park: with rows of its water network.
        roughness: Hazen-Williams as found from measurements, by equipment; else as in the park file.
    """

    def __init__(self, park: Park, roughness: Mapping[str, float] | None = None) -> None:
        rules = park.networks
        self.park = park
        self.roughness = dict(roughness or {})
        self.pipes: Mapping[str, WaterPipe] = {one.equipment: one for one in rules.pipes}
        self.users: Mapping[str, WaterUser] = {one.equipment: one for one in rules.water_users}
        self.pumps = {one.equipment: one for one in rules.pumps}
        self.tanks = {one.equipment: one for one in rules.tanks}
        self.above: dict[str, str] = {}
        for link in park.links:
            if link.network == "water" and link.downstream in {**self.pipes, **self.users}:
                known = {**self.pipes, **self.users}
                self.above.setdefault(link.downstream, link.upstream if link.upstream in known else HEADER)
        self.network = self._rows()

    def behind(self, pipe: str) -> tuple[str, ...]:
        """Users that a main feeds."""
        return tuple(name for name in self.users if self.above.get(name) == pipe)

    def live(self, readings: Readings) -> LiveWater | None:
        """Put measurements together; None where the header's pressure is not measured."""
        headers = [readings.of(name, row.pressure) for name, row in self.pumps.items()]
        mains = [
            readings.of(name, row.pressure_in)
            for name, row in self.pipes.items()
            if self.above.get(name) == HEADER
        ]
        bars = [bar for bar in mains or headers if bar is not None]
        if not bars:
            return None
        missing: list[str] = []
        demands: dict[str, float] = {}
        pressures: dict[str, float] = {}
        flows: dict[str, float] = {}
        for name, user in self.users.items():
            flow = readings.of(name, user.flow)
            if flow is None:
                missing.append(name)
            demands[name] = flow or 0.0
            bar = readings.of(name, user.pressure)
            if bar is not None:
                pressures[name] = bar / BAR_PER_M
        for name, pipe in self.pipes.items():
            bar, flow = readings.of(name, pipe.pressure_out), readings.of(name, pipe.flow)
            if bar is not None:
                pressures[name] = bar / BAR_PER_M
            if flow is not None:
                flows[name] = flow
        return LiveWater(sum(bars) / len(bars) / BAR_PER_M, demands, pressures, flows, tuple(missing))

    def unaccounted(self, live: LiveWater) -> dict[str, float]:
        """What each main takes and its users do not, by main [m³/h]."""
        return {
            pipe: flow - sum(live.demands[user] for user in self.behind(pipe))
            for pipe, flow in live.flows.items()
        }

    def calibrated(self, moments: Sequence[Readings]) -> ParkWater:
        """Fit the roughness of each pipe to moments when all was well; where hardly anything is lost, it
        stays as in the park file."""
        model = WaterModel(self.network)
        sums: dict[str, list[float]] = {}
        for readings in moments:
            live = self.live(readings)
            if live is None:
                continue
            model.set_heads({HEADER: live.header_m})
            model.set_demands(live.demands)
            found = model.solve()
            head = dict(zip(found.nodes, found.head_m[0].tolist(), strict=True))
            elevation = {one.id: one.elevation_m for one in self.network.junctions}
            seen = {HEADER: live.header_m} | {
                name: pressure + elevation[name] for name, pressure in live.pressures.items()
            }
            for name, begin in self.above.items():
                lost = head[begin] - head[name]
                if name in seen and begin in seen and lost > SEEN_LOSS_M:
                    sums.setdefault(name, []).append((seen[begin] - seen[name]) / lost)
        known = {one.id: one.roughness_c for one in self.network.pipes}
        fitted = {
            name: known[name] * (sum(shares) / len(shares)) ** (-1.0 / 1.852)
            for name, shares in sums.items()
            if sum(shares) > 0
        }
        return ParkWater(self.park, self.roughness | fitted)

    def ahead(self, readings: Readings) -> WaterNetwork | None:
        """The network with tank and pumps, for the hours ahead, drawn from as now; None without a level."""
        live = self.live(readings)
        if live is None or len(self.tanks) != 1 or not self.pumps:
            return None
        (row,) = self.tanks.values()
        level = readings.of(row.equipment, row.level)
        if level is None:
            return None
        inflow = readings.of(row.equipment, row.inflow) or 0.0
        tank = Tank(
            row.equipment, row.floor_m, min(level, row.height_m), 0.0, row.height_m,
            math.sqrt(4.0 * row.area_m2 / math.pi),
        )  # fmt: skip
        first = next(iter(self.pumps.values()))
        keeps = readings.of(first.equipment, first.keeps) or first.keeps_bar
        junctions = tuple(
            replace(one, demand_m3_h=live.demands.get(one.id, 0.0)) for one in self.network.junctions
        )
        return WaterNetwork(
            junctions=(
                *junctions,
                Junction(HEADER, 0.0),
                Junction("pumped", 0.0),
                Junction("inflow", row.floor_m, -inflow),
            ),
            tanks=(tank,),
            pipes=(*self.network.pipes, Pipe("inlet", "inflow", tank.id, SHORT_M, WIDE_MM, 130.0)),
            pumps=tuple(
                Pump(
                    name, tank.id, "pumped",
                    (
                        (0.0, one.shut_off_m),
                        (one.design_m3_h, one.design_m),
                        (2.0 * one.design_m3_h, one.shut_off_m - 4.0 * (one.shut_off_m - one.design_m)),
                    ),
                )
                for name, one in self.pumps.items()
            ),
            valves=(ReducingValve("control", "pumped", HEADER, 500.0, keeps / BAR_PER_M),),
        )  # fmt: skip

    def _rows(self) -> WaterNetwork:
        junctions, pipes = [], []
        elevation = {HEADER: 0.0}
        waiting = dict(self.above)
        while waiting:
            ready = [name for name, begin in waiting.items() if begin in elevation]
            if not ready:  # a ring of links that no header feeds: left out, and named by the model
                break
            for name in ready:
                begin = waiting.pop(name)
                row: WaterPipe | WaterUser = self.pipes.get(name) or self.users[name]
                falls, loss = (row.falls_m, 0.0) if isinstance(row, WaterPipe) else (0.0, row.strainer_k)
                elevation[name] = elevation[begin] - falls
                junctions.append(Junction(name, elevation[name]))
                rough = self.roughness.get(name, row.roughness_c)
                pipes.append(Pipe(name, begin, name, row.length_m, row.diameter_mm, rough, loss))
        return WaterNetwork(tuple(junctions), (Reservoir(HEADER, 45.0),), pipes=tuple(pipes))
