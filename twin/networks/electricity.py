"""The electricity network on live measurements: solved, with changes, or by connectivity alone where the
equations have no answer."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final

from twin.networks.consequences import Overload, VoltageOut
from twin.networks.errors import NotConvergedError
from twin.networks.park_power import LiveLoads, ParkPower
from twin.networks.power_flow import PowerModel, PowerResult
from twin.networks.power_network import Load
from twin.networks.readings import Readings

LOW_PU, HIGH_PU = 0.9, 1.1
"""IEC 60038: 400 V and 22 kV within ±10 %."""
_TAP_ROUNDS: Final = 3
_MOST_TAPS: Final = 9.0
SQRT3: Final = 3.0**0.5


@dataclass(frozen=True, slots=True, eq=False)
class Solved:
    """The network at one moment.

    Args:
        result: None where there is no answer; then ``trouble`` says where and why.
        loads: as they went in.
        missing: equipment whose meter says nothing.
        trouble: empty if there is an answer.
        part: id of the element where it gives way.
    """

    result: PowerResult | None
    loads: tuple[Load, ...]
    missing: tuple[str, ...]
    trouble: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True)
class _Setting:
    loads: tuple[Load, ...]
    opened: frozenset[str]
    out: frozenset[str]
    vm_pu: float
    taps: Mapping[str, float]


class Electricity:
    """Solves a park's network. Not thread-safe.

    Args:
        power: the network.
    """

    def __init__(self, power: ParkPower) -> None:
        self.power = power
        self._model = PowerModel(power.network)

    def solve(
        self,
        readings: Readings,
        *,
        opened: Collection[str] = (),
        out: Collection[str] = (),
        change_kw: Mapping[str, float] | None = None,
    ) -> Solved:
        """Solve on measurements.

        Args:
            readings: of one moment.
            opened: breakers that are opened besides those seen open.
            out: transformers and feeders that are out altogether.
            change_kw: what is drawn more, by load point; its reactive power goes along.
        """
        live = self.power.live(readings)
        setting = _Setting(
            loads=_changed(live, change_kw or {}),
            opened=self.power.open_breakers(readings) | set(opened),
            out=frozenset(out),
            vm_pu=self.power.grid_pu(readings),
            taps=self.power.taps(readings),
        )
        try:
            result = self._solve(setting)
            if opened or out or change_kw:
                result = self._regulated(result, setting)
        except NotConvergedError as error:
            return Solved(None, setting.loads, live.missing, str(error), error.part)
        return Solved(result, setting.loads, live.missing)

    def solve_loads(self, readings: Readings, loads: tuple[Load, ...], *, explain: bool = True) -> Solved:
        """Solve with other loads than are measured, in the order of the network's; breakers, taps and voltage
        as they are. Without ``explain`` it is not looked for where the voltage gives way."""
        power = self.power
        setting = _Setting(
            loads, power.open_breakers(readings), frozenset(), power.grid_pu(readings), power.taps(readings)
        )
        try:
            return Solved(self._solve(setting, explain=explain), loads, ())
        except NotConvergedError as error:
            return Solved(None, loads, (), str(error), error.part)

    def _solve(self, setting: _Setting, *, explain: bool = True) -> PowerResult:
        return self._model.solve(
            loads=setting.loads,
            opened=setting.opened,
            out=setting.out,
            vm_pu=setting.vm_pu,
            taps=setting.taps,
            explain=explain,
        )

    def _regulated(self, result: PowerResult, setting: _Setting) -> PowerResult:
        """Let tap changers follow, as they would within a minute."""
        taps = dict(setting.taps)
        for _ in range(_TAP_ROUNDS):
            moved = False
            for name, row in self.power.transformers.items():
                volts = result.volts.get(name, float("nan"))
                if not row.keeps_kv or not row.tap_step_percent or volts != volts:
                    continue
                kv = volts * self.power.network_kv(name)
                steps = round((row.keeps_kv / kv - 1.0) / (row.tap_step_percent / 100.0))
                tap = min(max(taps.get(name, 0.0) + steps, -_MOST_TAPS), _MOST_TAPS)
                moved |= tap != taps.get(name, 0.0)
                taps[name] = tap
            if not moved:
                break
            result = self._solve(replace(setting, taps=taps))
        return result

    def loadings(self, solved: Solved) -> dict[str, float]:
        """Percent of its rating, of every feeder, transformer and board that is under voltage."""
        if solved.result is None:
            return {}
        found = {name: one for name, one in solved.result.loading.items() if one == one}
        at = {one.id: one for one in solved.loads}
        for name, row in self.power.boards.items():
            load, volts = at[name], solved.result.volts[name]
            if volts == volts and volts > 0.1:
                kva = 1000.0 * (load.mw**2 + load.mvar**2) ** 0.5
                found[name] = 100.0 * kva / (SQRT3 * row.voltage_kv * volts) / row.rated_a
        return found

    def overloads(
        self, solved: Solved, before: Mapping[str, float], rating: Mapping[str, float]
    ) -> tuple[Overload, ...]:
        """What is beyond its rating, the worst first."""
        found = [
            Overload(name, percent / rating.get(name, 1.0), before.get(name))
            for name, percent in self.loadings(solved).items()
            if percent / rating.get(name, 1.0) > 100.0
        ]
        return tuple(sorted(found, key=lambda one: -one.percent))

    def voltages(self, solved: Solved) -> tuple[VoltageOut, ...]:
        """Voltages beyond what is allowed."""
        if solved.result is None:
            return ()
        return tuple(
            VoltageOut(name, 100.0 * pu)
            for name, pu in solved.result.volts.items()
            if pu == pu and not LOW_PU <= pu <= HIGH_PU
        )


def _changed(live: LiveLoads, change_kw: Mapping[str, float]) -> tuple[Load, ...]:
    loads = []
    for load in live.loads:
        more = change_kw.get(load.id, 0.0) / 1000.0
        if more:
            mvar = load.mvar * (1.0 + more / load.mw) if abs(load.mw) > 1e-6 else load.mvar
            load = Load(load.id, load.bus, load.mw + more, mvar)
        loads.append(load)
    return tuple(loads)
