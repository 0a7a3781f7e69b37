"""Who asks, and why: names and reasons as they are kept.

Where people sign in, a name is that of the account (``verified``); else what a person says (``claimed``).
"""

from __future__ import annotations

import unicodedata

from twin.commands.errors import CommandValueError
from twin.contract.command import Identity
from twin.identity.principal import CURRENT

MOST_LETTERS = 200
MOST_WORDS = 2000
"""Letters of a reason."""


def person_of(name: str) -> str:
    """Tidy a person's name.

    Raises:
        CommandValueError: there is none, or it is none.

    >>> person_of("  Trần  Thị Lan ")
    'Trần Thị Lan'
    """
    tidy = " ".join(unicodedata.normalize("NFC", name).split())
    if not tidy or not tidy.isprintable() or len(tidy) > MOST_LETTERS:
        raise CommandValueError(
            f"by {name[:MOST_LETTERS]!a}: must be the name of a person, {MOST_LETTERS} letters at most"
        )
    return tidy


def identity() -> Identity:
    """How the name of who asks now is known."""
    principal = CURRENT.get()
    return "verified" if principal is not None and principal.kind == "person" else "claimed"


def is_same_person(one: str, other: str) -> bool:
    """Whether two names are of one person, however they are written.

    >>> is_same_person("Lan", "ＬＡＮ"), is_same_person("Lan", "Minh")
    (True, False)
    """
    return _folded(one) == _folded(other)


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def words_of(reason: str, *, needed: bool = True) -> str:
    """Tidy a reason.

    Raises:
        CommandValueError: it is needed and there is none, or it holds what is no text.
    """
    tidy = reason.strip()
    if needed and not tidy:
        raise CommandValueError("reason: is empty; say why")
    if len(tidy) > MOST_WORDS or not all(letter.isprintable() or letter in "\n\t" for letter in tidy):
        raise CommandValueError(f"reason: must be text, {MOST_WORDS} letters at most")
    return tidy
