"""The shipped infrastructure of Yen Phong on its own, with one tenant that is nothing but base loads."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sim.degradation.never import NEVER
from sim.faults.order import FaultOrder
from sim.plant import SHIPPED, Plant, read_plant
from sim.simulation import Simulation
from twin.contract.clock import from_iso

MORNING_NS = from_iso("2026-09-22T09:00:00+07:00")
PARK = "yenphong/park/utilities"
TENANT = "yenphong/kinhbac-textile/f1"

MAIN = """
name: infrastructure
tick_s: 1.0
utc_offset_h: 7
servers: [{id: utilities, name: Utilities, port: 0}, {id: detmay, name: Tenant, port: 0}]
include: [parts/*.yaml]
links: [links/*.yaml]
"""

TENANT_PART = f"""
machines:
  - {{kind: mv_transformer, server: detmay, equipment: "{TENANT}/power/tx{{1..2}}"}}
  - kind: lv_board
    server: detmay
    equipment: "{TENANT}/power/board{{1..2}}"
    parameters: {{base_kw: 420}}
  - kind: water_meter
    server: detmay
    equipment: {TENANT}/utilities/water-meter
    parameters: {{base_m3_h: 60}}
  - kind: sewer_outlet
    server: detmay
    equipment: {TENANT}/utilities/sewer-outlet
    parameters: {{base_m3_h: 40}}
"""

TENANT_LINKS = f"""
links:
  - {{network: electricity, upstream: {PARK}/substation/f5, downstream: {TENANT}/power/tx1}}
  - {{network: electricity, upstream: {PARK}/substation/f6, downstream: {TENANT}/power/tx2}}
  - {{network: electricity, upstream: {TENANT}/power/tx1, downstream: {TENANT}/power/board1}}
  - {{network: electricity, upstream: {TENANT}/power/tx2, downstream: {TENANT}/power/board2}}
  - {{network: water, upstream: {PARK}/water/main1, downstream: {TENANT}/utilities/water-meter}}
  - network: wastewater
    upstream: {TENANT}/utilities/sewer-outlet
    downstream: {PARK}/wastewater/sewer-kinhbac
"""


def write_park(folder: Path) -> Plant:
    """Put the shipped files of the infrastructure and the tenant's into ``folder``, and read them."""
    for name, text in (
        ("plant.yaml", MAIN),
        ("parts/tenant.yaml", TENANT_PART),
        ("parts/infrastructure.yaml", (SHIPPED.parent / "plant" / "infrastructure.yaml").read_text("utf-8")),
        ("links/tenant.yaml", TENANT_LINKS),
        ("links/infrastructure.yaml", (SHIPPED.parent / "links" / "infrastructure.yaml").read_text("utf-8")),
    ):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return read_plant(folder / "plant.yaml")


class InfrastructurePark(Simulation):
    """A simulation that one asks by the short name of a park's equipment, healthy unless told otherwise.

    Args:
        plant: of :func:`write_park`.
        start_ns: when it starts.
    """

    def __init__(self, plant: Plant, start_ns: int = MORNING_NS) -> None:
        super().__init__(plant, seed=7, start_ns=start_ns)
        for equipment, kind in self.fleets.kind_of.items():
            if any(mode.law is not NEVER for mode in kind.modes):
                self.board.repair(equipment, start_ns)
        self.step(0.0)

    def __call__(self, equipment: str, name: str) -> float:
        """An output, as it truly is."""
        return float(self.outputs[self.fleets.row_of[self._full(equipment), name]])

    def sum(self, pattern: str, numbers: range, name: str) -> float:
        """The sum of an output over a row of equipment, ``pattern`` with ``{}``."""
        return float(np.sum([self(pattern.format(number), name) for number in numbers]))

    def order(self, fault: str, equipment: str, strength: float = 1.0) -> int:
        """Bring about a fault now; its number."""
        order = FaultOrder(fault=fault, equipment=self._full(equipment), strength=strength)
        return self.board.inject(order, self.now_ns).number

    def stop(self, equipment: str) -> None:
        """Stop a machine, as an operator does."""
        self.operation.wanted[self.fleets.position[self._full(equipment)]] = False

    def set(self, equipment: str, setpoint: str, value: float) -> None:
        """Change a set point, as an operator does."""
        placed, number = self.fleets.fleet_of(self._full(equipment))
        placed.setpoints[setpoint][number] = value

    @staticmethod
    def _full(equipment: str) -> str:
        return equipment if equipment.startswith("yenphong/") else f"{PARK}/{equipment}"
