"""Where each source stands: its last sequence number, and up to which moment it is known to be whole.

A mark is on disk with the readings it follows from. One that only a keep-alive moved is in memory, and on
disk within about a second: that much older a gap begins after a SIGKILL.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import Final

import msgspec

from twin.bus.base import BusError
from twin.bus.embedded_log import DurableLog

WHOLE_S: Final = 1.0
"""A keep-alive alone is written down at most this often."""

_LOG = logging.getLogger(__name__)


class Mark(msgspec.Struct, frozen=True):
    """What is kept for ever of a source.

    Args:
        sequence: of its last frame.
        whole: its last whole moment by its own clock, ns; 0 = never.
        noted: when that was by our clock, ns.
        newest: the newest time of its readings, ns; 0 = not known.
    """

    sequence: int = 0
    whole: int = 0
    noted: int = 0
    newest: int = 0


class Marks:
    """The marks of all sources. Written by the thread of the outbox, read by all.

    Args:
        log: where they are kept.
    """

    def __init__(self, log: DurableLog) -> None:
        self._log = log
        self._known: dict[str, Mark] = {}
        self._stale: set[str] = set()  # whose mark on disk is older than the one in memory
        self._stale_since = 0.0

    def get(self, source: str) -> Mark:
        """Return the mark of a source; one of zeros before its first."""
        mark = self._known.get(source)
        if mark is None:
            raw = self._log.get_meta(_key(source))
            mark = Mark() if raw is None else msgspec.json.decode(raw, type=Mark)
            self._known[source] = mark
        return mark

    def move(self, source: str, mark: Mark) -> None:
        """Change a mark in memory; it goes to disk with the next commit of its source or within a second."""
        self._known[source] = mark
        if not self._stale:
            self._stale_since = time.monotonic()
        self._stale.add(source)

    def committed(self, marks: Mapping[str, Mark]) -> None:
        """Take in marks that are on disk."""
        self._known.update(marks)
        self._stale -= marks.keys()

    def persist(self, *, now: bool = False) -> None:
        """Write down what only memory knows, if that is due or asked for ``now``."""
        if not self._stale or not (now or time.monotonic() - self._stale_since >= WHOLE_S):
            return
        sources, self._stale = self._stale, set()
        self._stale_since = time.monotonic()
        try:
            self._log.append([], meta=encode_marks({source: self.get(source) for source in sources}))
        except BusError as error:
            self._stale |= sources
            _LOG.debug("outbox: the last whole moments could not be written down now: %s", error)


def encode_marks(marks: Mapping[str, Mark]) -> dict[str, bytes]:
    """As the log keeps them beside its entries."""
    return {_key(source): msgspec.json.encode(mark) for source, mark in marks.items()}


def _key(source: str) -> str:
    return f"source:{source}"
