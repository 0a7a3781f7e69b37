"""How a person is told what a check of a park file found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from twin.park.faults import Report
from twin.park.model import Park
from twin.park.park_file import check_park


def write_report(report: Report, out: TextIO) -> None:
    """Write every fault on a line of its own, then a count, or what the park has."""
    for fault in report.faults:
        out.write(f"{fault}\n")
    warnings = f", {_count(report.warnings, 'warning')}" if report.warnings else ""
    if report.park is None:
        out.write(f"{report.path}: {_count(report.errors, 'error')}{warnings}; nothing starts on this park\n")
        return
    out.write(f"{report.path}: the park checks{warnings}\n{summary(report.park)}\n")


def summary(park: Park) -> str:
    """Say in a few lines what a park has."""
    by_source = Counter(tag.source for tag in park.tags)
    unmapped = by_source.pop("", 0)
    networks = Counter(link.network for link in park.links)
    mapped = f" ({unmapped} of them not mapped to a source)" if unmapped else ""
    kinds = len({machine.kind.name for machine in park.equipment})
    lines = [
        f"  {park.display.vi} / {park.display.en}",
        f"  revision {park.revision}, time zone {park.timezone}, {_count(len(park.files), 'file')}",
        f"  {_count(len(park.places), 'place')}, {len(park.equipment)} pieces of equipment of "
        f"{_count(kinds, 'kind')}, {_count(len(park.tags), 'tag')}{mapped}",
    ]
    for source in park.sources:
        simulated = ", simulated" if source.simulated else ""
        count = _count(by_source[source.id], "tag")
        lines.append(f"  source {source.id}: {source.protocol} {source.endpoint}, {count}{simulated}")
    links = ", ".join(f"{name} {_count(count, 'link')}" for name, count in sorted(networks.items()))
    lines.append(f"  networks: {links or 'none'}")
    limits = sum(
        limit is not None
        for tag in park.tags
        for own in (tag.signal.limits,)
        for limit in (own.low_low, own.low, own.high, own.high_high)
    )
    lines.append(
        f"  alarms: {_count(limits, 'limit')} of signals, {_count(len(park.alarms), 'rule')} besides"
    )
    return "\n".join(lines)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def run_check(path: Path, environment: Mapping[str, str], *, out: TextIO) -> int:
    """Check a park file and tell a person; return the exit status: 0 if it checks, 2 if not."""
    report = check_park(path, environment)
    write_report(report, out)
    return 0 if report.park is not None else 2
