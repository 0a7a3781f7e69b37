"""Expressions of a park file: what the names in them stand for.

``speed`` is a signal of the equipment itself, ``{../pump2:speed}`` one of equipment beside it (``..`` goes
up, as in a path), ``{yenphong/park/water/tank1:level}`` any other. Where many are taken together, a pattern
stands for all that match: ``sum({../meter*:power})``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from twin.expressions.checker import SignalType
from twin.expressions.dimension import Dimension, dimension_of
from twin.expressions.nodes import Kind
from twin.park.data_types import DATA_TYPES
from twin.park.model import EquipmentKind, SignalKind
from twin.park.tag_patterns import MAX_MEMBERS, TagPatterns, is_pattern
from twin.park.units import UNITS, normalise


class NoSuchSignalError(LookupError):
    """A name in an expression stands for no signal; the text says why."""


def unit_of(symbol: str) -> Dimension:
    """What a unit of the table measures.

    Raises:
        LookupError: it is not in the table.
    """
    unit = UNITS.get(normalise(symbol))
    if unit is None:
        raise NoSuchSignalError("is not in the table of units, see docs/park-file.md")
    return dimension_of(unit.ucum, unit.symbol)


def signal_type(name: str, signal: SignalKind) -> SignalType:
    """What a signal is to an expression that asks for it by ``name``."""
    return SignalType(name, _kind_of(signal), signal.unit)


def _kind_of(signal: SignalKind) -> Kind:
    family = DATA_TYPES[signal.data_type].family if signal.data_type in DATA_TYPES else "real"
    return "text" if family == "text" else "boolean" if family == "boolean" else "number"


def tag_of(reference: str, equipment: str) -> str:
    """Return the tag that a name in an expression means at a piece of equipment.

    Raises:
        LookupError: it goes up further than there is.

    >>> tag_of("speed", "p/a/line1/m1"), tag_of("../m2:speed", "p/a/line1/m1")
    ('p/a/line1/m1:speed', 'p/a/line1/m2:speed')
    >>> tag_of("p/park/tank1:level", "p/a/line1/m1")
    'p/park/tank1:level'
    """
    path, colon, signal = reference.rpartition(":")
    if not colon:
        return f"{equipment}:{reference}"
    segments = path.split("/")
    if segments[0] != "..":
        return reference
    base = equipment.split("/")
    while segments and segments[0] == "..":
        if not base:
            raise NoSuchSignalError(f"goes up further than {equipment} is deep")
        base.pop()
        segments.pop(0)
    return f"{'/'.join((*base, *segments))}:{signal}"


def resolver(
    kind: EquipmentKind,
    equipment: str,
    tags: Mapping[str, SignalKind],
    patterns: TagPatterns | None = None,
) -> Callable[[str], SignalType]:
    """Make what :func:`twin.expressions.expression.compile_expression` asks what names mean.

    Args:
        kind: of the equipment, for its own signals.
        equipment: at which relative names are looked up; "" = there is none, only own signals are known.
        tags: every signal of the park by tag.
        patterns: finds tags by pattern; None = there can be none.
    """
    own = {signal.name: signal for signal in kind.signals}

    def resolve(name: str) -> SignalType:
        if is_pattern(name):
            if patterns is None:
                raise NoSuchSignalError("is a pattern; name one signal")
            return _pattern_type(name, patterns.find(tag_of(name, equipment)), tags)
        if ":" not in name and f"{equipment}:{name}" not in tags:
            if name not in own:
                raise NoSuchSignalError(
                    f"{kind.name} has none of this name; it has {', '.join(own) or 'none'}"
                )
            return signal_type(name, own[name])
        tag = tag_of(name, equipment)
        if tag not in tags:
            raise NoSuchSignalError(f"{tag} is not in the park")
        return signal_type(name, tags[tag])

    return resolve


def _pattern_type(name: str, members: Sequence[str], tags: Mapping[str, SignalKind]) -> SignalType:
    """What a pattern is to an expression: all its signals must be of one kind and unit."""
    if not members:
        raise NoSuchSignalError("no tag of the park matches it")
    if len(members) > MAX_MEMBERS:
        raise NoSuchSignalError(
            f"{len(members)} tags match it; at most {MAX_MEMBERS}, so name a narrower one"
        )
    first = signal_type(name, tags[members[0]])
    for tag in members:
        other = signal_type(name, tags[tag])
        if (other.kind, other.unit) != (first.kind, first.unit):
            wanted = f"{members[0]} ({first.unit or first.kind})"
            raise NoSuchSignalError(f"{wanted} and {tag} ({other.unit or other.kind}) are not alike")
    return replace(first, many=True)
