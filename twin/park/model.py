"""The park as the rest of the twin sees it: frozen rows, made by :mod:`twin.park.park_file` from a checked
file.

Coordinates are metres in a right-handed frame: x east, y north, z up, origin at the park's south-west corner.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from twin.contract.messages import Protocol, SourceConfig, SourceItem, SourceSecurity
from twin.park.alarm import AlarmRule
from twin.park.calculated import CalculatedRule
from twin.park.command import CommandRule
from twin.park.kpi import NO_KPI, KpiRules
from twin.park.name import Name as Name
from twin.park.networks import NO_NETWORKS, NetworkRules

Level = Literal["park", "enterprise", "site", "area", "line", "equipment"]
"""The tiers of ISA-95 with the park on top."""

Role = Literal["", "state", "good_count", "reject_count", "starved", "blocked", "energy", "power"]
"""What a signal means to the twin beyond its value; ``state`` carries a PackML state, ``energy`` counts what
the machine takes, ``power`` is that in kilowatts where nothing counts it."""

NetworkKind = Literal["electricity", "water", "wastewater", "gas", "air", "steam", "material"]

SiteKind = Literal["plot", "hall", "road", "lawn", "water", "yard"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Alarm limits in the signal's unit, None where there is none (ISA-18.2 LL, L, H, HH)."""

    low_low: float | None = None
    low: float | None = None
    high: float | None = None
    high_high: float | None = None


@dataclass(frozen=True, slots=True)
class SignalKind:
    """A signal that every equipment of a kind has.

    Args:
        name: as in the tag.
        display: for people.
        unit: symbol as :mod:`twin.park.units` knows it, "" for none.
        data_type: OPC UA built-in type name.
        low, high: the engineering range in ``unit``; None = not bounded.
        limits: where it becomes abnormal.
        stale_after_s: older than this [s] is stale; None = the source's liveness alone decides.
        role: what it means to the twin.
        decimals: digits after the point a person is shown.
        sampling_interval_ms: how often its server looks at it [ms]; None = as its source says.
        queue_size: values its server keeps until they are published; 0 = what the intervals ask for.
        deadband: smallest change that is told, in ``unit``; 0 = every change.
        deadband_percent: the same in percent of the range; at most one of the two is given.
    """

    name: str
    display: Name
    unit: str = ""
    data_type: str = "Double"
    low: float | None = None
    high: float | None = None
    limits: Limits = field(default_factory=Limits)
    stale_after_s: float | None = None
    role: Role = ""
    decimals: int = 1
    sampling_interval_ms: float | None = None
    queue_size: int = 0
    deadband: float = 0.0
    deadband_percent: float = 0.0

    @property
    def deadband_width(self) -> float:
        """Smallest change that is told, in ``unit``; 0 = every change.

        >>> SignalKind("level", Name("Mức", "Level"), low=0.0, high=5.0, deadband_percent=2.0).deadband_width
        0.1
        """
        if self.low is None or self.high is None:
            return self.deadband
        return self.deadband or self.deadband_percent * (self.high - self.low) / 100


