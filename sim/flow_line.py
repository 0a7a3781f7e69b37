"""A flow line as discrete events: boards pass stations in series, wait where the next has no room, starve
where none comes.

Every station is a first-in first-out stretch of ``room`` boards: a machine holds one, a conveyor or an oven
many. Time is in seconds since the line began; between two calls of :meth:`FlowLine.advance` events happen at
their own times, so the size of the step does not change what is made.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True, slots=True)
class StationParameters:
    """One station of a line.

    Args:
        name: unique in the line.
        cycle_s: how long a board takes, from in to ready [s].
        spread: coefficient of variation of ``cycle_s`` (gamma distributed); 0 for a belt.
        room: how many boards it holds.
        spacing_s: least time between two boards entering [s].
        reject: probability that a board is taken out here.
        stop: probability that the machine stops while it works on a board.
        repair_s: mean time it then stands [s] (exponentially distributed).
    """

    name: str
    cycle_s: float
    spread: float = 0.0
    room: int = 1
    spacing_s: float = 0.0
    reject: float = 0.0
    stop: float = 0.0
    repair_s: float = 120.0


@dataclass(slots=True)
class _Board:
    ready_s: float
    cycle_s: float
    stop_from_s: float = math.inf
    stop_to_s: float = math.inf


@dataclass(slots=True)
class Station:
    """A station at work. ``entered = good + reject + len(boards)`` at any moment.

    Args:
        parameters: what it is.
        entered: boards that came in.
        good: boards passed on.
        reject: boards taken out.
        cycle_s: time the last board took, waiting for the next station left out [s].
    """

    parameters: StationParameters
    entered: int = 0
    good: int = 0
    reject: int = 0
    cycle_s: float = 0.0
    boards: deque[_Board] = field(default_factory=deque)
    last_entry_s: float = -math.inf

    def state(self, now_s: float) -> str:
        """PackML state (ISA-TR88.00.02): Aborted while it stands for repair, Suspended while it is starved
        or blocked, else Execute."""
        if any(board.stop_from_s <= now_s < board.stop_to_s for board in self.boards):
            return "Aborted"
        return "Execute" if any(board.ready_s > now_s for board in self.boards) else "Suspended"

    def starved(self, now_s: float) -> bool:
        """Whether it has nothing to work on."""
        return not self.boards

    def blocked(self, now_s: float) -> bool:
        """Whether its first board is ready and cannot go on."""
        return bool(self.boards) and self.boards[0].ready_s <= now_s

    def next_entry_s(self, now_s: float) -> float:
        """When a board may come in next; infinity if there is no room until one leaves."""
        if len(self.boards) >= self.parameters.room:
            return math.inf
        return max(now_s, self.last_entry_s + self.parameters.spacing_s)


class FlowLine:
    """Stations in series; boards without end before the first, room without end behind the last.

    Args:
        stations: in order of flow.
    """

    def __init__(self, stations: Sequence[StationParameters]) -> None:
        self.now_s = 0.0
        self.stations = [Station(parameters) for parameters in stations]

    def advance(self, dt_s: float, rng: np.random.Generator) -> None:
        """Let ``dt_s`` [s] pass."""
        end_s = self.now_s + dt_s
        while True:
            moved = self._move_all(rng)
            event_s = self._next_event_s()
            if not moved and event_s > end_s:
                break
            if not moved:
                self.now_s = event_s
        self.now_s = end_s

    def _next_event_s(self) -> float:
        """When a board next becomes ready, or may come in after its spacing."""
        times = [self.stations[0].next_entry_s(self.now_s)]
        for here, after in zip(self.stations, [*self.stations[1:], None], strict=True):
            if here.boards:
                ready_s = here.boards[0].ready_s
                entry_s = after.next_entry_s(self.now_s) if after else self.now_s
                times.append(max(ready_s, entry_s))
        return min(times)

    def _move_all(self, rng: np.random.Generator) -> bool:
        """Move every board that can move now, the last station first, so that room opens before it is asked
        for."""
        moved = False
        for number in range(len(self.stations) - 1, -1, -1):
            here = self.stations[number]
            after = self.stations[number + 1] if number + 1 < len(self.stations) else None
            if here.boards and here.boards[0].ready_s <= self.now_s:
                moved |= self._move_on(here, after, rng)
        first = self.stations[0]
        if first.next_entry_s(self.now_s) <= self.now_s:
            self._enter(first, rng)
            moved = True
        return moved

    def _move_on(self, here: Station, after: Station | None, rng: np.random.Generator) -> bool:
        if after is not None and after.next_entry_s(self.now_s) > self.now_s:
            return False
        board = here.boards.popleft()
        here.cycle_s = board.cycle_s
        if rng.random() < here.parameters.reject:
            here.reject += 1
            return True
        here.good += 1
        if after is not None:
            self._enter(after, rng)
        return True

    def _enter(self, station: Station, rng: np.random.Generator) -> None:
        parameters = station.parameters
        cycle_s = parameters.cycle_s
        if parameters.spread > 0:
            shape = parameters.spread**-2
            cycle_s *= rng.gamma(shape) / shape
        board = _Board(self.now_s + cycle_s, cycle_s)
        if rng.random() < parameters.stop:
            board.stop_from_s = self.now_s + cycle_s * rng.random()
            repair_s = rng.exponential(parameters.repair_s)
            board.stop_to_s = board.stop_from_s + repair_s
            board.ready_s += repair_s
        station.boards.append(board)
        station.entered += 1
        station.last_entry_s = self.now_s
