"""Hydraulics by WNTR: a model built from rows, solved by the EPANET 2.2 engine for a moment or for hours."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from twin.contract.frame import F64
from twin.networks.errors import NotConvergedError
from twin.networks.water_network import AnyLink, AnyNode, ReducingValve, Switching, WaterNetwork

PER_HOUR: Final = 1.0 / 3600.0
"""WNTR is in SI units: m³/s."""


@dataclass(frozen=True, slots=True, eq=False)
class WaterResult:
    """An answer over time.

    Args:
        time_s: ``int64[t]``, since the start.
        nodes: names of the columns of ``head_m`` and ``pressure_m``, ``float64[t, nodes]``; pressure in
            metres of water over the node, of a tank its level.
        links: names of the columns of ``flow_m3_h``, ``float64[t, links]``.
    """

    time_s: npt.NDArray[np.int64]
    nodes: tuple[str, ...]
    head_m: F64
    pressure_m: F64
    links: tuple[str, ...]
    flow_m3_h: F64

    def pressure(self, node: str) -> F64:
        """Pressure over time of one node [m]."""
        column: F64 = self.pressure_m[:, self.nodes.index(node)]
        return column

    def flow(self, link: str) -> F64:
        """Flow over time of one link [m³/h]."""
        column: F64 = self.flow_m3_h[:, self.links.index(link)]
        return column


class WaterModel:
    """A WNTR model with names. Not thread-safe: solving changes it.

    Args:
        network: the rows.
    """

    def __init__(self, network: WaterNetwork) -> None:
        self.network = network
        self._wntr, self.model, self._short = _build(network)

    def set_demands(self, demands: Mapping[str, float]) -> None:
        """Set what is drawn at junctions [m³/h]; their patterns stay."""
        for name, demand in demands.items():
            self.model.get_node(self._short.node[name]).demand_timeseries_list[0].base_value = (
                demand * PER_HOUR
            )

    def set_heads(self, heads: Mapping[str, float]) -> None:
        """Set heads of reservoirs [m]."""
        for name, head in heads.items():
            self.model.get_node(self._short.node[name]).base_head = head

    def solve(self, *, hours: float = 0.0, step_s: int = 3600) -> WaterResult:
        """Solve for now, or for some hours ahead.

        Raises:
            NotConvergedError: EPANET found no answer, or a part hangs on nothing.
        """
        time = self.model.options.time
        time.duration = round(hours * 3600)
        time.hydraulic_timestep = time.report_timestep = step_s
        cut = self._unsupplied()
        with TemporaryDirectory() as folder, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                found = self._wntr.sim.EpanetSimulator(self.model).run_sim(
                    file_prefix=str(Path(folder) / "net"), version=2.2
                )
            except Exception as error:  # the engine's own errors are plain exceptions of several kinds
                part = cut[0] if cut else ""
                where = f"; {', '.join(cut[:5])} hang on no tank or reservoir" if cut else ""
                text = f"hydraulics: no answer ({error}){where}; check pipes, pumps and demands"
                raise NotConvergedError(text, part) from error
        node, link = self._short.node, self._short.link
        head, pressure, flow = found.node["head"], found.node["pressure"], found.link["flowrate"]
        return WaterResult(
            np.array(head.index, np.int64),
            tuple(node),
            np.array(head[list(node.values())].to_numpy(), np.float64),
            np.array(pressure[list(node.values())].to_numpy(), np.float64),
            tuple(link),
            np.array(flow[list(link.values())].to_numpy(), np.float64) / PER_HOUR,
        )

    def _unsupplied(self) -> list[str]:
        """Junctions that no open link joins to a tank or reservoir."""
        network = self.network
        near: dict[str, list[str]] = {}
        links: tuple[AnyLink, ...] = (*network.pipes, *network.pumps, *network.valves)
        for link in links:
            if isinstance(link, ReducingValve) or link.open:
                near.setdefault(link.begin, []).append(link.end)
                near.setdefault(link.end, []).append(link.begin)
        waiting = [*(one.id for one in network.tanks), *(one.id for one in network.reservoirs)]
        reached = set(waiting)
        while waiting:
            fresh = [one for one in near.get(waiting.pop(), ()) if one not in reached]
            reached.update(fresh)
            waiting += fresh
        return sorted(one.id for one in network.junctions if one.id not in reached)


class _Short:
    """EPANET's names have 31 letters at most and no spaces: ours, numbered."""

    def __init__(self, network: WaterNetwork) -> None:
        nodes: tuple[AnyNode, ...] = (*network.junctions, *network.reservoirs, *network.tanks)
        links: tuple[AnyLink, ...] = (*network.pipes, *network.pumps, *network.valves)
        self.node = {one.id: f"n{number}" for number, one in enumerate(nodes)}
        self.link = {one.id: f"k{number}" for number, one in enumerate(links)}
        self.pattern = {name: f"p{number}" for number, name in enumerate(network.patterns)}


