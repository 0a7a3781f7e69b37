"""How far somebody reaches: which equipment they may command, and what they are told of it.

Interlocks are evaluated on the true state, whoever asks. Who may not see what an interlock looks at is told
which one it is and whether it holds, in the words of the park file, and no value.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from twin.commands.request import Request, RequestState
from twin.park.restricted import is_within_any

HIDDEN: Final = "•••"
"""Stands in a sentence for a value that is not told."""
_PEOPLES_WORDS: Final = frozenset((RequestState.DECLINED, RequestState.WITHDRAWN))
_PLAIN_PARAMS: Final = frozenset(
    ("seconds", "late_s", "ahead_s", "life_s", "most_s", "person", "data_type", "wanted")
)
"""Of an outcome: of the clock, of a person, or as it was asked for."""
_PLAIN_KEYS: Final = frozenset(("state", "code", "status", "time"))
"""Of an outcome in the audit: what says nothing of how a machine is."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What somebody may command and is told; the default is everything.

    Args:
        places: they may command equipment at and below these; None = all.
        tags: whose values they see; None = all.
        equipment: whose ids they know; None = all.
    """

    places: tuple[str, ...] | None = None
    tags: Container[str] | None = None
    equipment: Container[str] | None = None

    def reaches(self, equipment: str) -> bool:
        """Whether they may command something."""
        return self.places is None or is_within_any(equipment, self.places)

    def sees(self, tags: Iterable[str]) -> bool:
        """Whether they see all of some tags."""
        return self.tags is None or all(tag in self.tags for tag in tags)

    def knows(self, equipment: str) -> bool:
        """Whether they are told an id."""
        return self.equipment is None or equipment in self.equipment


EVERYTHING: Final = Reach()


@dataclass(frozen=True, slots=True)
class Told:
    """What of the requests for one command is told.

    Args:
        machine: what the machine showed before and after.
        interlocks: the values that its interlocks looked at.
    """

    machine: bool = True
    interlocks: bool = True


def told_request(request: Request, told: Told) -> Request:
    """A request without what is not told of it."""
    detail = request.detail
    if request.state is RequestState.BLOCKED:
        detail = detail if told.interlocks else ""
    elif request.state not in _PEOPLES_WORDS and not told.machine:
        detail = ""
    if told.machine:
        return replace(request, detail=detail)
    params = {
        name: text if name in _PLAIN_PARAMS else HIDDEN for name, text in (request.params or {}).items()
    }
    return replace(request, detail=detail, params=params, before=None, read_back=None)


def told_line(event: str, body: Mapping[str, Any], told: Told, reach: Reach) -> dict[str, Any]:
    """What a line of the audit holds, without what is not told."""
    kept = dict(body)
    if not told.machine and event == "outcome":
        kept = {name: given for name, given in body.items() if name in _PLAIN_KEYS}
    if event == "blocked" and not told.interlocks:
        kept.pop("why", None)
    if "interlocks" in kept:
        kept["interlocks"] = [_told_interlock(one, reach) for one in kept["interlocks"]]
    return kept


def _told_interlock(row: Mapping[str, Any], reach: Reach) -> dict[str, Any]:
    seen: Sequence[Mapping[str, Any]] = row["seen"]
    if reach.sees(value["tag"] for value in seen):
        return dict(row)
    return {
        "id": row["id"],
        "when": "",
        "verdict": row["verdict"],
        "seen": [dict(value) for value in seen if reach.sees([value["tag"]])],
    }
