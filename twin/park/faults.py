"""Faults of a park file: each names the place, the value, the rule and the next step, under a stable code.

All faults are collected before anybody is told, so that a file is mended in one go.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from typing import Generic, TypeVar

from twin.park.model import Park
from twin.park.rules import RULES, Severity
from twin.park.yaml_tree import Doubt, Loc, Node, Scalar, locate, written

E_co = TypeVar("E_co", covariant=True)

_MAX_PATH, _MAX_VALUE, _MAX_TEXT = 300, 80, 500
"""Characters that are shown of what a file may hold megabytes of."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    Args:
        code: stable name of the rule, a key of :data:`twin.park.rules.RULES`.
        severity: an ``error`` stops the twin from starting, a ``warning`` does not.
        file: as a person would type it.
        line, column: counted from 1.
        path: in the document, e.g. ``kinds[compressor].signals[pressure].limits.high``.
        value: as written, "" if something is missing.
        rule: what must hold, and how the value breaks it.
        next_step: what to do.
    """

    code: str
    severity: Severity
    file: str
    line: int
    column: int
    path: str
    value: str
    rule: str
    next_step: str

    def __str__(self) -> str:
        mark = "" if self.severity == "error" else "warning, "
        value = f" = {self.value}" if self.value else ""
        subject = f"{self.path}{value}: " if self.path else ""
        return (
            f"{self.file}:{self.line}:{self.column}  [{mark}{self.code}]  "
            f"{subject}{self.rule}; {self.next_step}"
        )


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a check.

    Args:
        path: the main file, as it was given.
        files: every file that was read.
        faults: all of them, by file and line; warnings among them.
        park: the park, None if there is an error.
    """

    path: Path
    files: tuple[str, ...]
    faults: tuple[Fault, ...]
    park: Park | None

    @property
    def errors(self) -> int:
        """How many faults stop the twin from starting."""
        return sum(fault.severity == "error" for fault in self.faults)

    @property
    def warnings(self) -> int:
        """How many faults are only worth a look."""
        return len(self.faults) - self.errors


@dataclass(frozen=True, slots=True)
class Document:
    """One file of the park: the name people know it by, and its tree."""

    file: str
    root: Node


@dataclass(frozen=True, slots=True)
class Located(Generic[E_co]):
    """An entry and the place it stands at."""

    entry: E_co
    document: Document
    loc: Loc

    def at(self) -> str:
        """Write the place for a person: ``park.yaml:41``."""
        return f"{self.document.file}:{locate(self.document.root, self.loc)[0]}"


class FaultLog:
    """Collects faults: one a rule and place, and none about a value that could not even be read."""

    def __init__(self) -> None:
        self._faults: dict[tuple[str, str, str, int, int], Fault] = {}
        self._spoiled: set[tuple[str, str, int, int]] = set()

    def add(
        self,
        code: str,
        document: Document,
        loc: Loc,
        *,
        rule: str,
        next_step: str,
        value: str | None = None,
        key: bool = False,
    ) -> None:
        """Note a fault at ``loc``; with ``key`` it points at the key instead of the value."""
        line, column, path = locate(document.root, loc, key=key)
        if (document.file, path, line, column) in self._spoiled:
            return
        text = written(document.root, loc) if value is None else value
        self._put(code, document.file, line, column, path, text, rule, next_step)
        if code.startswith(("yaml.", "schema.")) and code != "schema.unknown_key":
            self._spoiled.add((document.file, path, line, column))

    def add_doubt(self, document: Document, loc: Loc, scalar: Scalar, doubt: Doubt) -> None:
        """Note what the text itself leaves in doubt, at the place of the scalar."""
        path = locate(document.root, loc)[2]
        value = "" if doubt.of_key else scalar.text
        self._put(
            doubt.code, document.file, scalar.line, scalar.column, path, value, doubt.rule, doubt.next_step
        )
        self._spoiled.add((document.file, path, scalar.line, scalar.column))

    def at(
        self,
        code: str,
        located: Located[object],
        *loc: str | int,
        rule: str,
        next_step: str,
        value: str | None = None,
    ) -> None:
        """Note a fault at ``loc`` below an entry; ``value`` is shown instead of what is written there."""
        where = (*located.loc, *loc)
        self.add(code, located.document, where, rule=rule, next_step=next_step, value=value)

    def add_file(
        self, code: str, file: str, *, line: int = 1, column: int = 1, rule: str, next_step: str
    ) -> None:
        """Note a fault of a file that has no tree."""
        self._put(code, file, line, column, "", "", rule, next_step)

    def _put(
        self, code: str, file: str, line: int, column: int, path: str, value: str, rule: str, next_step: str
    ) -> None:
        path, value = _printable(path, _MAX_PATH), _printable(value, _MAX_VALUE)
        rule, next_step = _printable(rule, _MAX_TEXT), _printable(next_step, _MAX_TEXT)
        fault = Fault(code, RULES[code].severity, file, line, column, path, value, rule, next_step)
        self._faults.setdefault((code, file, path, line, column), fault)

    @property
    def errors(self) -> int:
        """How many faults stop the twin from starting."""
        return sum(fault.severity == "error" for fault in self._faults.values())

    def faults(self) -> tuple[Fault, ...]:
        """Return all faults by file, line and column."""
        return tuple(sorted(self._faults.values(), key=lambda f: (f.file, f.line, f.column, f.code)))


def did_you_mean(text: str, known: Iterable[str], otherwise: str) -> str:
    """Suggest the closest known word, or say ``otherwise``.

    >>> did_you_mean("postion", ["position", "size"], "delete it")
    "did you mean 'position'?"
    """
    close = get_close_matches(text, islice(_near(text, known), _CANDIDATES), n=1, cutoff=0.6)
    return f"did you mean {close[0]!r}?" if close else otherwise


def _printable(text: str, most: int) -> str:
    """Keep a fault on one short line and control codes out of a terminal."""
    short = text if len(text) <= most else text[: most - 3] + "..."
    if short.isprintable():
        return short
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in short)


_CANDIDATES = 300
"""Words a suggestion is looked for among: comparing costs about 20 microseconds a word."""


def _near(text: str, known: Iterable[str]) -> Iterator[str]:
    return (word for word in known if abs(len(word) - len(text)) <= 3)
