"""A command's value as the Variant that a node takes, or why it is none."""

from __future__ import annotations

import math
from typing import Final

from asyncua import ua

from connectors.write_back.errors import CommandRefusedError
from connectors.write_back.read_back import show
from twin.contract.command import Scalar

_WHOLE: Final = {
    ua.VariantType.SByte: (-(2**7), 2**7 - 1), ua.VariantType.Byte: (0, 2**8 - 1),
    ua.VariantType.Int16: (-(2**15), 2**15 - 1), ua.VariantType.UInt16: (0, 2**16 - 1),
    ua.VariantType.Int32: (-(2**31), 2**31 - 1), ua.VariantType.UInt32: (0, 2**32 - 1),
    ua.VariantType.Int64: (-(2**63), 2**63 - 1), ua.VariantType.UInt64: (0, 2**64 - 1),
}  # fmt: skip
_FLOAT32_MAX: Final = (2 - 2**-23) * 2.0**127


def to_variant(value: Scalar, kind: ua.VariantType) -> ua.Variant:
    """Make the Variant of type ``kind`` that means ``value``; nothing is rounded or guessed.

    Raises:
        CommandRefusedError: ``wrong_type``.

    >>> to_variant(3.0, ua.VariantType.Int16).Value
    3
    """
    made = _convert(value, kind)
    if made is None:
        raise CommandRefusedError("wrong_type", value=show(value), data_type=kind.name)
    return ua.Variant(made, kind)


def _convert(value: Scalar, kind: ua.VariantType) -> Scalar | None:
    if kind is ua.VariantType.Boolean:
        return value if isinstance(value, bool) else None
    if kind is ua.VariantType.String:
        return value if isinstance(value, str) else None
    if isinstance(value, bool | str):
        return None
    if kind in _WHOLE:
        low, high = _WHOLE[kind]
        whole = int(value) if math.isfinite(value) else None
        return whole if whole is not None and whole == value and low <= whole <= high else None
    if kind is ua.VariantType.Double:
        return float(value)
    if kind is ua.VariantType.Float:
        return float(value) if abs(value) <= _FLOAT32_MAX else None
    return None


def from_variant(variant: ua.Variant | None) -> Scalar | None:
    """The value of a Variant as a command's; None for null, arrays and what is no scalar.

    >>> from_variant(ua.Variant(ua.LocalizedText("Stopped"), ua.VariantType.LocalizedText))
    'Stopped'
    """
    if variant is None or variant.is_array:
        return None
    value = variant.Value
    if isinstance(value, ua.LocalizedText):
        return str(value.Text or "")
    if isinstance(value, bool | int | float | str):
        if isinstance(value, float) and not math.isfinite(value):
            return None
        return value
    return None
