"""A park as one canonical JSON document, from which it can be made again; its hash is the park's revision.

Kinds and signals stand once and are pointed at by number, tags are columns, so that a park of 5,000 tags is a
few hundred kilobytes.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

import msgspec

from twin.park.alarm import AlarmRule
from twin.park.calculated import CalculatedRule
from twin.park.command import CommandRule
from twin.park.errors import ParkDocumentError
from twin.park.kpi import NO_KPI, KpiRules
from twin.park.model import (
    Equipment,
    EquipmentKind,
    Link,
    Name,
    Park,
    Place,
    SignalKind,
    SiteElement,
    Source,
    Tag,
)
from twin.park.networks import NO_NETWORKS, NetworkRules

_FORMAT = "parktwin.park@1"


class _Kind(msgspec.Struct, frozen=True):
    name: str
    display: Name
    shape: str
    signals: tuple[int, ...]


class _Equipment(msgspec.Struct, frozen=True):
    id: str
    kind: int
    display: Name
    position: tuple[float, float, float]
    size: tuple[float, float, float]
    rotation_deg: float
    simulated: bool
    note: Name | None


class _Tags(msgspec.Struct, frozen=True):
    """Columns of equal length, in tag order; the tag itself is equipment and signal."""

    equipment: tuple[int, ...]
    signal: tuple[int, ...]
    source: tuple[str, ...]
    node: tuple[str, ...]


class _Document(msgspec.Struct, frozen=True, omit_defaults=True):
    format: str
    id: str
    display: Name
    timezone: str
    places: tuple[Place, ...]
    signals: tuple[SignalKind, ...]
    kinds: tuple[_Kind, ...]
    equipment: tuple[_Equipment, ...]
    tags: _Tags
    sources: tuple[Source, ...]
    links: tuple[Link, ...]
    site: tuple[SiteElement, ...]
    alarms: tuple[AlarmRule, ...] = ()  # left out where there are none: older parks keep their revision
    commands: tuple[CommandRule, ...] = ()
    kpi: KpiRules = NO_KPI
    networks: NetworkRules = NO_NETWORKS
    calculated: tuple[CalculatedRule, ...] = ()


def park_document(park: Park) -> bytes:
    """Write a park as canonical JSON: the same park gives the same bytes on any machine and any ports.

    The endpoint stands in it as the park file writes it; the revision and the file names do not.
    """
    signals: dict[SignalKind, int] = {}
    kinds: dict[EquipmentKind, int] = {}
    by_identity: dict[int, int] = {}

    def number_of(signal: SignalKind) -> int:
        number = by_identity.get(id(signal))
        if number is None:
            number = by_identity[id(signal)] = signals.setdefault(signal, len(signals))
        return number

    rows = []
    for machine in park.equipment:
        kind = kinds.setdefault(machine.kind, len(kinds))
        rows.append(
            _Equipment(
                machine.id, kind, machine.display, machine.position, machine.size,
                machine.rotation_deg, machine.simulated, machine.note,
            )
        )  # fmt: skip
    document = _Document(
        format=_FORMAT,
        id=park.id,
        display=park.display,
        timezone=park.timezone,
        places=park.places,
        kinds=tuple(
            _Kind(kind.name, kind.display, kind.shape, tuple(number_of(signal) for signal in kind.signals))
            for kind in kinds
        ),
        equipment=tuple(rows),
        tags=_Tags(
            equipment=tuple(tag.equipment for tag in park.tags),
            signal=tuple(number_of(tag.signal) for tag in park.tags),
            source=tuple(tag.source for tag in park.tags),
            node=tuple(tag.node for tag in park.tags),
        ),
        signals=tuple(signals),
        sources=tuple(replace(source, endpoint=source.endpoint_template) for source in park.sources),
        links=park.links,
        site=park.site,
        alarms=park.alarms,
        commands=park.commands,
        kpi=park.kpi,
        networks=park.networks,
        calculated=park.calculated,
    )
    return msgspec.json.encode(document)


def revision_of(park: Park) -> str:
    """Return the content hash of a park, 16 hex digits."""
    return hashlib.blake2b(park_document(park), digest_size=8).hexdigest()


def read_park_document(document: bytes, files: tuple[str, ...] = ()) -> Park:
    """Make a park again from its document; endpoints are templates, because hosts and ports are of their day.

    Raises:
        ParkDocumentError: the bytes are no park document of this version.
    """
    try:
        read = msgspec.json.decode(document, type=_Document)
        if read.format != _FORMAT:
            raise ParkDocumentError(f"park document of format {read.format!r}: this reader knows {_FORMAT!r}")
        return _park(read, document, files)
    except (msgspec.MsgspecError, IndexError, ValueError) as error:
        if isinstance(error, ParkDocumentError):
            raise
        raise ParkDocumentError(f"park document cannot be read: {error}; it was damaged") from error


def _park(read: _Document, document: bytes, files: tuple[str, ...]) -> Park:
    kinds = [
        EquipmentKind(kind.name, kind.display, kind.shape, tuple(read.signals[n] for n in kind.signals))
        for kind in read.kinds
    ]
    equipment = tuple(
        Equipment(
            row.id,
            kinds[row.kind],
            row.display,
            row.position,
            row.size,
            row.rotation_deg,
            row.simulated,
            row.note,
        )
        for row in read.equipment
    )
    columns = read.tags
    tags = tuple(
        Tag(
            index,
            f"{equipment[machine].id}:{read.signals[signal].name}",
            machine,
            read.signals[signal],
            source,
            node,
        )
        for index, (machine, signal, source, node) in enumerate(
            zip(columns.equipment, columns.signal, columns.source, columns.node, strict=True)
        )
    )
    return Park(
        id=read.id,
        display=read.display,
        timezone=read.timezone,
        revision=hashlib.blake2b(document, digest_size=8).hexdigest(),
        places=read.places,
        equipment=equipment,
        tags=tags,
        sources=read.sources,
        links=read.links,
        site=read.site,
        files=files,
        alarms=read.alarms,
        commands=read.commands,
        kpi=read.kpi,
        networks=read.networks,
        calculated=read.calculated,
    )
