"""What the calculator says on the bus: tag sets, frames of readings, and how it is doing."""

from __future__ import annotations

import numpy as np

from twin.bus.base import Bus, Message
from twin.calculation.calculation import Calculation, Worked
from twin.calculation.metrics import CalculationMetrics
from twin.contract.clock import Clock
from twin.contract.codec import encode_message, frame_headers
from twin.contract.frame import Frame, encode_frame
from twin.contract.messages import Connection, SourceState, TagSet
from twin.contract.topics import READINGS, SOURCE_STATES, TAG_SETS

HEARTBEAT_MS = 1000


class Outlet:
    """Publishes for the source of calculated tags; what the bus did not take waits here. Not thread-safe.

    Args:
        bus: where to.
        calculation: whose tags.
        metrics: counted into.
        clock: ns since the epoch.
    """

    def __init__(self, bus: Bus, calculation: Calculation, metrics: CalculationMetrics, clock: Clock) -> None:
        self._bus = bus
        self._tags = calculation.tags
        self._source = calculation.source
        self._metrics = metrics
        self._clock = clock
        self._since = clock()
        self._connection = Connection.CONNECTING
        self._unsent: list[Message] = []
        self._sent = 0
        self._sets: list[tuple[TagSet, np.ndarray]] = []
        for simulated in (False, True):  # two tag sets: whether a simulator stands behind is said of a set
            rows = np.flatnonzero(calculation.simulated == simulated)
            if len(rows):
                index = np.full(len(self._tags), -1, np.int64)
                index[rows] = np.arange(len(rows))
                self._sets.append((self._tag_set(rows.tolist(), simulated=simulated), index))

    def announce(self) -> None:
        """Say which tags there are.

        Raises:
            BusError: call again.
        """
        messages = []
        for tag_set, _ in self._sets:
            value, headers = encode_message(
                tag_set, message_id=tag_set.id, source=self._source, time_ns=self._clock()
            )
            messages.append(Message(TAG_SETS.name, tag_set.id, value, headers))
        self._bus.publish(messages)

    def put(self, worked: Worked, sequence: int, now: int) -> int:
        """Take readings, the first frame under ``sequence``; return the number of the last frame."""
        for tag_set, index in self._sets:
            mine = worked.take(index[worked.tag] >= 0)
            if len(mine):
                frame = Frame(
                    source=self._source,
                    sequence=sequence,
                    tag_set=tag_set.id,
                    index=index[mine.tag].astype(np.uint32),
                    source_time=mine.time,
                    status=mine.status,
                    value=mine.value,
                )
                headers = frame_headers(frame, now)
                self._unsent.append(Message(READINGS.name, self._source, encode_frame(frame), headers))
                self._sent += len(mine)
                self._metrics.readings.inc(len(mine))
                sequence += 1
        return sequence - 1

    def publish(self) -> None:
        """Publish what waits.

        Raises:
            BusError: it waits on; call again.
        """
        if self._unsent:
            self._bus.publish(self._unsent)
            self._unsent = []

    def tell(self, connection: Connection, now: int) -> None:
        """Say how the calculation is doing.

        Raises:
            BusError: nobody was told.
        """
        if connection is not self._connection:
            self._connection, self._since = connection, now
        state = SourceState(
            source=self._source,
            connection=connection,
            since=self._since,
            time=now,
            last_heard=now,
            requested=len(self._tags),
            monitored=len(self._tags),
            readings=self._sent,
            heartbeat_ms=HEARTBEAT_MS,
        )
        identifier = f"{self._source}:{now}"
        value, headers = encode_message(state, message_id=identifier, source=self._source, time_ns=now)
        self._bus.publish([Message(SOURCE_STATES.name, self._source, value, headers)])

    def _tag_set(self, rows: list[int], *, simulated: bool) -> TagSet:
        tags = [self._tags[row] for row in rows]
        return TagSet(
            source=self._source,
            tags=tuple(tag.tag for tag in tags),
            units=tuple(tag.signal.unit for tag in tags),
            data_types=tuple(tag.signal.data_type for tag in tags),
            simulated=simulated,
        )
