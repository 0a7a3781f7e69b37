"""The words of an expression."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from twin.expressions.errors import ExpressionError

TokenKind = Literal["number", "text", "reference", "unit", "word", "sign", "end"]
WORDS: Final = frozenset({"and", "or", "not", "in", "true", "false"})
MAX_LETTERS: Final = 1000

_TOKEN: Final = re.compile(
    r"""\s*(?:
      (?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
    | (?P<text>"[^"\n]*"|'[^'\n]*')
    | \{(?P<reference>[^{}\n]*)\}
    | \[(?P<unit>[^\[\]\n]*)\]
    | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<sign><=|>=|==|!=|[-+*/^<>(),])
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """One word: its kind, its text without quotes and brackets, and where it begins."""

    kind: TokenKind
    text: str
    at: int


def tokens_of(text: str) -> list[Token]:
    """Part an expression into words; the last one is an ``end``.

    Raises:
        ExpressionError: a letter that begins no word, or too long.

    >>> [token.text for token in tokens_of('flow > 2.5 [m³/h] and state in ("Idle")')]
    ['flow', '>', '2.5', 'm³/h', 'and', 'state', 'in', '(', 'Idle', ')', '']
    """
    if len(text) > MAX_LETTERS:
        raise ExpressionError(
            text[:60] + "...", MAX_LETTERS, f"has {len(text)} letters; at most {MAX_LETTERS}; part it"
        )
    found: list[Token] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            begin = at + len(text[at:]) - len(text[at:].lstrip())
            raise ExpressionError(text, begin, f"{text[begin]!r} begins no word; {_hint(text[begin:])}")
        kind: TokenKind = match.lastgroup  # type: ignore[assignment]
        word = match[kind]
        found.append(Token(kind, word[1:-1] if kind == "text" else word, match.start(kind)))
        at = match.end()
    found.append(Token("end", "", len(text)))
    return found


def _hint(rest: str) -> str:
    if rest.startswith(("=", "!", "&", "|")):
        return "write ==, !=, and, or, not"
    if rest.startswith(("'", '"')):
        return "close the quotes"
    if rest.startswith(("{", "[")):
        return "close the bracket"
    return "names of signals are a-z, 0-9 and _; other equipment's stand in braces {id:signal}"
