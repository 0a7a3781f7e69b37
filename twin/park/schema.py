"""What may stand in a park file, section by section, as pydantic models; unknown keys are refused.

Values are never converted: a text is no number, a number is no text. Models check one entry by itself; what
entries say of each other is checked where the park is put together.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AllowInfNan, Field, Strict

from twin.contract.messages import Protocol, SecurityMode, SecurityPolicy
from twin.park.alarm import AlarmClass, AlarmType, Priority
from twin.park.calculated_schema import CalculatedEntry, LimitsEntry
from twin.park.command import ArgumentType, RiskClass
from twin.park.entry import (
    Coordinate,
    Delay,
    Entry,
    FileStem,
    Flag,
    Given,
    Interval,
    Key,
    NameOrText,
    Number,
    Range,
    Sampling,
    Size,
    Text,
    TextOrTexts,
    Vector,
    Word,
)
from twin.park.kpi_schema import (
    BalanceEntry,
    CalendarEntry,
    EmissionFactorEntry,
    MeterEntry,
    OeeEntry,
    PermitEntry,
)
from twin.park.model import Level, NetworkKind, Role, SiteKind
from twin.park.network_schema import NETWORK_SECTIONS


class ParkEntry(Entry):
    """The park itself."""

    id: Text
    name: NameOrText
    timezone: Text


class PlaceEntry(Entry):
    """Enterprise, site, area or line; the level follows from the depth of the id unless given."""

    id: Text
    name: NameOrText
    level: Level | None = None


class SignalEntry(Entry):
    """A signal that every equipment of the kind has; the id may have a pattern ``{a..b}``."""

    id: Text
    name: NameOrText
    unit: Word = ""
    data_type: Word = "Double"
    range: Range = (None, None)
    limits: LimitsEntry = LimitsEntry()
    role: Role = ""
    decimals: Annotated[int, Strict(), Field(ge=0, le=9)] = 1
    stale_after_s: Annotated[float, Strict(), AllowInfNan(False), Field(gt=0, le=31_622_400)] | None = None
    sampling_interval_ms: Sampling | None = None
    queue_size: Annotated[int, Strict(), Field(ge=1, le=100_000)] | None = None
    deadband: Annotated[float, Strict(), AllowInfNan(False), Field(gt=0)] | None = None
    deadband_percent: Annotated[float, Strict(), AllowInfNan(False), Field(gt=0, lt=100)] | None = None


class KindEntry(Entry):
    """A kind of equipment."""

    id: Key
    name: NameOrText
    shape: Key = "cabinet"
    size: Size | None = None
    signals: tuple[SignalEntry, ...]


class SignalChange(Entry):
    """What one equipment has otherwise than its kind."""

    range: Range | None = None
    limits: LimitsEntry | None = None
    stale_after_s: Annotated[float, Strict(), AllowInfNan(False), Field(gt=0, le=31_622_400)] | None = None
    source: Text | None = None
    node: Text | None = None


class EquipmentEntry(Entry):
    """One machine, or with a pattern in the id a row of equal ones."""

    id: Text
    kind: Text
    name: NameOrText
    position: Vector
    step: Vector | None = None
    size: Size | None = None
    rotation_deg: Annotated[float, Strict(), AllowInfNan(False), Field(ge=-360, le=360)] = 0.0
    source: Text
    node: Text | None = None
    simulated: Flag | None = None
    note: NameOrText | None = None
    signals: dict[str, SignalChange] = Field(default_factory=dict)


class UserEntry(Entry):
    """Who comes in: a name with a password, both by the environment variable that holds it, or a certificate
    by its name in the connector's folder of users."""

    name_env: Text | None = None
    password_env: Text | None = None
    certificate: FileStem | None = None


class SecurityEntry(Entry):
    """How a source is to be reached."""

    policy: SecurityPolicy = "None"
    mode: SecurityMode | None = None
    check_host: Flag = True
    user: UserEntry | None = None


class RegisterEntry(Entry):
    """Where one signal of a Modbus device lies, and how."""

    signal: Text
    table: Literal["holding", "input", "coil", "discrete"] = "holding"
    address: Annotated[int, Strict(), Field(ge=0, le=65_535)]
    type: (
        Literal["int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64", "bit"] | None
    ) = None
    word_order: Literal["big", "little"] = "big"
    scale: Number = 1.0
    offset: Number = 0.0
    bit: Annotated[int, Strict(), Field(ge=0, le=15)] = 0
    missing: Annotated[int, Strict(), Field(ge=-(2**63), lt=2**64)] | None = None
    unit: Word = ""


class RegisterMapEntry(Entry):
    """What a model of Modbus device has in its registers."""

    id: Key
    name: NameOrText | None = None
    registers: Annotated[tuple[RegisterEntry, ...], Field(min_length=1)]


