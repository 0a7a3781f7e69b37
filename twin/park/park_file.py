"""A park file: read, checked to the last fault, and put together into a :class:`~twin.park.model.Park`.

The way of a file: text (:mod:`included_files`, :mod:`yaml_document`) -> entries (:mod:`schema`,
:mod:`entries`) -> rows (:mod:`kinds`, :mod:`hierarchy`, :mod:`sources`, :mod:`surroundings`) -> park. Each
step notes its faults in one :class:`~twin.park.faults.FaultLog` and hands on what can still be used, so that
all are told at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from twin.contract.pattern import PatternError, unfold
from twin.park.alarm_rules import make_alarms
from twin.park.calculated_rules import (
    check_source_is_free,
    make_calculated,
    make_calculated_signals,
    with_calculated,
)
from twin.park.calculated_schema import CalculatedEntry
from twin.park.command_rules import make_commands
from twin.park.connections import count_connections, spread
from twin.park.entries import claimed_id
from twin.park.entry import Entry
from twin.park.equipment import make_equipment
from twin.park.errors import ParkFileError
from twin.park.faults import FaultLog, Located, Report
from twin.park.hierarchy import Hierarchy, make_places, unfold_equipment
from twin.park.included_files import read_files
from twin.park.kinds import make_kinds
from twin.park.kpi_rules import make_kpi_rules
from twin.park.model import Name, Park
from twin.park.network_rules import make_network_rules
from twin.park.park_document import revision_of
from twin.park.registers import make_register_maps
from twin.park.schema import (
    AlarmEntry,
    CommandEntry,
    EquipmentEntry,
    KindEntry,
    LinkEntry,
    PlaceEntry,
    RegisterMapEntry,
    SiteEntry,
    SourceEntry,
)
from twin.park.sections import SEGMENT, Sections, read_sections
from twin.park.sources import make_sources
from twin.park.surroundings import make_links, make_site


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
        sections = read_sections(documents, log)
        if whole:  # with a file missing, all that hangs on it would seem dangling
            park = _put_together(sections, environment, log)
    files = tuple(document.file for document in documents)
    if park is not None and not log.errors:
        names = tuple(Path(file).relative_to(path.parent).as_posix() for file in files)
        park = replace(park, files=names)
        park = replace(park, revision=revision_of(park))
    return Report(path, files, log.faults(), None if log.errors else park)


def _put_together(sections: Sections, environment: Mapping[str, str], log: FaultLog) -> Park | None:
    about = None if sections.park is None else sections.park.entry
    kinds = make_kinds(sections.of("kinds", KindEntry), log)
    kinds.broken = sections.broken_ids("kinds") - set(kinds.rows)
    maps = make_register_maps(sections.of("register_maps", RegisterMapEntry), log)
    maps.broken = sections.broken_ids("register_maps") - set(maps.rows)
    sources = make_sources(sections.of("sources", SourceEntry), maps, environment, log)
    sources.broken = sections.broken_ids("sources") - set(sources.rows)
    hierarchy = Hierarchy(about.id if about is not None and SEGMENT.fullmatch(about.id) else "")
    for section in ("places", "equipment"):
        for located in sections.broken[section]:
            for name in _ids_of(located):
                hierarchy.given.setdefault(name, located)
    make_places(sections.of("places", PlaceEntry), hierarchy, log)
    unfold_equipment(sections.of("equipment", EquipmentEntry), hierarchy, log)
    kind_of = {row.id: row.located.entry.kind for row in hierarchy.equipment}
    signals = make_calculated_signals(sections.of("calculated", CalculatedEntry), kinds, kind_of, log)
    equipment, tags = make_equipment(hierarchy.equipment, kinds, sources, signals.extra, log)
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
    calculated = make_calculated(signals, equipment, tags, log)
    links = make_links(sections.of("links", LinkEntry), hierarchy.given, log)
    site = make_site(sections.of("site", SiteEntry), log)
    alarms = make_alarms(
        sections.of("alarms", AlarmEntry), kinds, equipment, tags, {*sources.rows, *sources.broken}, log
    )
    commands = make_commands(sections.of("commands", CommandEntry), kinds, equipment, tags, sources, log)
    kpi = make_kpi_rules(sections, hierarchy.given, equipment, tags, log)
    connections = count_connections(sources, log)
    if about is None:
        return None
    if calculated:
        check_source_is_free(about.id, sources, log)
    park = Park(
        id=about.id,
        display=Name(about.name.vi, about.name.en),
        timezone=about.timezone,
        revision="",
        places=tuple(hierarchy.places),
        equipment=equipment,
        tags=tags,
        sources=tuple(row.source for row in sources.rows.values()),
        links=links,
        site=site,
        alarms=alarms,
        commands=commands,
        kpi=kpi,
        networks=make_network_rules(sections, hierarchy.given, equipment, links, log),
        calculated=calculated,
    )
    return with_calculated(spread(park, connections))


def _ids_of(located: Located[Entry | None]) -> list[str]:
    try:
        return [name for name, _ in unfold(claimed_id(located))]
    except PatternError:
        return []
