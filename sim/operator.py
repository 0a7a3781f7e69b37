"""The operator of the plant: start, stop, reset and set, as OPC UA clients ask for them."""

from __future__ import annotations

from sim.kind import ABORTED, PACKML_STATES
from sim.opcua.operation import InvalidStateError, NotAllowedError, OutOfRangeError
from sim.simulation import Simulation


class PlantOperator:
    """Obeys on the thread that steps the simulation (:class:`sim.opcua.operation.Operator`); what is ordered
    shows from the next step on.

    Args:
        simulation: of the plant.
    """

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def start(self, equipment_id: str) -> None:
        """Let it run as soon as it can.

        Raises:
            InvalidStateError: it is broken or tripped, and is to be repaired or reset first.
        """
        position = self._operated(equipment_id)
        if self._simulation.operation.state[position] == ABORTED:
            raise InvalidStateError(
                f"{equipment_id}: is {PACKML_STATES[ABORTED]}; reset it, or repair what is broken, "
                "then start it"
            )
        self._simulation.operation.wanted[position] = True

    def stop(self, equipment_id: str) -> None:
        """Let it run no longer."""
        self._simulation.operation.wanted[self._operated(equipment_id)] = False

    def reset(self, equipment_id: str) -> None:
        """Leave Aborted after an emergency stop.

        Raises:
            InvalidStateError: it has failed: a reset does not repair.
        """
        position = self._operated(equipment_id)
        simulation = self._simulation
        simulation.board.release_trip(equipment_id, simulation.now_ns)
        if simulation.wear.stopped[position]:
            modes = ", ".join(simulation.failed_modes(equipment_id)) or "a fault"
            raise InvalidStateError(f"{equipment_id}: has failed ({modes}); a reset does not repair it")

    def set(self, equipment_id: str, setpoint: str, value: float) -> None:
        """Set a set point [its unit].

        Raises:
            OutOfRangeError: the value is not accepted.
            NotAllowedError: there is no such set point.
        """
        self._position(equipment_id)
        placed, place = self._simulation.fleets.fleet_of(equipment_id)
        row = next((point for point in placed.kind.setpoints if point.name == setpoint), None)
        if row is None:
            known = ", ".join(point.name for point in placed.kind.setpoints) or "none"
            raise NotAllowedError(f"{equipment_id}: has no set point {setpoint!r}; it has {known}")
        if not row.low <= value <= row.high:
            unit = f" {row.unit}" if row.unit else ""
            raise OutOfRangeError(
                f"{equipment_id}: {setpoint} {value:g}{unit}: must be {row.low:g} to {row.high:g}{unit}"
            )
        placed.setpoints[setpoint][place] = value

    def _operated(self, equipment_id: str) -> int:
        position = self._position(equipment_id)
        if not self._simulation.fleets.kind_of[equipment_id].has_state:
            raise InvalidStateError(f"{equipment_id}: is not something that is started and stopped")
        return position

    def _position(self, equipment_id: str) -> int:
        position = self._simulation.fleets.position.get(equipment_id)
        if position is None:
            raise NotAllowedError(f"{equipment_id}: is not in the plant")
        return position
