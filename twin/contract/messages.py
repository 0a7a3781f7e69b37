"""Everything said on the bus that is not a frame: frozen rows, one schema per ``type@version``.

Fields are only ever added, with a default; a changed meaning is a new version. Texts for people come in
Vietnamese and English where the twin shows them; ``detail`` is for the engineer and stays as the machine
said it.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

import msgspec

from twin.contract.command import Command, CommandOutcome
from twin.contract.errors import ContractError
from twin.contract.health import MachineHealth
from twin.contract.inspection import Inspection, InspectionReview
from twin.contract.payload import Count, Int64, SourceId, UInt32
from twin.contract.payload import Payload as Payload

SamplingMs = Annotated[float, msgspec.Meta(ge=0, le=3_600_000)]
QueueSize = Annotated[int, msgspec.Meta(ge=0, le=100_000)]
Deadband = Annotated[float, msgspec.Meta(ge=0)]
Percent = Annotated[float, msgspec.Meta(ge=0, le=100)]
HeartbeatMs = Annotated[int, msgspec.Meta(ge=1, le=3_600_000)]
"""A longer one would be a promise nobody could hold a connector to."""


class TagSet(Payload, frozen=True, kw_only=True):
    """Which index of a frame means which tag: announced once per connection, under its content hash.

    Args:
        source: the source whose frames use it.
        tags: the tags, in index order.
        units: unit symbol of each tag, "" for none; same length.
        data_types: OPC UA built-in type name of each tag ("Double", "String"...); same length.
        simulated: True if the source is a simulator: trust travels with the value.
    """

    TYPE: ClassVar[str] = "tag_set@1"

    source: str
    tags: tuple[str, ...]
    units: tuple[str, ...]
    data_types: tuple[str, ...]
    simulated: bool = False

    def __post_init__(self) -> None:
        if not len(self.tags) == len(self.units) == len(self.data_types):
            raise ContractError(f"tag set of {self.source!r}: tags, units and data types differ in length")

    @property
    def id(self) -> str:
        """Content hash, 32 hex digits."""
        return hashlib.blake2b(msgspec.json.encode(self), digest_size=16).hexdigest()


class SourceItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One signal that a connector is to read, and where it finds it.

    Args:
        tag: the tag it feeds.
        node: for OPC UA ``nsu=<namespace uri>;s=<identifier>`` (or ``i=``, ``g=``, ``b=``), never a bare
            index; for Modbus ``unit=<n>;<table>=<address>;type=<type>`` with ``word_order=``, ``scale=``,
            ``offset=``, ``bit=``, ``missing=`` where they are not the default.
        unit: unit symbol, "" for none.
        data_type: OPC UA built-in type name the park file expects, "" to take what the server says.
        sampling_interval_ms: how often the server is to look at it; None = as at its source's others.
        queue_size: how many values the server is to keep until it can publish them; 0 = what the intervals
            ask for.
        deadband: smallest change that is told, in ``unit``; 0 = every change.
        deadband_percent: the same in percent of the range, for a server that knows the range [%]; 0 = tell it
            ``deadband``.
    """

    tag: str
    node: str
    unit: str = ""
    data_type: str = ""
    sampling_interval_ms: SamplingMs | None = None
    queue_size: QueueSize = 0
    deadband: Deadband = 0.0
    deadband_percent: Percent = 0.0


Protocol = Literal["opcua", "modbus"]
"""Which connector a source is for."""
SecurityPolicy = Literal[
    "None", "Basic256Sha256", "Aes128Sha256RsaOaep", "Aes256Sha256RsaPss", "Basic256", "Basic128Rsa15"
]
"""OPC UA security policies by name; the last two are obsolete (OPC 10000-7, SHA-1) and refused unless a
setting of the connector names them."""
SecurityMode = Literal["sign", "sign_and_encrypt"]


class SourceSecurity(msgspec.Struct, frozen=True, kw_only=True):
    """How a connector is to prove who it is and protect what is said; secrets are never in here, only the
    names under which the connector's own machine keeps them.

    Args:
        policy: of the secure channel.
        mode: with a policy other than None.
        check_host: refuse a server whose certificate does not name the host of the endpoint.
        user_name_env, password_env: environment variables of the connector that hold them; "" = no user.
        user_certificate: name of a certificate with its key in the connector's folder of users; "" = none.
    """

    policy: SecurityPolicy = "None"
    mode: SecurityMode = "sign_and_encrypt"
    check_host: bool = True
    user_name_env: str = ""
    password_env: str = ""
    user_certificate: str = ""


class SourceConfig(Payload, frozen=True, kw_only=True):
    """What a connector is to do for one source; compacted by source, so a late reader gets the newest.

    Args:
        source: id of the source.
        protocol: which connector it is for.
        endpoint: URL of the device, e.g. ``opc.tcp://127.0.0.1:4840/``.
        publishing_interval_ms: how often the server is to report.
        sampling_interval_ms: how often the server is to look.
        items: what to read. Empty and ``removed`` false is a source with nothing to read, which is an error.
        removed: True once the source is no longer in the park file.
        simulated: True if a simulator stands behind the endpoint.
        park: id of the park whose twin says this; only that twin may change or remove it, so that parks can
            share a bus.
        security: how to come in; the default is an open channel without a user.
        commands: True if commands may be carried out at this source; else every one is refused.
    """

    TYPE: ClassVar[str] = "source_config@1"

    source: SourceId
    protocol: Protocol
    endpoint: str
    publishing_interval_ms: float = 500.0
    sampling_interval_ms: float = 500.0
    items: tuple[SourceItem, ...] = ()
    removed: bool = False
    simulated: bool = False
    park: str = ""
    security: SourceSecurity = SourceSecurity()
    commands: bool = False


