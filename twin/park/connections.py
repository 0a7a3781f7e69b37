"""A source that is read over several connections: one row of sources each, and the tags shared out.

A server takes so many items a session, and a process so many values a second. ``connections: 3`` makes three
sources of one, ``line1``, ``line1-2`` and ``line1-3``, which are read, told of and lost each by itself. Which
tag goes where follows from its name alone (rendezvous hashing): one more connection takes its share from each
of the others, and nothing else moves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from twin.contract.shares import share_of
from twin.park.faults import FaultLog
from twin.park.model import Name, Park, Source
from twin.park.sources import Sources


def connection_ids(source: str, connections: int) -> tuple[str, ...]:
    """Return the ids of a source's connections; the first keeps the source's own.

    >>> connection_ids("line1", 3)
    ('line1', 'line1-2', 'line1-3')
    """
    return (source, *(f"{source}-{number}" for number in range(2, connections + 1)))


def count_connections(sources: Sources, log: FaultLog) -> dict[str, int]:
    """Return how many connections each source has that has several; what cannot be is noted."""
    connections = {}
    for row in sources.rows.values():
        count, located = row.located.entry.connections, row.located
        if count == 1:
            continue
        if row.source.protocol != "opcua":
            rule = f"{row.source.protocol} has one connection a source"
            step = "delete it; describe each device as a source of its own"
            log.at("source.connections", located, "connections", rule=rule, next_step=step)
            continue
        for name in connection_ids(row.source.id, count)[1:]:
            if name in sources.rows or name in sources.broken:
                rule = f"its connection {name!r} would have the id of another source"
                log.at(
                    "source.connections", located, "connections", rule=rule, next_step="rename that source"
                )
        connections[row.source.id] = count
    return connections


def spread(park: Park, connections: Mapping[str, int]) -> Park:
    """Return the park with a source for each connection; one to which no tag falls is left out.

    Args:
        park: with one row a source, and its tags on that.
        connections: how many each source has, where that is more than one.
    """
    if not connections:
        return park
    ids = {source: connection_ids(source, count) for source, count in connections.items()}
    tags = tuple(
        replace(tag, source=ids[tag.source][share_of(tag.tag, len(ids[tag.source]))])
        if tag.source in ids
        else tag
        for tag in park.tags
    )
    taken = {tag.source for tag in tags}
    ids = {source: tuple(name for name in names if name in taken) for source, names in ids.items()}
    sources = (row for source in park.sources for row in _rows(source, ids.get(source.id)))
    alarms = (
        replace(rule, sources=tuple(name for source in rule.sources for name in ids.get(source, (source,))))
        for rule in park.alarms
    )
    return replace(park, tags=tags, sources=tuple(sources), alarms=tuple(alarms))


def _rows(source: Source, ids: tuple[str, ...] | None) -> Iterator[Source]:
    if ids is None:
        yield source
        return
    vi, en, count = source.display.vi, source.display.en, len(ids)
    for number, name in enumerate(ids, 1):
        display = Name(f"{vi} (kết nối {number}/{count})", f"{en} (connection {number}/{count})")
        yield replace(source, id=name, display=display)
