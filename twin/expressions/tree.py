"""What an expression says, before anybody knows what its signals are."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Number:
    """A number, with a unit symbol or without (``None``)."""

    value: float
    unit: str | None
    at: int


@dataclass(frozen=True, slots=True)
class Text:
    """A text."""

    value: str
    at: int


@dataclass(frozen=True, slots=True)
class Truth:
    """``true`` or ``false``."""

    value: bool
    at: int


@dataclass(frozen=True, slots=True)
class Reference:
    """A signal: ``speed`` of the same equipment, ``../pump2:speed`` beside it, or a whole tag."""

    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Unary:
    """``-`` or ``not``."""

    sign: str
    operand: Tree
    at: int


@dataclass(frozen=True, slots=True)
class Binary:
    """Arithmetic, comparison, ``and``, ``or``."""

    sign: str
    left: Tree
    right: Tree
    at: int


@dataclass(frozen=True, slots=True)
class Power:
    """A whole power."""

    operand: Tree
    exponent: int
    at: int


@dataclass(frozen=True, slots=True)
class Among:
    """``x in (a, b)``."""

    operand: Tree
    members: tuple[Tree, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function."""

    name: str
    arguments: tuple[Tree, ...]
    at: int


Tree = Number | Text | Truth | Reference | Unary | Binary | Power | Among | Call