class SourceEntry(Entry):
    """A server that a connector reads."""

    id: Text
    name: NameOrText
    protocol: Protocol
    endpoint: Text
    node: Text | None = None
    publishing_interval_ms: Interval = 500.0
    sampling_interval_ms: Sampling = 500.0
    connections: Annotated[int, Strict(), Field(ge=1, le=32)] = 1
    simulated: Flag = False
    commands: Flag = False
    security: SecurityEntry | None = None


class SuppressEntry(Entry):
    """Suppressed by design while another signal of the same equipment has one of these values."""

    signal: Key
    values: tuple[Number, ...] = ()
    texts: tuple[Text, ...] = ()
    hold_s: Delay = 0.0


class AlarmEntry(Entry):
    """An alarm rule; see :class:`twin.park.alarm.AlarmRule`."""

    id: Key
    name: NameOrText
    type: AlarmType
    kind: Text | None = None
    signal: TextOrTexts | None = None
    equipment: TextOrTexts | None = None
    source: TextOrTexts | None = None
    limit: Number | None = None
    deadband: Annotated[float, Strict(), AllowInfNan(False), Field(ge=0)] | None = None
    on_delay_s: Delay = 0.0
    off_delay_s: Delay = 0.0
    setpoint: Number | None = None
    setpoint_signal: Key | None = None
    window_s: Annotated[float, Strict(), AllowInfNan(False), Field(ge=0.1, le=86_400)] | None = None
    values: tuple[Number, ...] = ()
    texts: tuple[Text, ...] = ()
    after_s: Annotated[float, Strict(), AllowInfNan(False), Field(gt=0, le=31_622_400)] | None = None
    priority: Priority = "medium"
    alarm_class: AlarmClass = "process"
    latch: Flag = False
    enabled: Flag = True
    suppress_while: SuppressEntry | None = None
    when: Annotated[str, Strict(), Field(min_length=1, max_length=1000)] | None = None
    cause: NameOrText | None = None
    consequence: NameOrText | None = None
    response: NameOrText | None = None


class ArgumentEntry(Entry):
    """What a person gives along with a command."""

    type: ArgumentType = "number"
    range: Range = (None, None)
    unit: Word = ""
    options: tuple[Given, ...] = ()


class ReadBackEntry(Entry):
    """How to see that a command was carried out."""

    signal: Key | None = None
    node: Text | None = None
    values: tuple[Given, ...] = ()
    tolerance: Annotated[float, Strict(), AllowInfNan(False), Field(ge=0)] = 0.0
    hold_s: Annotated[float, Strict(), AllowInfNan(False), Field(ge=0, le=600)] = 0.0
    within_s: Annotated[float, Strict(), AllowInfNan(False), Field(ge=0.1, le=900)] = 10.0


class InterlockEntry(Entry):
    """A condition that must hold before a command."""

    id: Key
    name: NameOrText
    when: Annotated[str, Strict(), Field(min_length=1, max_length=1000)]


class CommandEntry(Entry):
    """What a person may do to equipment of a kind; see :class:`twin.park.command.CommandRule`."""

    id: Key
    name: NameOrText
    kind: TextOrTexts
    equipment: TextOrTexts | None = None
    risk: RiskClass = "high"
    write: Key | None = None
    node: Text | None = None
    method: Text | None = None
    object: Text | None = None
    argument: ArgumentEntry | None = None
    value: Given | None = None
    data_type: Word = ""
    read_back: ReadBackEntry | None = None
    interlocks: tuple[InterlockEntry, ...] = ()
    expires_s: Annotated[float, Strict(), AllowInfNan(False), Field(ge=1, le=3600)] = 30.0
    consequence: NameOrText | None = None


class LinkEntry(Entry):
    """What feeds what; every upstream feeds every downstream."""

    network: NetworkKind
    upstream: TextOrTexts
    downstream: TextOrTexts


class SiteEntry(Entry):
    """Something of the place that is no equipment."""

    id: Text
    kind: SiteKind
    name: NameOrText | None = None
    points: tuple[tuple[Coordinate, Coordinate], ...]
    height: Annotated[float, Strict(), AllowInfNan(False), Field(ge=0, le=1000)] = 0.0
    width: Annotated[float, Strict(), AllowInfNan(False), Field(ge=0, le=1000)] = 0.0


SECTIONS: Mapping[str, type[Entry]] = {
    "places": PlaceEntry,
    "kinds": KindEntry,
    "equipment": EquipmentEntry,
    "register_maps": RegisterMapEntry,
    "sources": SourceEntry,
    "links": LinkEntry,
    "calculated": CalculatedEntry,
    "alarms": AlarmEntry,
    "commands": CommandEntry,
    "calendars": CalendarEntry,
    "oee": OeeEntry,
    "meters": MeterEntry,
    "balances": BalanceEntry,
    "permits": PermitEntry,
    "emission_factors": EmissionFactorEntry,
    **NETWORK_SECTIONS,
    "site": SiteEntry,
}
"""The lists of a park file; those of included files are put behind those of the main file."""
