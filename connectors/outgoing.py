"""What is to be sent, as messages of the bus."""

from __future__ import annotations

from typing import Final

from twin.bus.base import Message
from twin.contract.codec import encode_message, frame_headers
from twin.contract.frame import Frame, encode_frame
from twin.contract.messages import Gap, TagSet
from twin.contract.topics import GAPS, READINGS, READINGS_AHEAD, TAG_SETS

MESSAGE_SOURCE: Final = "connectors"


def tag_set_message(tag_set: TagSet, now: int) -> Message:
    """Announce a tag set; ``now`` [ns] is when that is said."""
    value, headers = encode_message(tag_set, message_id=tag_set.id, source=MESSAGE_SOURCE, time_ns=now)
    return Message(TAG_SETS.name, tag_set.id, value, headers)


def gap_message(gap: Gap, now: int) -> Message:
    """Tell a gap."""
    value, headers = encode_message(gap, message_id=gap.id, source=MESSAGE_SOURCE, time_ns=now)
    return Message(GAPS.name, gap.source, value, headers)


def frame_message(frame: Frame, now: int) -> Message:
    """Send a frame in its turn."""
    return Message(READINGS.name, frame.source, encode_frame(frame), frame_headers(frame, now))


def ahead_message(frame: Frame, number: int, now: int) -> Message:
    """Send a frame ahead of its turn; ``number`` tells it from others of the same sequence and moment."""
    headers = frame_headers(frame, now) | {"ce_id": f"{frame.message_id}:ahead:{now}:{number}"}
    return Message(READINGS_AHEAD.name, frame.source, encode_frame(frame), headers)
