"""Power flow by pandapower: a model built once from rows, solved as often as loads and switches change."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from twin.contract.frame import F64
from twin.networks.errors import NotConvergedError
from twin.networks.power_network import Load, PowerNetwork

_TIMES_SMALLER: Final = (0.5, 0.2, 0.05, 0.01, 1e-3, 1e-4, 1e-5)
"""Shares of the load at which an answer is looked for where there is none at the whole."""
_HALVINGS: Final = 5
"""So often the way between a share with an answer and one without is halved."""


@dataclass(frozen=True, slots=True, eq=False)
class PowerResult:
    """An answer; NaN where there is no voltage.

    Args:
        volts: per unit, by bus.
        mw, mvar: into a line at its begin, into a transformer at its high side, from a grid; by id.
        loading: percent of what a line or transformer is rated for.
        amperes: the greater of its two ends [A]; of a transformer that of its low side.
        losses_mw: by line and transformer.
        dark: buses without supply.
    """

    volts: Mapping[str, float]
    mw: Mapping[str, float]
    mvar: Mapping[str, float]
    loading: Mapping[str, float]
    amperes: Mapping[str, float]
    losses_mw: Mapping[str, float]
    dark: frozenset[str]


class PowerModel:
    """A pandapower net with names. Not thread-safe: solving changes it.

    Args:
        network: the rows.
    """

    def __init__(self, network: PowerNetwork) -> None:
        self.network = network
        self._pp, self.net = _build(network)
        net = self.net
        self._trafo = {one.id: number for number, one in enumerate(network.transformers)}
        self._switches: dict[str, list[int]] = {}
        for number, one in enumerate(network.breakers):
            self._switches.setdefault(one.id, []).append(number)
        self._closed = np.array([one.closed for one in network.breakers], np.bool_)
        self._p0 = np.array(net.load.p_mw, np.float64)
        self._q0 = np.array(net.load.q_mvar, np.float64)
        self._taps = np.array(net.trafo.tap_pos, np.float64) if len(net.trafo) else np.zeros(0)
        self._topology: tuple[bytes, frozenset[str]] | None = None

    def solve(
        self,
        *,
        loads: Sequence[Load] | None = None,
        opened: Collection[str] = (),
        out: Collection[str] = (),
        vm_pu: float | None = None,
        taps: Mapping[str, float] | None = None,
        explain: bool = True,
    ) -> PowerResult:
        """Solve.

        Args:
            loads: what is drawn, in the order of the network's loads; left out, as the network has it.
            opened: ids of breakers that are open besides those that the network has open.
            out: ids of lines and transformers that are out of service.
            vm_pu: voltage of the grids.
            taps: positions of tap changers, by transformer.
            explain: look where the voltage gives way if there is no answer, which takes a dozen solutions.

        Raises:
            NotConvergedError: there is no answer; it says where the voltage gives way.
        """
        net = self.net
        p, q = self._p0, self._q0
        if loads is not None:
            p = np.array([one.mw for one in loads], np.float64)
            q = np.array([one.mvar for one in loads], np.float64)
        closed = self._closed.copy()
        for name in opened:
            closed[self._switches.get(name, [])] = False
        if len(closed):
            net.switch["closed"] = closed
        if len(net.line):
            net.line["in_service"] = np.array([one.id not in out for one in self.network.lines])
        if len(net.trafo):
            net.trafo["in_service"] = np.array([one.id not in out for one in self.network.transformers])
            moved = self._taps.copy()
            for name, tap in (taps or {}).items():
                moved[self._trafo[name]] = tap
            net.trafo["tap_pos"] = moved
        if vm_pu is not None:
            net.ext_grid["vm_pu"] = vm_pu
        topology = (closed.tobytes(), frozenset(out))
        same = topology == self._topology
        self._topology = None  # until there is an answer
        if not self._run(p, q, same=same):
            raise self._where(p, q) if explain else NotConvergedError("power flow: no answer", "")
        self._topology = topology
        return self._result()

    def _run(self, p: F64, q: F64, *, same: bool = False) -> bool:
        """Solve; ``same`` if nothing is switched since the last answer, so that its matrices hold."""
        net = self.net
        if len(net.load):
            net.load["p_mw"] = p
            net.load["q_mvar"] = q
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pandapower on pandas: deprecations that are theirs
            try:
                self._pp.runpp(
                    net,
                    numba=False,
                    max_iteration=20,
                    check_connectivity=True,
                    recycle={"bus_pq": True, "gen": True, "trafo": True} if same else None,
                )
            except self._pp.LoadflowNotConverged:
                return False
        return True

    def _where(self, p: F64, q: F64) -> NotConvergedError:
        """Look where the voltage gives way first as the load grows towards what has no answer."""
        fails = 1.0
        for share in _TIMES_SMALLER:
            if self._run(p * share, q * share):
                break
            fails = share
        else:
            text = "power flow: no answer even without load; check lines and transformers"
            return NotConvergedError(text, "")
        for _ in range(_HALVINGS):
            middle = (share * fails) ** 0.5
            if self._run(p * middle, q * middle):
                share = middle
            else:
                fails = middle
        self._run(p * share, q * share)
        volts = np.array(self.net.res_bus.vm_pu, np.float64)
        bus = int(np.nanargmin(volts))
        name = self.network.buses[bus].id
        return NotConvergedError(
            f"power flow: no answer; with {100 * share:.3g} % of the load there is one, and {name} has the "
            f"lowest voltage, {100 * volts[bus]:.0f} %; check the loads measured below it",
            name,
        )

    def _result(self) -> PowerResult:
        net, network = self.net, self.network
        volts = _column(net.res_bus.vm_pu)
        lines, trafos = [one.id for one in network.lines], [one.id for one in network.transformers]
        mw = _named(lines, net.res_line.p_from_mw) | _named(trafos, net.res_trafo.p_hv_mw)
        mvar = _named(lines, net.res_line.q_from_mvar) | _named(trafos, net.res_trafo.q_hv_mvar)
        grids = [one.bus for one in network.grids]
        mw |= _named(grids, net.res_ext_grid.p_mw)
        mvar |= _named(grids, net.res_ext_grid.q_mvar)
        loading = _named(lines, net.res_line.loading_percent) | _named(trafos, net.res_trafo.loading_percent)
        amperes = {
            name: 1000.0 * ka
            for name, ka in (_named(lines, net.res_line.i_ka) | _named(trafos, net.res_trafo.i_lv_ka)).items()
        }
        losses = _named(lines, net.res_line.pl_mw) | _named(trafos, net.res_trafo.pl_mw)
        names = [one.id for one in network.buses]
        by_bus = dict(zip(names, volts.tolist(), strict=True))
        dark = frozenset(name for name, here in zip(names, np.isnan(volts).tolist(), strict=True) if here)
        return PowerResult(by_bus, mw, mvar, loading, amperes, losses, dark)


def _named(names: Sequence[str], column: Any) -> dict[str, float]:
    return dict(zip(names, _column(column).tolist(), strict=True)) if names else {}


def _column(column: Any) -> F64:
    return np.array(column, np.float64)


def _build(network: PowerNetwork) -> tuple[Any, Any]:
    import pandapower as pp

    logging.getLogger("pandapower").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        net = pp.create_empty_network(f_hz=network.hz)
        bus = {one.id: int(pp.create_bus(net, one.kv, name=one.id)) for one in network.buses}
        for grid in network.grids:
            pp.create_ext_grid(net, bus[grid.bus], vm_pu=grid.vm_pu, va_degree=grid.va_deg)
        line, trafo = {}, {}
        for one in network.lines:
            line[one.id] = pp.create_line_from_parameters(
                net, bus[one.begin], bus[one.end], one.length_km, one.r_ohm_km, one.x_ohm_km, one.c_nf_km,
                one.rated_ka, name=one.id,
            )  # fmt: skip
        for two in network.transformers:
            trafo[two.id] = pp.create_transformer_from_parameters(
                net, bus[two.high], bus[two.low], two.rated_mva, two.hv_kv, two.lv_kv, two.ur_percent,
                two.uk_percent, two.iron_kw, two.no_load_percent, shift_degree=two.shift_deg,
                tap_side=two.tap_side, tap_neutral=two.tap_neutral, tap_pos=two.tap,
                tap_step_percent=two.tap_step_percent, tap_changer_type="Ratio", name=two.id,
            )  # fmt: skip
        for switch in network.breakers:
            ends = {"bus": bus, "line": line, "transformer": trafo}[switch.kind]
            kind = {"bus": "b", "line": "l", "transformer": "t"}[switch.kind]
            pp.create_switch(net, bus[switch.bus], ends[switch.to], kind, closed=switch.closed)
        for load in network.loads:
            pp.create_load(net, bus[load.bus], load.mw, load.mvar, name=load.id)
        for generating in network.generating:
            pp.create_gen(net, bus[generating.bus], generating.mw, vm_pu=generating.vm_pu)
        for shunt in network.shunts:
            pp.create_shunt(net, bus[shunt.bus], shunt.mvar, shunt.mw, name=shunt.id)
    return pp, net