@dataclass(frozen=True, slots=True)
class EquipmentKind:
    """A kind of machine: its signals and the shape it is drawn with (a key of :mod:`twin.scene`)."""

    name: str
    display: Name
    shape: str
    signals: tuple[SignalKind, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A node of the hierarchy above equipment: enterprise, site, area or line."""

    id: str
    level: Level
    display: Name


@dataclass(frozen=True, slots=True)
class Equipment:
    """One machine.

    Args:
        id: path through the hierarchy.
        kind: what it is.
        display: for people.
        position: x, y, z of the middle of its foot [m].
        size: width (x), depth (y), height (z) [m] before rotation.
        rotation_deg: turned counter-clockwise about z, seen from above.
        simulated: True if its values come from a simulator, or False.
        note: where replayed real data come from, and the like; shown on its panel.
    """

    id: str
    kind: EquipmentKind
    display: Name
    position: tuple[float, float, float]
    size: tuple[float, float, float]
    rotation_deg: float = 0.0
    simulated: bool = False
    note: Name | None = None


@dataclass(frozen=True, slots=True)
class Tag:
    """One signal of one equipment: the row that state, stream and page index by.

    Args:
        index: dense number, 0 to ``len(park.tags) - 1``, in file order.
        tag: ``<equipment id>:<signal>``.
        equipment: index into ``park.equipment``.
        signal: what it is, with the equipment's own overrides applied.
        source: the source that feeds it, "" if none does.
        node: where that source finds it.
    """

    index: int
    tag: str
    equipment: int
    signal: SignalKind
    source: str
    node: str


@dataclass(frozen=True, slots=True)
class Source:
    """A device or server that a connector reads, or the calculation of tags.

    Args:
        protocol: which connector it is for; ``calculated`` is for none.
        endpoint: where it is, variables filled in.
        endpoint_template: as the park file writes it; the park's revision hangs on this, not on ``endpoint``.
        security: how the connector comes in.
        commands: whether commands may be carried out there.
    """

    id: str
    display: Name
    protocol: Protocol | Literal["calculated"]
    endpoint: str
    publishing_interval_ms: float
    sampling_interval_ms: float
    simulated: bool
    endpoint_template: str = ""
    security: SourceSecurity = field(default_factory=SourceSecurity)
    commands: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """What feeds what: ``upstream`` supplies ``downstream`` over a network."""

    network: NetworkKind
    upstream: str
    downstream: str


@dataclass(frozen=True, slots=True)
class SiteElement:
    """Something of the place that is no equipment: ground, roads, halls.

    Args:
        id: unique within the park.
        kind: what it is.
        display: for people; None for what needs no label.
        points: corners of the footprint, or the middle line of a road, x and y [m].
        height: of a hall [m]; 0 for flat things.
        width: of a road [m]; 0 for everything else.
    """

    id: str
    kind: SiteKind
    display: Name | None
    points: tuple[tuple[float, float], ...]
    height: float = 0.0
    width: float = 0.0


@dataclass(frozen=True, slots=True)
class Park:
    """A checked park.

    Args:
        id: first segment of every equipment id.
        display: for people.
        timezone: IANA name, for shifts and for showing times.
        revision: content hash of everything below, 16 hex digits; the page and the stream name it.
        files: the files it was read from, relative to the main one's folder; not part of the revision.
        alarms: the rules; limits of signals are alarms without one.
        commands: what a person may do.
        kpi: what key figures are reckoned from.
        networks: what power flow, hydraulics and what-if are reckoned from.
        calculated: the tags that are worked out of others.
    """

    id: str
    display: Name
    timezone: str
    revision: str
    places: tuple[Place, ...]
    equipment: tuple[Equipment, ...]
    tags: tuple[Tag, ...]
    sources: tuple[Source, ...]
    links: tuple[Link, ...]
    site: tuple[SiteElement, ...]
    files: tuple[str, ...] = ()
    alarms: tuple[AlarmRule, ...] = ()
    commands: tuple[CommandRule, ...] = ()
    kpi: KpiRules = NO_KPI
    networks: NetworkRules = NO_NETWORKS
    calculated: tuple[CalculatedRule, ...] = ()

    def source_configs(self) -> tuple[SourceConfig, ...]:
        """What to tell the connectors: one configuration per source that is read."""
        items: dict[str, list[SourceItem]] = {
            source.id: [] for source in self.sources if source.protocol != "calculated"
        }
        for tag in self.tags:
            if tag.source in items:
                items[tag.source].append(
                    SourceItem(
                        tag=tag.tag,
                        node=tag.node,
                        unit=tag.signal.unit,
                        data_type=tag.signal.data_type,
                        sampling_interval_ms=tag.signal.sampling_interval_ms,
                        queue_size=tag.signal.queue_size,
                        deadband=tag.signal.deadband_width,
                        deadband_percent=tag.signal.deadband_percent,
                    )
                )
        return tuple(
            SourceConfig(
                source=source.id,
                protocol=source.protocol,
                endpoint=source.endpoint,
                publishing_interval_ms=source.publishing_interval_ms,
                sampling_interval_ms=source.sampling_interval_ms,
                items=tuple(items[source.id]),
                simulated=source.simulated,
                park=self.id,
                security=source.security,
                commands=source.commands,
            )
            for source in self.sources
            if source.protocol != "calculated"
        )
