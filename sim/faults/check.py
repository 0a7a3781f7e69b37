"""Whether an order can be carried out on this plant."""

from __future__ import annotations

import math
from collections.abc import Iterable
from difflib import get_close_matches

from sim.degradation.wear import Wear
from sim.faults.catalogue import Catalogue
from sim.faults.errors import FaultRefusedError, UnknownTargetError
from sim.faults.fault_kind import FaultKind
from sim.faults.moments import parse_duration_s
from sim.faults.order import CheckedOrder, FaultOrder
from sim.faults.plant_view import PlantView
from sim.sensors.bank import SensorBank
from sim.sensors.trouble import TROUBLES


class OrderCheck:
    """Turns orders into checked ones.

    Args:
        plant: its machines and tags.
        catalogue: of the faults.
        wear: knows the number of each machine's failure modes.
        sensors: knows which tags measure.
    """

    def __init__(self, plant: PlantView, catalogue: Catalogue, wear: Wear, sensors: SensorBank) -> None:
        self._plant = plant
        self._catalogue = catalogue
        self._wear = wear
        self._sensors = sensors

    def __call__(self, order: FaultOrder) -> CheckedOrder:
        """Check an order.

        Raises:
            FaultError: thing, value, rule and next step of the first thing that is wrong.
        """
        self._catalogue.check_name(order.fault)
        kind, number = self._on_tag(order) if ":" in order.equipment else self._on_machine(order)
        strength = kind.strength if order.strength is None else order.strength
        what = f"fault {kind.id!r} on {order.equipment}"
        if not (math.isfinite(strength) and kind.low <= strength <= kind.high):
            unit = f" ({kind.unit})" if kind.unit else ""
            raise FaultRefusedError(
                f"{what}: strength {strength:g}: must be from {kind.low:g} to {kind.high:g}{unit}"
            )
        ramp_s = kind.ramp_s if order.ramp is None else parse_duration_s(order.ramp)
        duration_s = kind.duration_s if order.lasts is None else parse_duration_s(order.lasts)
        if 0 < duration_s < ramp_s:
            raise FaultRefusedError(
                f"{what}: lasts {duration_s:g} s, but takes {ramp_s:g} s to come to its strength; "
                "make it last longer or ramp faster"
            )
        if order.seed < 0:
            raise FaultRefusedError(f"{what}: seed {order.seed}: must be 0 or more")
        return CheckedOrder(kind, order.equipment, number, strength, ramp_s, duration_s, order.seed)

    def _on_tag(self, order: FaultOrder) -> tuple[FaultKind, int]:
        row = self._plant.row.get(order.equipment)
        if row is None:
            raise UnknownTargetError(_unknown("tag", order.equipment, self._plant.row))
        kind = self._catalogue.of_instruments(order.fault)
        if kind is None:
            raise FaultRefusedError(
                f"fault {order.fault!r} on {order.equipment}: is no fault of instruments; "
                f"name the equipment alone: {order.equipment.partition(':')[0]}"
            )
        if TROUBLES[kind.id].analogue and not self._sensors.is_analogue(row):
            raise FaultRefusedError(
                f"fault {kind.id!r} on {order.equipment}: is for what is measured, not for counts, flags and "
                "states; choose another signal, or sensor_dropout"
            )
        return kind, row

    def _on_machine(self, order: FaultOrder) -> tuple[FaultKind, int]:
        machine = self._plant.kind_of.get(order.equipment)
        if machine is None:
            raise UnknownTargetError(_unknown("equipment", order.equipment, self._plant.kind_of))
        kind = self._catalogue.of_machine(
            order.fault, order.equipment, machine, camera=order.equipment in self._plant.cameras
        )
        if kind.acts in {"machine", "camera"}:
            return kind, self._plant.unit[order.equipment]
        return kind, self._wear.number[order.equipment, kind.id]


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    """Say that a name is not there, with the nearest that are."""
    near = get_close_matches(name, list(known), n=3, cutoff=0.6)
    hint = (
        f"did you mean {' or '.join(near)}?" if near else "'parktwin sim --list-faults' shows what there is"
    )
    return f"{what} {name!r}: is not in the plant; {hint}"
