"""The fault board: what is the matter in the park now, what is to be, and since when."""

from __future__ import annotations

import heapq
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sim.degradation.pair import WearEvent
from sim.degradation.wear import Wear
from sim.degradation.wear_error import WearError
from sim.faults.catalogue import Catalogue
from sim.faults.check import OrderCheck
from sim.faults.disturbances import Disturbances
from sim.faults.errors import NoSuchFaultError, UnknownTargetError
from sim.faults.fault_kind import TRIP
from sim.faults.order import CheckedOrder, FaultOrder
from sim.faults.plant_view import PlantView
from sim.sensors.bank import Handle, SensorBank
from sim.sensors.calibration import Calibrations
from sim.sensors.trouble import TROUBLES
from sim.truth.event import TruthEvent, shown_time
from sim.truth.hourly import WearTruth
from sim.truth.log import TruthLog
from twin.contract.clock import NS_PER_S

_LOG = logging.getLogger(__name__)
_NEVER_NS = 1 << 62


@dataclass(slots=True, eq=False)
class ActiveFault:
    """A fault that is on the board.

    Args:
        number: what it is cleared by.
        order: what it is.
        begun_ns: simulated time at which it began.
        ends_ns: when it is over by itself, or None.
        handle: of the trouble of an instrument.
    """

    number: int
    order: CheckedOrder
    begun_ns: int
    ends_ns: int | None
    handle: Handle | None = None

    def strength_at(self, now_ns: int) -> float:
        """Its strength, which rises in a straight line over its ramp."""
        order = self.order
        if order.ramp_s <= 0 or order.kind.acts == "wear":
            return order.strength
        return order.strength * min((now_ns - self.begun_ns) / NS_PER_S / order.ramp_s, 1.0)


