"""Failures as OPC UA conditions: a machine that goes to Aborted raises one, which goes when it leaves."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sim.kind import ABORTED, Bools
from sim.opcua.conditions import Text
from sim.opcua.server import ColumnServer
from sim.simulation import Simulation

SEVERITY = 700
"""Of OPC UA's 1 to 1000 (OPC 10000-9 §5.5.2: 601 to 800 is high)."""
_RUNS_AGAIN = Text("Đã hết lỗi", "Fault is gone")
_TRIPPED = Text("Dừng khẩn cấp", "Emergency stop")


class FailureConditions:
    """Tells each server's clients of machines that went to Aborted or left it.

    Args:
        simulation: of the plant.
        servers: by id.
    """

    def __init__(self, simulation: Simulation, servers: Mapping[str, ColumnServer]) -> None:
        self._simulation = simulation
        self._servers = servers
        self._aborted: Bools = np.zeros(len(simulation.fleets.units), np.bool_)

    async def tell(self) -> None:
        """Look at the states as they are now."""
        aborted = self._simulation.operation.state == ABORTED
        changed = np.flatnonzero(aborted != self._aborted).tolist()
        self._aborted = aborted
        for position in changed:
            unit = self._simulation.fleets.units[position]
            active = bool(aborted[position])
            message = self._why(unit.equipment) if active else _RUNS_AGAIN
            await self._servers[unit.server].raise_condition(unit.equipment, active, SEVERITY, message)

    def _why(self, equipment: str) -> Text:
        modes = {mode.name: mode for mode in self._simulation.fleets.kind_of[equipment].modes}
        failed = [modes[name] for name in self._simulation.failed_modes(equipment)]
        if not failed:
            return _TRIPPED
        return Text("; ".join(mode.vi for mode in failed), "; ".join(mode.en for mode in failed))
