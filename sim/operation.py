"""What makes a machine run: what an operator wants, its calendar, its supply, its health, its process and its
line; as a PackML state (ISA-TR88.00.02)."""

from __future__ import annotations

import numpy as np

from sim.calendar.calendar import Phase, make_calendars
from sim.faults.disturbances import Disturbances
from sim.fleets import Fleets, OptionalOutput
from sim.kind import ABORTED, EXECUTE, F64, HELD, STATE, STATION, STOPPED, SUSPENDED, Bools
from sim.line.columns import I8, Controls
from sim.line.piece import OnInspected
from sim.line.shop_floor import ShopFloor
from sim.plant import Plant
from sim.wiring import Neighbours, Supply


class Operation:
    """Whether each machine of a plant runs, in fleet order, as columns that :meth:`advance` changes in place.

    Args:
        plant: what is run.
        fleets: its machines.
        seed: of all randomness.
        start_ns: the first moment.
        on_inspected: told of every inspected piece.
        on_entered: told of every piece as it comes before a camera.

    Attributes:
        wanted: ``bool[n]``: nobody has stopped it; changed by operators.
        powered: ``bool[n]``: it has electricity.
        state: ``int8[n]``, index of :data:`sim.kind.PACKML_STATES`.
        running: ``bool[n]``: Execute.
        work, begun, wip, made: ``float64[n]``, as in :class:`sim.kind.Tick`.
    """

    def __init__(
        self,
        plant: Plant,
        fleets: Fleets,
        *,
        seed: int,
        start_ns: int,
        on_inspected: OnInspected | None = None,
        on_entered: OnInspected | None = None,
    ) -> None:
        units = fleets.units
        n = len(units)
        self._supply = Supply([unit.equipment for unit in units], Neighbours(plant.links))
        self._closed = OptionalOutput(fleets, "closed", 1.0)
        self._ready = OptionalOutput(fleets, "ready", 1.0)
        self._pace = OptionalOutput(fleets, "pace", 1.0)
        self._reject = OptionalOutput(fleets, "reject_share", 0.0)
        calendars = make_calendars(plant.calendars, plant.utc_offset_h)
        self._calendars = [
            (calendar, np.array([unit.calendar == name for unit in units], np.bool_))
            for name, calendar in calendars.items()
        ]
        self._next_change_ns = start_ns
        self._on_shift: Bools = np.ones(n, np.bool_)
        self._operated: Bools = np.array(
            [fleets.kind_of[unit.equipment].has_state for unit in units], np.bool_
        )
        self.lines = ShopFloor(
            plant.lines,
            calendars,
            seed=seed,
            start_ns=start_ns,
            on_inspected=on_inspected,
            on_entered=on_entered,
        )
        self._stations = np.array([fleets.position[one] for one in self.lines.equipment], np.intp)
        self._station_rows = [
            (name, np.array([fleets.row_of[one, name] for one in self.lines.equipment], np.intp))
            for name in (signal.name for signal in STATION)
        ]
        self._with_state = np.flatnonzero(self._operated)
        self._state_rows = np.array(
            [fleets.row_of[units[number].equipment, STATE.name] for number in self._with_state.tolist()],
            np.intp,
        )
        self._short: Bools = np.zeros(len(self._stations), np.bool_)
        self.wanted: Bools = np.ones(n, np.bool_)
        self.powered: Bools = np.ones(n, np.bool_)
        self.running: Bools = np.ones(n, np.bool_)
        self.state: I8 = np.full(n, EXECUTE, np.int8)
        self.work: F64 = np.ones(n)
        self.begun: F64 = np.zeros(n)
        self.wip: F64 = np.zeros(n)
        self.made: F64 = np.zeros(n)

    def advance(
        self, now_ns: int, outputs: F64, whole: Bools, disturbances: Disturbances, *, first: bool
    ) -> None:
        """Go on until ``now_ns``.

        Args:
            now_ns: simulated time.
            outputs: of all machines, as the last step left them.
            whole: ``bool[n]``, no failure keeps it standing.
            disturbances: faults from outside.
            first: True before any machine has put out anything.
        """
        if not first:
            for output in (self._closed, self._ready, self._pace, self._reject):
                output.read(outputs)
        if now_ns >= self._next_change_ns:
            self._look_at_calendars(now_ns)
        self.powered[:] = self._supply.powered(self._closed.value > 0.5)
        ready = self._ready.value > 0.5
        whole = whole & ~disturbances.tripped
        shown = np.where(disturbances.short, SUSPENDED, HELD)
        shown[~self.wanted] = STOPPED
        shown[~whole] = ABORTED
        shown[~self.powered] = STOPPED
        available = self.powered & self.wanted & whole & ready & ~disturbances.short
        state = np.where(available & self._on_shift, EXECUTE, shown)
        state[available & ~self._on_shift] = STOPPED
        self._advance_lines(now_ns, available, shown.astype(np.int8), disturbances)
        state[self._stations] = self.lines.columns.state
        self.state[:] = state
        self.running[:] = (state == EXECUTE) | ~self._operated
        self.work[:] = self.running
        columns = self.lines.columns
        self.work[self._stations] = columns.work
        self.begun[self._stations] = columns.begun
        self.wip[self._stations] = columns.wip
        self.made[self._stations] = columns.made

    def show(self, outputs: F64) -> None:
        """Write states and what lines count into the outputs."""
        outputs[self._state_rows] = self.state[self._with_state]
        columns = self.lines.columns
        shown = {
            "starved": columns.starved | self._short,
            "blocked": columns.blocked,
            "cycle_time": columns.cycle_s,
            "good_count": columns.good,
            "reject_count": columns.reject,
        }
        for name, rows in self._station_rows:
            outputs[rows] = shown[name]

    def _advance_lines(self, now_ns: int, available: Bools, shown: I8, disturbances: Disturbances) -> None:
        here = self._stations
        pace = self._pace.value[here] * disturbances.pace[here]
        reject = np.minimum(self._reject.value[here] + disturbances.reject_share[here], 1.0)
        self.lines.advance(now_ns, Controls(available[here], pace, reject, shown[here]))
        self._short = disturbances.short[here]

    def _look_at_calendars(self, now_ns: int) -> None:
        changes = []
        for calendar, units in self._calendars:
            self._on_shift[units] = calendar.phase(now_ns) is not Phase.OFF
            changes.append(calendar.next_change_ns(now_ns))
        self._next_change_ns = min((change for change in changes if change is not None), default=1 << 62)
