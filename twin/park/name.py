"""What a thing is called."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Name:
    """A display name in both languages."""

    vi: str
    en: str
