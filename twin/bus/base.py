"""What every bus promises, whatever carries it.

* **Durable when told.** When :meth:`Bus.publish` returns, the messages survive a SIGKILL of every process of
ours.
* **At least once.** A message is handed to a group again until a position past it is committed. Consumers are
  idempotent by the message id or by (source, sequence).
* **Order per key.** Messages of one topic and key arrive in the order in which they were published.
* **Groups share.** Consumers of one group share a topic's partitions; each message goes to one of them. A
  consumer without a group sees everything and commits nothing.
* **Bounded.** A topic keeps what its row in :mod:`twin.contract.topics` says and at most the bus's byte
  limit; a consumer that fell behind the retention starts at the oldest kept message, and ``Consumer.lost``
  counts it.
* **Blocking calls.** The interface is synchronous; an asyncio service calls it in a thread.

    BusError
    ├── BusUnavailableError (ConnectionError)   the broker cannot be reached; try again
    ├── BusRefusedError (PermissionError)       the broker does not let us in, or not do this
    ├── BusFullError (OSError)                  the disk is full; nothing was accepted
    ├── BusDamagedError (OSError)               the embedded bus's files are not ours or are damaged
    ├── MessageTooLargeError (ValueError)       a message is larger than any bus carries
    ├── BusUrlError (ValueError)                the URL names no bus
    └── UnknownTopicError (LookupError)         the topic is not in the table
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, Protocol

from twin.contract.errors import ParkTwinError


class BusError(ParkTwinError):
    """The bus could not do what it was asked."""

    code = "bus"


class BusUnavailableError(BusError, ConnectionError):
    """The broker cannot be reached now; nothing is known to be accepted; publish again."""

    code = "bus.unavailable"


class BusRefusedError(BusError, PermissionError):
    """The broker knows us not, or does not allow what was asked; trying again does not help."""

    code = "bus.refused"


class BusFullError(BusError, OSError):
    """There is no room; none of the messages was accepted."""

    code = "bus.full"


class BusDamagedError(BusError, OSError):
    """The files of the embedded bus are damaged, or of a version that this program does not know."""

    code = "bus.damaged"


class MessageTooLargeError(BusError, ValueError):
    """A message is larger than any bus carries; none of the messages was accepted."""

    code = "bus.message_too_large"


class BusUrlError(BusError, ValueError):
    """The URL names no bus."""

    code = "bus.url"


class UnknownTopicError(BusError, LookupError):
    """The topic is not in the table of topics."""

    code = "bus.unknown_topic"


MAX_MESSAGE_BYTES = 8_000_000
"""Key, value and headers of one message together [bytes]; the same on every bus."""


@dataclass(frozen=True, slots=True)
class Message:
    """Something to publish.

    Args:
        topic: a name from :data:`twin.contract.topics.TOPICS`.
        key: what order is kept by.
        value: the payload.
        headers: CloudEvents headers, text only.
    """

    topic: str
    key: str
    value: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Received:
    """A message as it comes off the bus.

    Args:
        message: what was published.
        partition, offset: where it stands; offsets of a partition only grow.
        time_ns: when the bus took it, ns since the epoch.
    """

    message: Message
    partition: int
    offset: int
    time_ns: int


class TopicPartition(NamedTuple):
    """One ordered part of a topic."""

    topic: str
    partition: int


Positions = Mapping[TopicPartition, int]
"""The offset of the next message to read, per partition."""


class Start(StrEnum):
    """Where a reader without a position begins."""

    EARLIEST = "earliest"
    LATEST = "latest"


class Consumer(Protocol):
    """Reads topics. Belongs to one thread."""

    @property
    def positions(self) -> dict[TopicPartition, int]:
        """Next offset to be polled of every partition this consumer reads now; goes into snapshots."""
        ...

    @property
    def lost(self) -> int:
        """Messages that retention removed before this consumer had read them."""
        ...

    def poll(self, timeout_s: float, max_messages: int = 1000) -> list[Received]:
        """Return what is there, waiting up to ``timeout_s`` [s] for a first message; maybe nothing.

        Raises:
            BusUnavailableError: the broker is away; poll again.
        """
        ...

    def commit(self) -> None:
        """Mark everything polled so far as done for the group: call it after the effect is safe.

        Does nothing without a group. Raises BusUnavailableError if it could not be stored: the messages will
        come again.
        """
        ...

    def lag(self) -> int:
        """Messages waiting behind the last poll, over all partitions; -1 if the broker cannot be asked
        now."""
        ...

    def waiting(self) -> frozenset[TopicPartition]:
        """Partitions of which more was known to be there at the last poll than it returned, or of which
        nothing is known yet. Asks nobody."""
        ...

    def ends(self) -> dict[TopicPartition, int]:
        """Ask for the next offset that each partition which this consumer reads will give.

        Raises:
            BusUnavailableError: the broker is away; ask again.
        """
        ...

    def hold(self, partitions: Collection[TopicPartition]) -> None:
        """Leave these partitions out of the next polls, and no others: whoever merges partitions is full of
        them."""
        ...

    def close(self) -> None:
        """Leave the group and free everything; uncommitted messages go to another consumer."""
        ...


class Membership(Protocol):
    """A place in a group that shares partitions without reading them, for work that goes by partition.
    Belongs to one thread."""

    def held(self, timeout_s: float) -> frozenset[int]:
        """Return the partitions that are this member's now, waiting up to ``timeout_s`` [s] for a change.

        Whoever was killed keeps its own for some seconds, and a member that was slow may believe for as long
        that it has what another was given: what it does must be fenced where it takes effect.

        Raises:
            BusUnavailableError: the broker is away; nobody else is given them meanwhile. Call again.
        """
        ...

    def close(self) -> None:
        """Leave the group; others are given the partitions at once."""
        ...


class Bus(Protocol):
    """Carries messages between processes. Thread-safe."""

    @property
    def spread(self) -> bool:
        """Whether processes of several machines can share it."""
        ...

    def publish(self, messages: Sequence[Message]) -> None:
        """Store the messages, all of one call or (on an error) as many as the broker took.

        Raises:
            BusUnavailableError: the broker is away; publish all of them again.
            BusFullError: there is no room; none was accepted.
            UnknownTopicError: a topic is not in the table; none was accepted.
            MessageTooLargeError: a message passes MAX_MESSAGE_BYTES; none was accepted.
        """
        ...

    def consumer(
        self,
        topics: Sequence[str],
        *,
        group: str | None = None,
        start: Start = Start.EARLIEST,
        positions: Positions | None = None,
        partitions: Collection[TopicPartition] | None = None,
    ) -> Consumer:
        """Open a reader.

        Args:
            topics: names from the table.
            group: share and commit under this name; None = read everything, commit nothing.
            start: where to begin a partition that has no committed (or given) position.
            positions: begin here instead; only without a group.
            partitions: read these only, of the topics; only without a group.
        """
        ...

    def join(self, group: str, topic: str) -> Membership:
        """Take part in a group that shares the partitions of a topic without reading them."""
        ...

    def partition_of(self, topic: str, key: str) -> int:
        """Say where messages of a key go.

        Raises:
            BusUnavailableError: the broker cannot be asked how many partitions there are.
        """
        ...

    def close(self) -> None:
        """Close; consumers that are still open must be closed first."""
        ...
