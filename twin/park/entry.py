"""What entries of a park file are made of: types of values, names in two languages, and the model that
refuses unknown keys.

Values are never converted: a text is no number, a number is no text.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import AllowInfNan, BaseModel, BeforeValidator, ConfigDict, Field, Strict

Text = Annotated[str, Strict(), Field(min_length=1, max_length=300)]
Word = Annotated[str, Strict(), Field(max_length=20)]
Key = Annotated[str, Strict(), Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
Number = Annotated[float, Strict(), AllowInfNan(False)]
Coordinate = Annotated[float, Strict(), AllowInfNan(False), Field(ge=-100_000, le=100_000)]
Extent = Annotated[float, Strict(), AllowInfNan(False), Field(gt=0, le=10_000)]
Interval = Annotated[float, Strict(), AllowInfNan(False), Field(ge=10, le=3_600_000)]
Sampling = Annotated[float, Strict(), AllowInfNan(False), Field(ge=0, le=3_600_000)]
"""[ms]; 0 = every change, as the device tells it."""
Delay = Annotated[float, Strict(), AllowInfNan(False), Field(ge=0, le=86_400)]
"""[s]"""
Flag = Annotated[bool, Strict()]
Given = Flag | Number | Text
"""What is written to a device, or read from it."""
FileStem = Annotated[str, Strict(), Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
Vector: TypeAlias = tuple[Coordinate, Coordinate, Coordinate]
Size: TypeAlias = tuple[Extent, Extent, Extent]
Range: TypeAlias = tuple[Number | None, Number | None]


def _same_in_both(value: object) -> object:
    return {"vi": value, "en": value} if isinstance(value, str) else value


def _one_or_more(value: object) -> object:
    return (value,) if isinstance(value, str) else value


class Entry(BaseModel):
    """Anything in the file that is a mapping."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NameEntry(Entry):
    """A name in Vietnamese and English; a plain text stands for both."""

    vi: Text
    en: Text


NameOrText = Annotated[NameEntry, BeforeValidator(_same_in_both)]
TextOrTexts = Annotated[tuple[Text, ...], BeforeValidator(_one_or_more), Field(min_length=1)]
