"""Patterns of tags in expressions: ``{../meter*:power}`` stands for every meter beside the machine."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

MAX_MEMBERS = 10_000
"""Signals that one pattern can stand for."""


def is_pattern(reference: str) -> bool:
    """Whether a name in an expression stands for several tags."""
    return "*" in reference


class TagPatterns:
    """The tags of a park as a tree, so that a pattern is looked up where it can match and nowhere else.

    ``*`` stands for any letters within one segment of a path, or within a signal.

    Args:
        tags: every tag of the park, in order.

    >>> tags = TagPatterns(["p/a/m1:power", "p/a/m1:flow", "p/a/m2:power", "p/b/m1:power"])
    >>> tags.find("p/a/*:power")
    ('p/a/m1:power', 'p/a/m2:power')
    >>> tags.find("p/*/m1:*w*")
    ('p/a/m1:power', 'p/a/m1:flow', 'p/b/m1:power')
    """

    def __init__(self, tags: Iterable[str]) -> None:
        self._below: dict[str, dict[str, None]] = {}
        self._signals: dict[str, list[str]] = {}
        for tag in tags:
            equipment, _, signal = tag.rpartition(":")
            if equipment not in self._signals:
                self._signals[equipment] = []
                path = equipment
                while path:
                    above, _, segment = path.rpartition("/")
                    self._below.setdefault(above, {})[segment] = None
                    path = above
            self._signals[equipment].append(signal)
        self.find = lru_cache(maxsize=4096)(self._find)
        """Return the tags that an absolute pattern stands for, in order of the park; maybe none."""

    def _find(self, pattern: str) -> tuple[str, ...]:
        path, _, signal = pattern.rpartition(":")
        places: Sequence[str] = [""]
        for segment in path.split("/"):
            places = [
                f"{place}/{name}" if place else name
                for place in places
                for name in _matching(segment, self._below.get(place, ()))
            ]
        return tuple(
            f"{place}:{name}"
            for place in places
            if place in self._signals
            for name in _matching(signal, self._signals[place])
        )


def _matching(pattern: str, names: Iterable[str]) -> Iterable[str]:
    if not is_pattern(pattern):
        return [pattern] if pattern in names else []
    wanted = re.compile(".*".join(re.escape(part) for part in pattern.split("*")))
    return [name for name in names if wanted.fullmatch(name)]
