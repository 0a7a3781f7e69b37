"""A command to the plant and what came of it.

A command is a request that a person made and the twin has let through: it says what is to be written or
called, within what bounds, how to see that it took effect, who wants it and who agreed, and when it is too
late. The connector that carries it out trusts none of it that it can check, does it at most once, and says
each step it reaches in a :class:`CommandOutcome`; the last one of a command is final.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar, Final, Literal

import msgspec

from twin.contract.payload import Count, Int64, Payload, SourceId, UInt32

Scalar = bool | int | float | str
"""A value that a command writes, or that is read back."""
CommandId = Annotated[str, msgspec.Meta(min_length=8, max_length=64, pattern="^[0-9a-zA-Z_-]+$")]
RiskClass = Literal["low", "medium", "high"]
"""``low``: comfort and pace. ``medium``: starts, stops, set points of a process. ``high``: people, supply of
others or things that break; needs a second person."""
Identity = Literal["claimed", "verified"]
"""Whether a person's name is what they said, or what a login has shown."""

MAX_LIFE_NS: Final = 3600 * 10**9
"""A command may not be meant for later than this after it was issued: nothing is kept for tomorrow."""


class ReadBack(msgspec.Struct, frozen=True, kw_only=True):
    """How to see that a command took effect.

    Args:
        node: what to read, as in a source's items; for Modbus a register.
        values: any one of these is right; empty = the value that was written.
        tolerance: numbers within this of a right one are right.
        hold_ms: it must be right for so long without a break.
        within_ms: and be so at the latest so long after the write.
    """

    node: str
    values: tuple[Scalar, ...] = ()
    tolerance: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    hold_ms: Annotated[int, msgspec.Meta(ge=0, le=600_000)] = 0
    within_ms: Annotated[int, msgspec.Meta(ge=100, le=900_000)] = 10_000


class CommandTarget(msgspec.Struct, frozen=True, kw_only=True):
    """What is done to the device.

    Args:
        action: ``write`` a variable (or register), or ``call`` a method.
        node: the variable or the method, as in a source's items: ``nsu=<uri>;s=<identifier>``, or a register.
        object: for a call, whose method it is.
        data_type: OPC UA built-in type the value must have, "" = that of the node; a node of another type
            refuses the command.
        low, high: bounds that the value of a number must be within [``unit``]; null = none.
        unit: of the value, "" for none.
        read_back: null = that the device said yes is all that is known.
    """

    action: Literal["write", "call"]
    node: str
    object: str = ""
    data_type: str = ""
    low: float | None = None
    high: float | None = None
    unit: str = ""
    read_back: ReadBack | None = None


class Command(Payload, frozen=True, kw_only=True):
    """A command that may be carried out until it expires.

    Args:
        id: unique for ever; the same id is never carried out again.
        park: whose twin says so.
        source: id of the source whose device is meant.
        equipment: id of the equipment.
        name: of the command in the catalogue of the equipment's kind, e.g. ``stop``.
        target: what is done.
        value: what is written, or the method's argument; null = a method without one.
        risk: by the catalogue; ``high`` needs ``approved_by``, another person than ``requested_by``.
        reason: in the words of who asked.
        requested_by, requested_at: a person, and when [ns].
        approved_by, approved_at: the second person, "" and 0 where none is needed.
        identity: how the names are known.
        issued: when the twin let it through [ns].
        expires: when it is too late [ns]; at most :data:`MAX_LIFE_NS` after ``issued``.
        dry_run: do everything but the write: connect, look at node, type and bounds; needs no second person.
    """

    TYPE: ClassVar[str] = "command@1"

    id: CommandId
    park: str
    source: SourceId
    equipment: str
    name: str
    target: CommandTarget
    value: Scalar | None = None
    risk: RiskClass = "high"
    reason: str
    requested_by: str
    requested_at: Int64
    approved_by: str = ""
    approved_at: Int64 = 0
    identity: Identity = "claimed"
    issued: Int64
    expires: Int64
    dry_run: bool = False


class CommandState(StrEnum):
    """How far a command has come; all but the first two are final."""

    ACCEPTED = "accepted"
    """The connector has it in its ledger and goes to the device."""
    WRITTEN = "written"
    """The device said yes; it is being read back."""
    HELD = "held"
    """The value read back is right and stayed so."""
    DONE = "done"
    """The device said yes and there is nothing to read back; of a dry run: nothing stands against it."""
    TIMED_OUT = "timed_out"
    """The device said yes, but what is read back did not become right in time."""
    REFUSED = "refused"
    """Not carried out: a check of the connector or the device itself said no; nothing was written."""
    FAILED = "failed"
    """Not carried out: the device could not be reached; nothing was written."""
    UNKNOWN = "unknown"
    """The write was sent and no answer came, and what is read back does not tell; look at the machine."""


OPEN_STATES: Final = frozenset({CommandState.ACCEPTED, CommandState.WRITTEN})
"""States after which more is to be said."""


class CommandOutcome(Payload, frozen=True, kw_only=True):
    """One step a command has reached, said by the connector. Steps of a command come in the order of
    ``number``; a step told twice is one step.

    Args:
        command: id of the command.
        number: of the step, from 0.
        source, equipment, name: as in the command.
        state: how far it has come.
        code: why, a stable name that a text in each language exists for, e.g. ``out_of_range``.
        params: what the text has in its places.
        detail: the sentence for the engineer.
        status: OPC UA status code the device answered, 0 = good or none.
        time: when it came so far [ns].
        value: what was read back last, null if nothing was.
        value_status, value_time: of that value; 0 if there is none.
        before: what was read just before the write, null if it could not be.
        dry_run: as in the command.
    """

    TYPE: ClassVar[str] = "command_outcome@1"

    command: CommandId
    number: Count
    source: SourceId
    equipment: str
    name: str
    state: CommandState
    code: str
    params: dict[str, str] = msgspec.field(default_factory=dict)
    detail: str = ""
    status: UInt32 = 0
    time: Int64
    value: Scalar | None = None
    value_status: UInt32 = 0
    value_time: Int64 = 0
    before: Scalar | None = None
    dry_run: bool = False
