"""A source as its connector would show it on a bus."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from tests.twin.state.parks import NOW, Row, connected, make_frame, tag_set
from twin.bus.base import Bus, Message
from twin.contract.codec import encode_message, frame_headers
from twin.contract.frame import encode_frame
from twin.contract.messages import SourceState
from twin.contract.topics import READINGS, READINGS_AHEAD, SOURCE_STATES, TAG_SETS
from twin.park.model import Park


class BusSource:
    """Announces its tags, then publishes frames and heartbeats."""

    def __init__(self, bus: Bus, park: Park, identifier: str = "anphat") -> None:
        self._bus = bus
        self._identifier = identifier
        self._sequence = 0
        self.tags = tag_set(park, identifier)
        value, headers = encode_message(self.tags, message_id=self.tags.id, source=identifier, time_ns=NOW)
        bus.publish([Message(TAG_SETS.name, self.tags.id, value, headers)])

    def tell(self, rows: Sequence[Row], *, sequence: int | None = None, set_id: str | None = None) -> None:
        """Publish readings of (index, source time [ns], value[, status[, text]])."""
        self._sequence = self._sequence + 1 if sequence is None else sequence
        frame = make_frame(
            rows, sequence=self._sequence, identifier=self._identifier, set_id=set_id or self.tags.id
        )
        headers = frame_headers(frame, NOW)
        self._bus.publish([Message(READINGS.name, self._identifier, encode_frame(frame), headers)])

    def tell_ahead(self, rows: Sequence[Row], *, sequence: int) -> None:
        """Publish the newest readings ahead of a backlog that ends with frame ``sequence``."""
        frame = make_frame(rows, sequence=sequence, identifier=self._identifier, set_id=self.tags.id)
        self._bus.publish([Message(READINGS_AHEAD.name, self._identifier, encode_frame(frame))])

    def tell_bytes(self, value: bytes) -> None:
        """Publish something that claims to be a frame."""
        self._bus.publish([Message(READINGS.name, self._identifier, value)])

    def beat(self, state: SourceState | None = None) -> None:
        """Publish a heartbeat."""
        state = state or connected(self._identifier)
        value, headers = encode_message(state, message_id=uuid4().hex, source=state.source, time_ns=NOW)
        self._bus.publish([Message(SOURCE_STATES.name, state.source, value, headers)])
