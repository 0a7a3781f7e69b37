"""Entries of a park file that stand for calculated tags; :mod:`twin.park.calculated` says what they mean."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AllowInfNan, Field, Strict

from twin.park.entry import Entry, Key, NameOrText, Number, Range, Text, TextOrTexts, Word


class LimitsEntry(Entry):
    """Alarm limits; null takes one away that the kind has."""

    low_low: Number | None = None
    low: Number | None = None
    high: Number | None = None
    high_high: Number | None = None


class CalculatedEntry(Entry):
    """A signal that is worked out of others, at every equipment of a kind or at single ones."""

    id: Key
    name: NameOrText
    kind: Text | None = None
    equipment: TextOrTexts | None = None
    value: Annotated[str, Strict(), Field(min_length=1, max_length=1000)]
    unit: Word = ""
    data_type: Literal["Double", "Boolean"] = "Double"
    range: Range = (None, None)
    limits: LimitsEntry = LimitsEntry()
    decimals: Annotated[int, Strict(), Field(ge=0, le=9)] = 1
    stale_after_s: Annotated[float, Strict(), AllowInfNan(False), Field(gt=0, le=31_622_400)] | None = None
