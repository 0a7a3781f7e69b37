"""What feeds what, and the ground, roads and halls around the equipment."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from twin.contract.pattern import PatternError, unfold
from twin.park.faults import FaultLog, Located, did_you_mean
from twin.park.model import Link, Name, SiteElement
from twin.park.schema import LinkEntry, SiteEntry


def make_links(
    entries: Iterable[Located[LinkEntry]], known: Collection[str], log: FaultLog
) -> tuple[Link, ...]:
    """Make the links: every upstream feeds every downstream; ``known`` are ids of equipment and places."""
    links: dict[Link, Located[LinkEntry]] = {}
    for located in entries:
        upstream = _ends(located, "upstream", known, log)
        downstream = _ends(located, "downstream", known, log)
        for source, _ in upstream:
            for target, number in downstream:
                link = Link(located.entry.network, source, target)
                loc = ("downstream", number)
                if source == target:
                    step = "delete it from one of the sides"
                    log.at("link.self", located, *loc, rule=f"{source} feeds itself", next_step=step)
                elif link in links:
                    rule = f"{source} feeds {target} already at {links[link].at()}"
                    log.at("link.duplicate", located, *loc, rule=rule, next_step="delete one of them")
                else:
                    links[link] = located
    return tuple(links)


def _ends(
    located: Located[LinkEntry], side: str, known: Collection[str], log: FaultLog
) -> list[tuple[str, int]]:
    ends: list[tuple[str, int]] = []
    for number, text in enumerate(getattr(located.entry, side)):
        try:
            names = unfold(text)
        except PatternError as error:
            log.at(
                "pattern.bad", located, side, number, rule=str(error), next_step="write e.g. .../c{01..12}"
            )
            continue
        for name, _ in names:
            if name in known:
                ends.append((name, number))
            else:
                step = did_you_mean(name, known, "describe it under 'equipment' or 'places'")
                rule = f"{name!r} is no equipment and no place of this park"
                log.at("reference.link", located, side, number, rule=rule, next_step=step)
    return ends


def make_site(entries: Iterable[Located[SiteEntry]], log: FaultLog) -> tuple[SiteElement, ...]:
    """Make the ground, roads and halls."""
    site: dict[str, SiteElement] = {}
    for located in entries:
        entry = located.entry
        if entry.id in site:
            continue
        least, what = (
            (2, "a road has two points") if entry.kind == "road" else (3, "an outline has three corners")
        )
        if len(set(entry.points)) < least:
            rule = f"{what} or more that differ"
            log.at(
                "site.points", located, "points", rule=rule, next_step="add [x, y] in metres east and north"
            )
        for key, owner in (("width", "road"), ("height", "hall")):
            if (getattr(entry, key) > 0) != (entry.kind == owner):
                rule = f"a {entry.kind} has {'a' if entry.kind == owner else 'no'} {key}"
                step = f"add '{key}: 8' (metres)" if entry.kind == owner else "delete it"
                log.at("site.measure", located, key, rule=rule, next_step=step)
        display = Name(entry.name.vi, entry.name.en) if entry.name else None
        site[entry.id] = SiteElement(entry.id, entry.kind, display, entry.points, entry.height, entry.width)
    return tuple(site.values())
