"""The reject gate behind an inspection station: what an inspection from outside says of a piece in time."""

from __future__ import annotations

import threading
from collections import OrderedDict

from sim.line.piece import Piece

MOST_TOLD = 256


class RejectGate:
    """Takes verdicts from any thread, and decides when the line asks.

    A verdict that comes before its piece has left the station decides; one that comes later finds the piece
    gone and is counted as late. A piece of which nothing was said is decided on by the line itself, as a
    station does whose inspection is away.

    Attributes:
        obeyed: pieces that a verdict decided on.
        late: verdicts for pieces that had been decided on.
        alone: pieces that the line decided on by itself.
    """

    def __init__(self) -> None:
        self.obeyed = self.late = self.alone = 0
        self._told: OrderedDict[str, bool] = OrderedDict()
        self._decided: OrderedDict[str, bool] = OrderedDict()
        self._lock = threading.Lock()

    def tell(self, serial: str, goes_on: bool) -> bool:
        """Say whether a piece goes on; return whether that was in time. The first word on a piece counts."""
        with self._lock:
            if serial in self._decided:
                self.late += 1
                return False
            self._told.setdefault(serial, goes_on)
            _bound(self._told)
            return True

    def decide(self, piece: Piece) -> bool:
        """Return whether a piece goes on that leaves its station now; a :data:`sim.line.piece.Verdict`."""
        with self._lock:
            goes_on = self._told.pop(piece.serial, None)
            if goes_on is None:
                self.alone += 1
                goes_on = piece.accepted
            else:
                self.obeyed += 1
            self._decided[piece.serial] = goes_on
            _bound(self._decided)
            return goes_on


def _bound(kept: OrderedDict[str, bool]) -> None:
    while len(kept) > MOST_TOLD:
        kept.popitem(last=False)