class Connection(StrEnum):
    """What a connector knows of its source."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    LOST = "lost"
    STOPPED = "stopped"


class FailedItem(msgspec.Struct, frozen=True, kw_only=True):
    """A signal that was asked for and is not monitored.

    Args:
        tag: which.
        node: where it was looked for.
        status: the OPC UA status code the server answered.
        reason: a sentence: thing, value, rule, next step.
    """

    tag: str
    node: str
    status: UInt32
    reason: str


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is wrong with a service or a source now and that a person should know.

    Args:
        code: stable name, e.g. ``outbox_full``; the page has a text for it in each language.
        since: ns since the epoch.
        detail: what exactly, for the engineer.
    """

    code: str
    since: Int64
    detail: str


class SourceState(Payload, frozen=True, kw_only=True):
    """How one source is doing, said every heartbeat by its connector. ``requested = monitored + len(failed)``
    once connected.

    Args:
        source: id of the source.
        connection: what the connector knows.
        since: when ``connection`` became so, ns.
        time: when this was said, ns.
        last_heard: when the server last sent anything (a keep-alive counts), ns; 0 = never.
        requested: signals asked for.
        monitored: signals the server reports.
        failed: the others, by name.
        readings: readings taken into the outbox since the process started.
        unsent: frames accepted that are not yet on the bus.
        heartbeat_ms: how often this is said; a reader that misses three knows that the connector is gone.
        last_error: what went wrong last, "" if nothing has.
        conditions: what is wrong now.
    """

    TYPE: ClassVar[str] = "source_state@1"

    source: str
    connection: Connection
    since: Int64
    time: Int64
    last_heard: Int64 = 0
    requested: Count = 0
    monitored: Count = 0
    failed: tuple[FailedItem, ...] = ()
    readings: Count = 0
    unsent: Count = 0
    heartbeat_ms: HeartbeatMs = 1000
    last_error: str = ""
    conditions: tuple[Condition, ...] = ()


class GapReason(StrEnum):
    """Why there is nothing between two readings."""

    CONNECTOR_DOWN = "connector_down"
    SOURCE_LOST = "source_lost"
    SERVER_OVERFLOW = "server_overflow"
    OUTBOX_FULL = "outbox_full"


class Gap(Payload, frozen=True, kw_only=True):
    """An interval in which readings of a source could not be had: open at ``start``, closed at ``end``.

    Args:
        id: ``<source>:<start>:<reason>``-like, unique; a gap told twice is one gap, as it was told last. Told
            again with ``end`` at its ``start`` it is withdrawn: it was filled later.
        source: whose.
        start: the last moment known to be whole, ns of the source's clock.
        end: the first moment known to be whole again, ns.
        reason: why.
        tags: which tags; empty = all of the source.
    """

    TYPE: ClassVar[str] = "gap@1"

    id: str
    source: str
    start: Int64
    end: Int64
    reason: GapReason
    tags: tuple[str, ...] = ()


class DeadLetter(Payload, frozen=True, kw_only=True):
    """A message that a consumer could not read, kept with the reason.

    Args:
        topic, partition, offset: where it stood.
        key: its key.
        consumer: who could not read it.
        code: the error's stable code.
        reason: the error's text.
        time: when, ns.
        value: the bytes as they were (base64 in JSON), at most 64 KiB of them.
        headers: its headers.
    """

    TYPE: ClassVar[str] = "dead_letter@1"

    topic: str
    partition: Int64
    offset: Int64
    key: str
    consumer: str
    code: str
    reason: str
    time: Int64
    value: bytes
    headers: dict[str, str] = msgspec.field(default_factory=dict)


class AlarmEntry(Payload, frozen=True, kw_only=True):
    """One entry of the alarm journal: what happened to an alarm, when, and by whom. Entries of one alarm come
    in the order of ``number``.

    Args:
        park: whose journal.
        number: of the entry in it; (park, number) is told once, a repetition is the same entry.
        alarm: ``<tag>:<rule>`` or ``<source>:<rule>``.
        subject: the tag or the source.
        equipment: id of the equipment, "" where a source is watched.
        event: what happened, e.g. ``alarm``, ``acknowledge``, ``comment``.
        from_state, to_state: by ISA-18.2, e.g. ``unacknowledged``; the same where only a fact was noted.
        active: whether the condition holds after it.
        time: when it happened; of a condition the time of the reading, ns.
        recorded: when it was written down, ns.
        by: a person, or ``system``.
        reason: in words, "" if none was given.
        priority, alarm_class: of the alarm.
        value, limit: the reading and what it passed; null where there is none.
        name_vi, name_en: of the alarm.
    """

    TYPE: ClassVar[str] = "alarm_entry@1"

    park: str
    number: Count
    alarm: str
    subject: str
    equipment: str
    event: str
    from_state: str
    to_state: str
    active: bool
    time: Int64
    recorded: Int64
    by: str
    reason: str = ""
    priority: str = ""
    alarm_class: str = ""
    value: float | None = None
    limit: float | None = None
    name_vi: str = ""
    name_en: str = ""


MESSAGE_TYPES: tuple[type[Payload], ...] = (
    TagSet,
    SourceConfig,
    SourceState,
    Gap,
    DeadLetter,
    AlarmEntry,
    Command,
    CommandOutcome,
    Inspection,
    InspectionReview,
    MachineHealth,
)
"""Every message; a new one is a new row here, a topic row and a golden file."""