def _build(network: WaterNetwork) -> tuple[Any, Any, _Short]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import wntr

    short = _Short(network)
    node, link = short.node, short.link
    model = wntr.network.WaterNetworkModel()
    options = model.options
    options.hydraulic.headloss = "H-W"
    options.hydraulic.demand_multiplier = network.multiplier
    options.time.pattern_timestep = network.pattern_step_s
    for name, multipliers in network.patterns.items():
        model.add_pattern(short.pattern[name], list(multipliers))
    for junction in network.junctions:
        model.add_junction(
            node[junction.id],
            junction.demand_m3_h * PER_HOUR,
            demand_pattern=short.pattern.get(junction.pattern),
            elevation=junction.elevation_m,
        )
    for reservoir in network.reservoirs:
        model.add_reservoir(node[reservoir.id], base_head=reservoir.head_m)
    for tank in network.tanks:
        model.add_tank(
            node[tank.id], elevation=tank.floor_m, init_level=tank.level_m, min_level=tank.least_m,
            max_level=tank.most_m, diameter=tank.diameter_m,
        )  # fmt: skip
    for pipe in network.pipes:
        model.add_pipe(
            link[pipe.id], node[pipe.begin], node[pipe.end], length=pipe.length_m,
            diameter=pipe.diameter_mm / 1000.0, roughness=pipe.roughness_c, minor_loss=pipe.minor_k,
            initial_status="OPEN" if pipe.open else "CLOSED", check_valve=pipe.one_way,
        )  # fmt: skip
    for pump in network.pumps:
        curve = f"c{link[pump.id]}"
        model.add_curve(curve, "HEAD", [(flow * PER_HOUR, head) for flow, head in pump.curve])
        model.add_pump(
            link[pump.id], node[pump.begin], node[pump.end], pump_type="HEAD", pump_parameter=curve,
            speed=pump.speed, initial_status="OPEN" if pump.open else "CLOSED",
        )  # fmt: skip
    for valve in network.valves:
        model.add_valve(
            link[valve.id], node[valve.begin], node[valve.end], diameter=valve.diameter_mm / 1000.0,
            valve_type="PRV", initial_setting=valve.keeps_m, initial_status="ACTIVE",
        )  # fmt: skip
    for number, switching in enumerate(network.switchings):
        model.add_control(f"switching{number}", _control(wntr, model, switching, short))
    return wntr, model, short


def _control(wntr: Any, model: Any, switching: Switching, short: _Short) -> Any:
    control = wntr.network.controls
    status = wntr.network.LinkStatus.Open if switching.opens else wntr.network.LinkStatus.Closed
    action = control.ControlAction(model.get_link(short.link[switching.link]), "status", status)
    if switching.at_s >= 0:
        return control.Control(control.SimTimeCondition(model, "=", switching.at_s), action)
    relation = ">" if switching.above else "<"
    tank = model.get_node(short.node[switching.tank])
    return control.Control(control.ValueCondition(tank, "level", relation, switching.level_m), action)
