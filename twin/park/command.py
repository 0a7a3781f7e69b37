"""Command rules: rows that say what a person may do to equipment of a kind, within what bounds, what must
hold before, and how to see that it was done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from twin.contract.command import RiskClass as RiskClass
from twin.contract.command import Scalar as Scalar
from twin.park.name import Name

ArgumentType = Literal["number", "boolean", "text"]
RISK_CLASSES: tuple[RiskClass, ...] = get_args(RiskClass)


@dataclass(frozen=True, slots=True)
class Argument:
    """What a person gives along.

    Args:
        type: what it is.
        low, high: bounds of a number [unit].
        unit: symbol, "" for none.
        options: the only texts or numbers that may be given; empty = any within the bounds.
    """

    type: ArgumentType = "number"
    low: float | None = None
    high: float | None = None
    unit: str = ""
    options: tuple[Scalar, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadBackRule:
    """How to see that it was done.

    Args:
        signal: of the equipment, or
        node: a node pattern of its source.
        values: any of these is right; empty = the value that was given.
        tolerance: numbers within this are right [unit].
        hold_s: it must stay right for so long [s].
        within_s: and be so at the latest after this [s].
    """

    signal: str = ""
    node: str = ""
    values: tuple[Scalar, ...] = ()
    tolerance: float = 0.0
    hold_s: float = 0.0
    within_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Interlock:
    """A condition over live signals that must hold, with good quality, before the command is let through.

    Args:
        id: unique in the command.
        display: the condition in words, as it should be.
        expression: as :mod:`twin.expressions` has it, relative to the equipment.
    """

    id: str
    display: Name
    expression: str


@dataclass(frozen=True, slots=True)
class CommandRule:
    """One rule.

    Args:
        id: unique for a kind.
        display: what a person reads.
        kinds: of the equipment.
        equipment: only these; empty = all of the kinds.
        risk: class; ``high`` needs a second person.
        write: a signal of the equipment whose node is written, or
        node: a node pattern that is written, or
        method, object: node patterns of a method that is called and of the object it is called on. Patterns
            know ``{equipment}``, ``{kind}`` and ``{tag}``.
        argument: what a person gives along; None = nothing.
        value: what is written instead, always the same.
        data_type: OPC UA built-in type the device must want, "" = whatever it does.
        read_back: None = that the device said yes is all that is known.
        interlocks: what must hold.
        expires_s: how long the command may take to reach the device [s].
        consequence: what it does beyond the machine, for whoever is about to do it.
    """

    id: str
    display: Name
    kinds: tuple[str, ...]
    equipment: tuple[str, ...] = ()
    risk: RiskClass = "high"
    write: str = ""
    node: str = ""
    method: str = ""
    object: str = ""
    argument: Argument | None = None
    value: Scalar | None = None
    data_type: str = ""
    read_back: ReadBackRule | None = None
    interlocks: tuple[Interlock, ...] = ()
    expires_s: float = 30.0
    consequence: Name | None = None
