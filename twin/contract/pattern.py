"""Rows of equal machines: ``c{01..12}`` in an id stands for twelve ids, ``{n}`` elsewhere for the number."""

from __future__ import annotations

import re
from collections.abc import Mapping

MAX_NUMBERS = 1000

_RANGE = re.compile(r"\{([0-9]{1,6})\.\.([0-9]{1,6})\}")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


class PatternError(ValueError):
    """A pattern stands for nothing; the text says why."""


def unfold(text: str) -> list[tuple[str, str]]:
    """Return what ``text`` stands for: the ids, each with its number as text ("" without a pattern).

    Numbers keep the width of the first one, so ``{01..12}`` gives 01, 02, ... 12.

    Raises:
        PatternError: more than one pattern, counting down, or too many numbers.

    >>> unfold("yenphong/a/c{09..11}")
    [('yenphong/a/c09', '09'), ('yenphong/a/c10', '10'), ('yenphong/a/c11', '11')]
    >>> unfold("yenphong/a/t1")
    [('yenphong/a/t1', '')]
    """
    if "{" not in text and "}" not in text:
        return [(text, "")]
    found = list(_RANGE.finditer(text))
    if len(found) != 1 or "{" in (rest := _RANGE.sub("", text)) or "}" in rest:
        raise PatternError("must have exactly one pattern {a..b} with a and b whole numbers")
    match = found[0]
    first, last = int(match[1]), int(match[2])
    if last < first or last - first >= MAX_NUMBERS:
        raise PatternError(f"pattern {match[0]} must count up, over at most {MAX_NUMBERS} numbers")
    before, after, width = text[: match.start()], text[match.end() :], len(match[1])
    numbers = [f"{number:0{width}d}" for number in range(first, last + 1)]
    return [(f"{before}{number}{after}", number) for number in numbers]


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put values in the place of ``{name}``.

    Raises:
        PatternError: a placeholder is not among ``values``.

    >>> fill("Máy nén {n}", {"n": "07"})
    'Máy nén 07'
    """
    if "{" not in text:
        return text

    def value_of(match: re.Match[str]) -> str:
        if match[1] not in values:
            known = ", ".join(f"{{{name}}}" for name in values) or "none here"
            raise PatternError(f"placeholder {match[0]} is not known (known: {known})")
        return values[match[1]]

    return _PLACEHOLDER.sub(value_of, text)
