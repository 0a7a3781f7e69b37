"""The topics: one row each, the same on every bus."""

from __future__ import annotations

from dataclasses import dataclass

from twin.contract.command import Command, CommandOutcome
from twin.contract.health import MachineHealth
from twin.contract.inspection import Inspection, InspectionReview
from twin.contract.messages import AlarmEntry, DeadLetter, Gap, Payload, SourceConfig, SourceState, TagSet


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic.

    Args:
        name: as on the bus.
        key: what the key of a message is; order is kept per key.
        payload: the message type, or None where values are frames (:mod:`twin.contract.frame`).
        compacted: True if only the newest message of each key is kept.
        retention_hours: how long a message is kept at least; ignored where compacted.
        partitions: how many consumers of one group can share it on a cluster.
    """

    name: str
    key: str
    payload: type[Payload] | None
    compacted: bool = False
    retention_hours: float = 72.0
    partitions: int = 1


READINGS = Topic("readings", key="source", payload=None, partitions=6)
READINGS_AHEAD = Topic("readings_ahead", key="source", payload=None, retention_hours=1.0)
"""The newest reading of each tag while ``readings`` waits behind a backlog: for whoever shows the present.
Every one of them comes on ``readings`` too, in its turn."""
TAG_SETS = Topic("tag_sets", key="tag set id", payload=TagSet, compacted=True)
SOURCE_CONFIGS = Topic("source_configs", key="source", payload=SourceConfig, compacted=True)
SOURCE_STATES = Topic("source_states", key="source", payload=SourceState, compacted=True)
GAPS = Topic("gaps", key="source", payload=Gap, retention_hours=24 * 30)
ALARMS = Topic("alarms", key="alarm", payload=AlarmEntry, retention_hours=24 * 30)
COMMANDS = Topic("commands", key="source", payload=Command, retention_hours=24 * 30)
COMMAND_OUTCOMES = Topic(
    "command_outcomes", key="command id", payload=CommandOutcome, retention_hours=24 * 30
)
INSPECTIONS = Topic("inspections", key="station", payload=Inspection, retention_hours=24 * 30)
INSPECTION_REVIEWS = Topic(
    "inspection_reviews", key="station", payload=InspectionReview, retention_hours=24 * 30
)
HEALTH = Topic("health", key="machine", payload=MachineHealth, retention_hours=24 * 30)
DEAD_LETTERS = Topic("dead_letters", key="topic", payload=DeadLetter, retention_hours=24 * 14)

TOPICS: dict[str, Topic] = {
    topic.name: topic
    for topic in (
        READINGS,
        READINGS_AHEAD,
        TAG_SETS,
        SOURCE_CONFIGS,
        SOURCE_STATES,
        GAPS,
        ALARMS,
        COMMANDS,
        COMMAND_OUTCOMES,
        HEALTH,
        INSPECTIONS,
        INSPECTION_REVIEWS,
        DEAD_LETTERS,
    )
}
"""Every topic by name; a message of another topic is refused by every bus."""