class FaultBoard:
    """Begins, ramps and ends faults in simulated time, and tells the truth log.

    Everything runs on the thread that steps the simulation. In each step :meth:`due` comes before the
    machines wear, :meth:`after` behind.

    Args:
        plant: its machines and tags.
        wear: changed by faults of machines.
        sensors: changed by faults of instruments.
        log: where the truth goes.
        wear_truth: what writes failures and repairs.
        calibrations: of analysers, if there are any.
        set_camera_fault: told the station, the fault and its severity of a camera that fails; severity 0
            mends it.
    """

    def __init__(
        self,
        plant: PlantView,
        wear: Wear,
        sensors: SensorBank,
        log: TruthLog,
        wear_truth: WearTruth,
        calibrations: Calibrations | None = None,
        set_camera_fault: Callable[[str, str, float], None] | None = None,
    ) -> None:
        self.plant = plant
        self.catalogue = Catalogue(plant.kind_of.values())
        self.check = OrderCheck(plant, self.catalogue, wear, sensors)
        self.disturbances = Disturbances(len(plant.kind_of))
        self._wear = wear
        self._sensors = sensors
        self._log = log
        self._wear_truth = wear_truth
        self._calibrations = calibrations
        self._set_camera_fault = set_camera_fault
        self._active: dict[int, ActiveFault] = {}
        self._coming: list[tuple[int, int, CheckedOrder]] = []
        self._count = 0

    @property
    def active(self) -> tuple[ActiveFault, ...]:
        """Faults that are on, in the order in which they began."""
        return tuple(self._active.values())

    @property
    def coming(self) -> tuple[tuple[int, int, CheckedOrder], ...]:
        """Faults to come: when [ns], number, what; by time."""
        return tuple(sorted(self._coming, key=lambda row: row[:2]))

    def inject(self, order: FaultOrder, now_ns: int) -> ActiveFault:
        """Bring about a fault now; it shows from the next step on.

        Raises:
            FaultError: the order cannot be carried out.
            WearError: the machine is worse already.
        """
        checked = self.check(order)
        self._count += 1
        return self._begin(self._count, checked, now_ns)

    def schedule(self, orders: Iterable[tuple[int, CheckedOrder]]) -> list[int]:
        """Have checked orders begin at their moments [ns]; returns their numbers."""
        numbers = []
        for begins_ns, order in orders:
            self._count += 1
            heapq.heappush(self._coming, (begins_ns, self._count, order))
            numbers.append(self._count)
        return numbers

    def clear(self, number: int, now_ns: int) -> None:
        """End a fault, or strike one that is still to come. A worn machine is repaired.

        Raises:
            NoSuchFaultError: there is none of this number.
        """
        if number in self._active:
            self._end(self._active[number], now_ns, "cleared")
            return
        left = [row for row in self._coming if row[1] != number]
        if len(left) == len(self._coming):
            raise NoSuchFaultError(
                f"fault number {number}: is neither active nor to come; 'parktwin sim active' lists them"
            )
        heapq.heapify(left)
        self._coming = left

    def repair(self, equipment: str, now_ns: int, mode: str | None = None) -> list[WearEvent]:
        """Make a machine as good as new, in one failure mode or in all; ends the faults this heals.

        Raises:
            UnknownTargetError: there is no such machine.
            WearError: nothing of it wears.
        """
        if equipment not in self.plant.kind_of:
            raise UnknownTargetError(f"equipment {equipment!r}: is not in the plant; name one that is")
        events = self._wear.repair(equipment, now_ns, mode)
        self.after(now_ns, events)
        return events

    def release_trip(self, equipment: str, now_ns: int) -> None:
        """End the emergency stop of a machine, if it is on."""
        for fault in list(self._active.values()):
            if fault.order.kind.id == TRIP and fault.order.equipment == equipment:
                self._end(fault, now_ns, "cleared")

    def due(self, now_ns: int) -> None:
        """Begin, ramp and end what is due at ``now_ns``; called in each step, before the machines wear."""
        while self._coming and self._coming[0][0] <= now_ns:
            begins_ns, number, order = heapq.heappop(self._coming)
            try:
                self._begin(number, order, begins_ns)
            except WearError as error:
                _LOG.warning("scenario: %s; passed over", error)
        for fault in list(self._active.values()):
            if fault.ends_ns is not None and fault.ends_ns <= now_ns:
                self._end(fault, now_ns, "over")
            elif fault.order.ramp_s > 0:
                self._apply(fault, now_ns)
        if self._calibrations is not None:
            for change in self._calibrations.due(now_ns):
                equipment, _, signal = self.plant.tags[change.row].partition(":")
                self._log.write(
                    TruthEvent(
                        time=shown_time(now_ns),
                        event="sensor_begin" if change.begins else "sensor_end",
                        equipment=equipment,
                        signal=signal,
                        fault="calibration",
                    )
                )

    def after(self, now_ns: int, events: Sequence[WearEvent]) -> None:
        """Take note of what failed and what was repaired in the step; called behind the wear of machines."""
        if events:
            repaired = {event.pair for event in events if event.what == "repair"}
            for fault in list(self._active.values()):
                if fault.order.kind.acts == "wear" and fault.order.number in repaired:
                    self._forget(fault, now_ns, "repaired")
        self._wear_truth.step(now_ns, events)

    def _begin(self, number: int, order: CheckedOrder, now_ns: int) -> ActiveFault:
        ends_ns = now_ns + round(order.duration_s * NS_PER_S) if order.duration_s > 0 else None
        fault = ActiveFault(number, order, now_ns, ends_ns)
        if order.kind.acts == "wear":
            self._wear.accelerate(order.number, order.strength, order.ramp_s / 3600.0)
        elif order.kind.acts == "sensor":
            fault.handle = self._sensors.begin(
                order.number, TROUBLES[order.kind.id], fault.strength_at(now_ns), order.seed, number
            )
        self._active[number] = fault
        self._apply(fault, now_ns)
        self._tell(fault, now_ns, "begin", "")
        return fault

    def _apply(self, fault: ActiveFault, now_ns: int) -> None:
        """Have a fault act with the strength it has now; of several on one thing the strongest counts."""
        order = fault.order
        if fault.handle is not None:
            self._sensors.set_strength(fault.handle, fault.strength_at(now_ns))
        elif order.kind.acts != "wear":
            same = (
                other.strength_at(now_ns)
                for other in self._active.values()
                if other.order.kind is order.kind and other.order.number == order.number
            )
            strongest = max(same, default=0.0)
            if order.kind.acts == "process":
                self._wear.impose(order.number, strongest)
            elif order.kind.acts == "camera":
                if self._set_camera_fault is not None:
                    self._set_camera_fault(order.equipment, order.kind.id, strongest)
            else:
                self.disturbances.set(order.kind.id, order.number, strongest)

    def _end(self, fault: ActiveFault, now_ns: int, reason: str) -> None:
        order = fault.order
        self._forget(fault, now_ns, reason)
        if fault.handle is not None:
            self._sensors.end(fault.handle)
        elif order.kind.acts == "wear":
            self.after(now_ns, self._wear.repair(order.equipment, now_ns, order.kind.id))
        else:
            self._apply(fault, now_ns)

    def _forget(self, fault: ActiveFault, now_ns: int, reason: str) -> None:
        del self._active[fault.number]
        self._tell(fault, now_ns, "end", reason)

    def _tell(self, fault: ActiveFault, now_ns: int, what: str, reason: str) -> None:
        order = fault.order
        of_sensor = order.kind.acts == "sensor"
        self._log.write(
            TruthEvent(
                time=shown_time(now_ns),
                event=f"{'sensor' if of_sensor else 'fault'}_{what}",  # type: ignore[arg-type]
                equipment=order.equipment,
                fault=order.kind.id,
                fault_id=fault.number,
                signal=order.signal,
                strength=order.strength,
                reason=reason,
            )
        )
