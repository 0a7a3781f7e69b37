"""The pieces that one camera saw last, for whoever asks for the next one or for one by its serial number."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from sim.cameras.camera import Camera
from sim.cameras.errors import CameraDeadError
from sim.cameras.faults import check_fault
from sim.cameras.picture import Piece


@dataclass(frozen=True, slots=True, eq=False)
class Capture:
    """A piece that lay before a camera.

    Args:
        number: of this camera's captures, from 1 on without a gap.
        piece: what lay there.
        faults: the camera's condition at that moment: severity by name.
    """

    number: int
    piece: Piece
    faults: Mapping[str, float]


class Feed:
    """A bounded queue between a line, which never waits, and who inspects, who may be late or away.

    No picture is drawn before somebody asks for it. :meth:`offer` and :meth:`set_fault` may be called from
    any thread; all else belongs to one event loop.

    Args:
        camera: whose.
        keep: how many captures are kept; the oldest goes first.
    """

    def __init__(self, camera: Camera, keep: int) -> None:
        self.camera = camera
        self.faults: dict[str, float] = {}
        self.seen = 0
        self.dropped = 0
        self.lost = 0
        self._recent: deque[Capture] = deque(maxlen=keep)
        self._handed = 0
        self._lock = threading.Lock()
        self._listening: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    def offer(self, piece: Piece) -> None:
        """Let a piece pass under the camera.

        A dead camera sees nothing: the piece counts as :attr:`lost`. What nobody took before the queue was
        full counts as :attr:`dropped`.

        Raises:
            UnknownDefectError: its pictures cannot show one of the piece's defects.
        """
        self.camera.check_defects(piece.defects)
        with self._lock:
            if self.dead:
                self.lost += 1
                return
            full = len(self._recent) == self._recent.maxlen
            if full and self._recent[0].number > self._handed:
                self.dropped += 1
            self.seen += 1
            self._recent.append(Capture(self.seen, piece, dict(self.faults)))
            self._wake()

    def set_fault(self, name: str, severity: float) -> None:
        """Set the camera's condition from the next piece on; a severity of 0 repairs it.

        Raises:
            UnknownFaultError: no such fault.
        """
        check_fault(name)
        with self._lock:
            self.faults = {**self.faults, name: severity}
            if severity <= 0:
                del self.faults[name]
            self._wake()

    @property
    def dead(self) -> bool:
        """Whether the camera sends nothing now."""
        return self.faults.get("camera_dead", 0.0) >= 1

    @property
    def waiting(self) -> int:
        """Captures that nobody has taken."""
        with self._lock:
            return sum(capture.number > self._handed for capture in self._recent)

    @property
    def listeners(self) -> int:
        """How many wait for the next piece."""
        with self._lock:
            return len(self._listening)

    @property
    def oldest(self) -> int:
        """Number of the oldest capture kept; 0 if there is none."""
        with self._lock:
            return self._recent[0].number if self._recent else 0

    def find(self, serial: str) -> Capture | None:
        """The last capture of a serial number, or None if it is not among those kept."""
        with self._lock:
            return next((c for c in reversed(self._recent) if c.piece.serial == serial), None)

    def serials(self) -> tuple[str, ...]:
        """Serial numbers of what is kept, oldest first."""
        with self._lock:
            return tuple(capture.piece.serial for capture in self._recent)

    def peek(self, after: int | None = None) -> Capture | None:
        """The oldest capture that nobody has taken, or the oldest after number ``after``; None = no such.

        Raises:
            CameraDeadError: the camera sends nothing, and nothing older is left.
        """
        with self._lock:
            least = self._handed if after is None else after
            found = next((capture for capture in self._recent if capture.number > least), None)
            if found is None and self.dead:
                raise CameraDeadError(f"camera {self.camera.station}: sends nothing; somebody must repair it")
            return found

    def take(self) -> Capture | None:
        """Take the oldest capture that nobody has taken; None if there is none.

        Raises:
            CameraDeadError: as :meth:`peek`.
        """
        found = self.peek()
        if found is not None:
            self._handed = found.number
        return found

    @contextmanager
    def listening(self) -> Iterator[asyncio.Event]:
        """Give an event of the running loop that is set whenever a piece comes or the condition changes."""
        entry = (asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            self._listening.append(entry)
        try:
            yield entry[1]
        finally:
            with self._lock:
                self._listening.remove(entry)

    def _wake(self) -> None:
        for loop, event in self._listening:
            loop.call_soon_threadsafe(event.set)
