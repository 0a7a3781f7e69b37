"""What the embedded bus forgets: messages past their topic's age, and the oldest ones above the byte limit.

Runs in the publishing processes, a small transaction at a time. Compacted topics hold one message per key and
are not touched: they are what a newcomer needs to understand the rest.
"""

from __future__ import annotations

import logging
import threading
import time

from twin.bus.base import BusError
from twin.bus.partition_log import Head, LogReader, LogWriter
from twin.contract.topics import TOPICS

LOOK_S = 30.0
"""How often age is looked at, at most."""
_STEP_MESSAGES = 500
_NS_PER_HOUR = 3_600_000_000_000
_LOG = logging.getLogger(__name__)


class Retention:
    """Keeps a log within its bounds.

    Args:
        writer, reader: of the log; the reader is this object's own.
        max_bytes: keep at most about this much.
    """

    def __init__(self, writer: LogWriter, reader: LogReader, max_bytes: int) -> None:
        self._writer = writer
        self._reader = reader
        self._max_bytes = max_bytes
        self._look_bytes = min(8 << 20, max_bytes // 32)
        self._lock = threading.Lock()
        self._published = 0
        self._looked = float("-inf")
        self._failing = False

    def published(self, size: int, now_ns: int) -> None:
        """Note that ``size`` bytes were published; remove what is due, if it is time to look.

        Never fails: the messages are safe already, and the next publish looks again.
        """
        with self._lock:
            self._published += size
            if self._published < self._look_bytes and time.monotonic() - self._looked < LOOK_S:
                return
            self._published, self._looked = 0, time.monotonic()
            try:
                self._remove(now_ns)
                self._failing = False
            except BusError as error:
                if not self._failing:
                    _LOG.warning("old messages cannot be removed: %s", error)
                self._failing = True

    def _remove(self, now_ns: int) -> None:
        heads = self._reader.heads()
        bounded = [head for head in heads if not head.compacted]
        for head in bounded:
            before_ns = now_ns - int(TOPICS[head.partition.topic].retention_hours * _NS_PER_HOUR)
            while old := self._reader.expired(head.id, before_ns, _STEP_MESSAGES):
                self._writer.trim(head.id, old)
        excess = sum(head.bytes for head in self._reader.heads()) - self._max_bytes
        while excess > 0:
            freed = self._remove_oldest(bounded, excess)
            if not freed:
                return
            excess -= freed

    def _remove_oldest(self, heads: list[Head], excess: int) -> int:
        """Remove some messages of the partition that holds the oldest one; return the bytes freed."""
        oldest = {head.id: self._reader.oldest(head.id, _STEP_MESSAGES) for head in heads}
        candidates = [(rows[0][1], id_) for id_, rows in oldest.items() if rows]
        if not candidates:
            return 0
        _, id_ = min(candidates)
        others = [time_ns for time_ns, other in candidates if other != id_]
        freed, up_to = 0, 0
        for offset, time_ns, size in oldest[id_]:
            if freed and (freed >= excess or (others and time_ns > min(others))):
                break
            freed, up_to = freed + size, offset
        self._writer.trim(id_, up_to)
        return freed

    def close(self) -> None:
        """Close the reader."""
        with self._lock:
            self._reader.close()
