"""A park file: read, checked to the last fault, and put together into a :class:`~twin.park.model.Park`.

The way of a file: text (:mod:`included_files`, :mod:`yaml_document`) -> entries (:mod:`schema`,
:mod:`entries`) -> rows (:mod:`kinds`, :mod:`hierarchy`, :mod:`sources`, :mod:`surroundings`) -> park. Each
step notes its faults in one :class:`~twin.park.faults.FaultLog` and hands on what can still be used, so that
all are told at once.
"""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar, cast

from twin.park.entries import claimed_id, read_entry, read_list
from twin.park.equipment import make_equipment
from twin.park.errors import ParkFileError
from twin.park.faults import Document, FaultLog, Located, Report, did_you_mean
from twin.park.hierarchy import Hierarchy, make_places, unfold_equipment
from twin.park.included_files import read_files
from twin.park.kinds import make_kinds
from twin.park.model import Name, Park
from twin.park.park_document import revision_of
from twin.park.patterns import PatternError, unfold
from twin.park.schema import (
    SECTIONS,
    Entry,
    EquipmentEntry,
    KindEntry,
    LinkEntry,
    ParkEntry,
    PlaceEntry,
    SiteEntry,
    SourceEntry,
)
from twin.park.sources import NONE, make_sources
from twin.park.surroundings import make_links, make_site
from twin.park.yaml_document import Mapping as YamlMapping
from twin.park.yaml_document import doubts, plain, written

E = TypeVar("E", bound=Entry)

_SEGMENT = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


def load_park(path: Path, *, environment: Mapping[str, str]) -> Park:
    """Read a park file.

    Args:
        path: the main file.
        environment: what ``${NAME}`` in endpoints is filled in from.

    Raises:
        ParkFileError: it does not check; the text has every error, ``report`` the warnings too.
    """
    report = check_park(path, environment)
    if report.park is None:
        raise ParkFileError(report)
    return report.park


def check_park(path: Path, environment: Mapping[str, str]) -> Report:
    """Check a park file; whatever it holds, this returns a report and raises nothing."""
    log = FaultLog()
    documents, whole = read_files(path, log)
    park: Park | None = None
    if documents:
        sections = _read_sections(documents, path, log)
        if whole and sections.park is not None:
            park = _put_together(sections, environment, log)
    files = tuple(document.file for document in documents)
    if park is not None and not log.errors:
        names = tuple(Path(file).relative_to(path.parent).as_posix() for file in files)
        park = replace(park, files=names)
        park = replace(park, revision=revision_of(park))
    return Report(path, files, log.faults(), None if log.errors else park)


@dataclass(slots=True)
class _Sections:
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


def _read_sections(documents: Sequence[Document], path: Path, log: FaultLog) -> _Sections:
    sections = _Sections()
    for document in documents:
        assert isinstance(document.root, YamlMapping)
        for loc, scalar, doubt in doubts(document.root):
            log.add_doubt(document, loc, scalar, doubt)
        main = document is documents[0]
        for name in document.root.children:
            if name in SECTIONS:
                for located in read_list(SECTIONS[name], document, name, log):
                    if located.entry is None:
                        sections.broken[name].append(located)
                    else:
                        sections.usable[name].append(cast("Located[Entry]", located))
            elif name == "park" and main:
                sections.park = _read_park(document, log)
            elif name == "park":
                step = f"move it to {path}"
                log.add(
                    "include.main_only",
                    document,
                    (name,),
                    rule="stands in an included file",
                    next_step=step,
                    key=True,
                )
            elif name != "include":
                known = ("park", "include", *SECTIONS)
                step = did_you_mean(name, known, f"delete it; known here: {', '.join(known)}")
                rule = "no such section"
                log.add(
                    "schema.unknown_key", document, (name,), rule=rule, next_step=step, value="", key=True
                )
    if "park" not in cast(YamlMapping, documents[0].root).children:
        step = "add 'park:' with id, name and timezone"
        rule = "the main file has no 'park' section"
        log.add("schema.missing_key", documents[0], ("park",), rule=rule, next_step=step)
    for name, seen_word in (("kinds", "kind"), ("sources", "source"), ("site", "site element")):
        _check_ids(sections.usable[name], name, seen_word, log)
    return sections


def _read_park(document: Document, log: FaultLog) -> Located[ParkEntry] | None:
    root = cast(YamlMapping, document.root)
    entry = read_entry(ParkEntry, document, ("park",), plain(root.children["park"][1]), log)
    if entry is None:
        return None
    located = Located(entry, document, ("park",))
    if not _SEGMENT.fullmatch(entry.id):
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
        if section != "kinds" and (not _SEGMENT.fullmatch(name) or name == NONE):
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


def _put_together(sections: _Sections, environment: Mapping[str, str], log: FaultLog) -> Park | None:
    assert sections.park is not None
    about = sections.park.entry
    kinds = make_kinds(sections.of("kinds", KindEntry), log)
    kinds.broken = sections.broken_ids("kinds") - set(kinds.rows)
    sources = make_sources(sections.of("sources", SourceEntry), environment, log)
    sources.broken = sections.broken_ids("sources") - set(sources.rows)
    hierarchy = Hierarchy(about.id if _SEGMENT.fullmatch(about.id) else "")
    for section in ("places", "equipment"):
        for located in sections.broken[section]:
            for name in _ids_of(located):
                hierarchy.given.setdefault(name, located)
    make_places(sections.of("places", PlaceEntry), hierarchy, log)
    unfold_equipment(sections.of("equipment", EquipmentEntry), hierarchy, log)
    equipment, tags = make_equipment(hierarchy.equipment, kinds, sources, log)
    if not log.errors:
        for row in sources.rows.values():
            if not row.nodes:
                step = "name it as 'source' of equipment, or delete it"
                log.at(
                    "source.no_items",
                    row.located,
                    "id",
                    rule="no equipment names this source",
                    next_step=step,
                )
    return Park(
        id=about.id,
        display=Name(about.name.vi, about.name.en),
        timezone=about.timezone,
        revision="",
        places=tuple(hierarchy.places),
        equipment=equipment,
        tags=tags,
        sources=tuple(row.source for row in sources.rows.values()),
        links=make_links(sections.of("links", LinkEntry), hierarchy.given, log),
        site=make_site(sections.of("site", SiteEntry), log),
    )


def _ids_of(located: Located[Entry | None]) -> list[str]:
    try:
        return [name for name, _ in unfold(claimed_id(located))]
    except PatternError:
        return []
