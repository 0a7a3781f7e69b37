"""How long tanks hold and basins have room, from levels and flows as measured, with some elements out."""

from __future__ import annotations

from collections.abc import Collection

from twin.networks.consequences import Reserve
from twin.networks.dependencies import Dependencies
from twin.networks.readings import Readings
from twin.park.model import Park

LONGEST_MIN = 7 * 24 * 60.0
"""Beyond that a straight line from now says nothing."""


def reserves(
    park: Park, graph: Dependencies, readings: Readings, out: Collection[str]
) -> dict[str, float | None]:
    """Minutes until each tank is empty or each basin full, None = it does not become so; by equipment.

    A tank's inflow goes down with the pumps on duty above it that are out, its draw with the pumps below it.
    A basin whose pumps have no electricity gives nothing on, and what lies behind it gets nothing.
    """
    found: dict[str, float | None] = {}
    for tank in park.networks.tanks:
        level = readings.of(tank.equipment, tank.level)
        inflow = readings.of(tank.equipment, tank.inflow)
        outflow = readings.of(tank.equipment, tank.outflow)
        if level is None or inflow is None or outflow is None:
            continue
        inflow *= _share(graph, readings, tank.equipment, out, up=True)
        outflow *= _share(graph, readings, tank.equipment, out, up=False)
        found[tank.equipment] = _minutes(level * tank.area_m2, outflow - inflow)
    for basin in park.networks.basins:
        if not basin.stores:
            continue
        percent = readings.of(basin.equipment, basin.level_percent)
        inflow = readings.of(basin.equipment, basin.inflow)
        outflow = readings.of(basin.equipment, basin.outflow)
        if percent is None or inflow is None or outflow is None:
            continue
        before = [one for one in graph.feeds(basin.equipment, "wastewater") if _is_basin(park, one)]
        if before and all(one in out for one in before):
            inflow = 0.0
        if basin.equipment in out:
            outflow = 0.0
        room = basin.volume_m3 * max(1.0 - percent / 100.0, 0.0)
        found[basin.equipment] = _minutes(room, inflow - outflow)
    return found


def compare(
    before: dict[str, float | None], after: dict[str, float | None], park: Park
) -> tuple[Reserve, ...]:
    """Put both side by side, the shortest first."""
    tanks = {tank.equipment for tank in park.networks.tanks}
    rows = [
        Reserve(name, "empty" if name in tanks else "full", minutes, before.get(name))
        for name, minutes in after.items()
    ]
    return tuple(sorted(rows, key=lambda row: (row.minutes is None, row.minutes or 0.0)))


def _share(graph: Dependencies, readings: Readings, tank: str, out: Collection[str], *, up: bool) -> float:
    """Share of the flow that is left: pumps that can work over pumps on duty, at most the whole."""
    pumps = _pumps(graph, readings, tank, up=up)
    if not pumps:
        return 1.0
    duty = sum(on for on in pumps.values())
    able = sum(1 for name in pumps if name not in out)
    return 1.0 if duty == 0 else min(able / duty, 1.0)


def _pumps(graph: Dependencies, readings: Readings, tank: str, *, up: bool) -> dict[str, bool]:
    """The pumps nearest to a tank on one side, and whether each is on duty."""
    step = graph.graph.in_edges if up else graph.graph.out_edges
    seen, waiting = {tank}, [tank]
    found: dict[str, bool] = {}
    while waiting:
        here = waiting.pop()
        for begin, end, network in step(here, data="network"):
            one = begin if up else end
            if network != "water" or one in seen:
                continue
            seen.add(one)
            on = readings.of(one, "on_duty")
            if on is None:
                waiting.append(one)
            else:
                found[one] = on > 0.5
    return found


def _is_basin(park: Park, name: str) -> bool:
    return any(basin.equipment == name for basin in park.networks.basins)


def _minutes(volume_m3: float, net_m3_h: float) -> float | None:
    if net_m3_h <= 1e-6:
        return None
    minutes = 60.0 * volume_m3 / net_m3_h
    return minutes if minutes <= LONGEST_MIN else None
