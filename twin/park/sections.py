"""The sections of all files of a park: usable entries, and the ids of those that are not."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar, cast

from twin.park.entries import claimed_id, read_entry, read_list
from twin.park.entry import Entry
from twin.park.faults import Document, FaultLog, Located, did_you_mean
from twin.park.schema import SECTIONS, ParkEntry
from twin.park.sources import NONE
from twin.park.yaml_tree import Mapping as YamlMapping
from twin.park.yaml_tree import doubts, plain, written

E = TypeVar("E", bound=Entry)

_KEYED = ("kinds", "alarms", "calendars", "balances", "permits")
"""Sections whose ids are words with ``_``, which the schema checks."""

SEGMENT = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(slots=True)
class Sections:
    """The usable entries of all files, and the ids of those that are not."""

    park: Located[ParkEntry] | None = None
    usable: dict[str, list[Located[Entry]]] = field(default_factory=lambda: {name: [] for name in SECTIONS})
    broken: dict[str, list[Located[Entry | None]]] = field(
        default_factory=lambda: {name: [] for name in SECTIONS}
    )

    def of(self, section: str, model: type[E]) -> list[Located[E]]:
        assert SECTIONS[section] is model
        return cast("list[Located[E]]", self.usable[section])

    def broken_ids(self, section: str) -> set[str]:
        return {claimed_id(entry) for entry in self.broken[section]}


def read_sections(documents: Sequence[Document], log: FaultLog) -> Sections:
    """Read the entries of all files, the main one first; what is wrong with one by itself is noted."""
    sections = Sections()
    for document in documents:
        assert isinstance(document.root, YamlMapping)
        for loc, scalar, doubt in doubts(document.root):
            log.add_doubt(document, loc, scalar, doubt)
        for name in document.root.children:
            _read_section(name, document, document is documents[0], sections, log)
    if "park" not in cast(YamlMapping, documents[0].root).children:
        step = "add 'park:' with id, name and timezone"
        rule = "the main file has no 'park' section"
        log.add("schema.missing_key", documents[0], ("park",), rule=rule, next_step=step)
    words = {"kinds": "kind", "sources": "source", "site": "site element", "alarms": "alarm"}
    words |= {"calendars": "calendar", "balances": "balance", "permits": "permit"}
    for name, seen_word in words.items():
        _check_ids(sections.usable[name], name, seen_word, log)
    return sections


def _read_section(name: str, document: Document, main: bool, sections: Sections, log: FaultLog) -> None:
    if name in SECTIONS:
        for located in read_list(SECTIONS[name], document, name, log):
            if located.entry is None:
                sections.broken[name].append(located)
            else:
                sections.usable[name].append(cast("Located[Entry]", located))
    elif name == "park" and main:
        sections.park = _read_park(document, log)
    elif name == "park":
        rule, step = "stands in an included file", "move it to the main file"
        log.add("include.main_only", document, (name,), rule=rule, next_step=step, key=True)
    elif name != "include":
        known = ("park", "include", *SECTIONS)
        step = did_you_mean(name, known, f"delete it; known here: {', '.join(known)}")
        rule = "no such section"
        log.add("schema.unknown_key", document, (name,), rule=rule, next_step=step, value="", key=True)


def _read_park(document: Document, log: FaultLog) -> Located[ParkEntry] | None:
    root = cast(YamlMapping, document.root)
    entry = read_entry(ParkEntry, document, ("park",), plain(root.children["park"][1]), log)
    if entry is None:
        return None
    located = Located(entry, document, ("park",))
    if not SEGMENT.fullmatch(entry.id):
        rule = "must be a-z, 0-9 and '-', 40 characters at most"
        log.at(
            "id.bad", located, "id", rule=rule, next_step="rename it; put the name for people under 'name'"
        )
    if entry.timezone not in zoneinfo.available_timezones():
        step = did_you_mean(
            entry.timezone, sorted(zoneinfo.available_timezones()), "in Vietnam: Asia/Ho_Chi_Minh"
        )
        log.at("park.timezone", located, "timezone", rule="no IANA time zone", next_step=step)
    return located


def _check_ids(entries: Sequence[Located[Entry]], section: str, word: str, log: FaultLog) -> None:
    seen: dict[str, Located[Entry]] = {}
    for located in entries:
        name = written(located.document.root, (*located.loc, "id"))
        if section not in _KEYED and (not SEGMENT.fullmatch(name) or name == NONE):
            rule = f"the id of a {word} is a-z, 0-9 and '-', 40 characters at most, and not '{NONE}'"
            log.at(
                "id.bad",
                located,
                "id",
                rule=rule,
                next_step="rename it; put the name for people under 'name'",
            )
        if name in seen:
            rule = f"{word} {name!r} is given already at {seen[name].at()}"
            log.at("id.duplicate", located, "id", rule=rule, next_step="rename or delete one of them")
        seen.setdefault(name, located)
