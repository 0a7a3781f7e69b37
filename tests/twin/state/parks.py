"""Small parks made in memory, and frames for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from twin.contract.frame import Frame
from twin.contract.messages import Connection, FailedItem, SourceState, TagSet
from twin.park.model import Equipment, EquipmentKind, Limits, Name, Park, Place, SignalKind, Source, Tag
from twin.state.tag_map import TagMapping
from twin.state.tag_table import build_tag_table
from twin.state.twin_state import TwinState

REVISION = "00112233445566ff"
S = 1_000_000_000
NOW = 1_767_225_600 * S

OVEN = EquipmentKind(
    "oven",
    Name("Lò hàn", "Oven"),
    "cabinet",
    (
        SignalKind(
            "temperature",
            Name("Nhiệt độ", "Temperature"),
            unit="°C",
            limits=Limits(low_low=100.0, low=200.0, high=250.0, high_high=300.0),
        ),
        SignalKind("state", Name("Trạng thái", "State"), data_type="String", role="state"),
        SignalKind("speed", Name("Tốc độ", "Speed"), unit="m/s", stale_after_s=10.0),
    ),
)


def name(text: str) -> Name:
    return Name(text, text)


def source(identifier: str) -> Source:
    return Source(identifier, name(identifier), "opcua", "opc.tcp://127.0.0.1:1/", 500.0, 500.0, True)


def make_park(ovens: int = 2, *, sources: Sequence[str] = ("anphat",), revision: str = REVISION) -> Park:
    """Make a park of ovens; each has temperature, state and speed; the sources take turns in feeding them."""
    machines: list[Equipment] = []
    tags: list[Tag] = []
    for number in range(ovens):
        machine = f"park/site/oven{number}"
        machines.append(
            Equipment(
                machine, OVEN, name(machine), (float(number), 0.0, 0.0), (1.0, 1.0, 1.0), simulated=True
            )
        )
        for signal in OVEN.signals:
            tag = f"{machine}:{signal.name}"
            feeder = sources[number % len(sources)]
            tags.append(Tag(len(tags), tag, number, signal, feeder, f"nsu=urn:x;s={tag}"))
    return Park(
        id="park",
        display=name("park"),
        timezone="Asia/Ho_Chi_Minh",
        revision=revision,
        places=(Place("park/site", "site", name("site")),),
        equipment=tuple(machines),
        tags=tuple(tags),
        sources=tuple(source(identifier) for identifier in sources),
        links=(),
        site=(),
    )


def make_state(park: Park | None = None) -> TwinState:
    return TwinState(build_tag_table(park or make_park()))


def tag_set(park: Park, identifier: str = "anphat") -> TagSet:
    """The tag set of one source: its tags in the park's order."""
    tags = [tag for tag in park.tags if tag.source == identifier]
    return TagSet(
        source=identifier,
        tags=tuple(tag.tag for tag in tags),
        units=tuple(tag.signal.unit for tag in tags),
        data_types=tuple(tag.signal.data_type for tag in tags),
        simulated=True,
    )


def identity(state: TwinState, *, simulated: bool = False) -> TagMapping:
    """A map in which an index is the dense number."""
    return TagMapping(np.arange(len(state.table), dtype=np.intp), simulated)


Row = tuple[int, int, float] | tuple[int, int, float, int] | tuple[int, int, float, int, str | None]


def make_frame(
    rows: Sequence[Row], *, sequence: int = 1, identifier: str = "anphat", set_id: str = "0" * 32
) -> Frame:
    """Make a frame from rows of (index, source time [ns], value[, status[, text]])."""
    full = [(*row, *(0, None)[len(row) - 3 :]) if len(row) < 5 else row for row in rows]
    texts = tuple(row[4] for row in full)
    return Frame(
        source=identifier,
        sequence=sequence,
        tag_set=set_id,
        index=np.array([row[0] for row in full], "<u4"),
        source_time=np.array([row[1] for row in full], "<i8"),
        status=np.array([row[3] for row in full], "<u4"),
        value=np.array([row[2] for row in full], "<f8"),
        text=texts if any(text is not None for text in texts) else None,
    )


def connected(identifier: str = "anphat", *, time: int = NOW, failed: Sequence[str] = ()) -> SourceState:
    """The heartbeat of a source that is well, but for ``failed``."""
    items = tuple(FailedItem(tag=tag, node="nsu=urn:x;s=1", status=0x80340000, reason="no") for tag in failed)
    return SourceState(
        source=identifier, connection=Connection.CONNECTED, since=time, time=time, failed=items
    )


def lost(state: SourceState) -> SourceState:
    """The same source, without its connection."""
    copy: SourceState = SourceState(
        source=state.source, connection=Connection.LOST, since=state.time, time=state.time
    )
    return copy


def with_revision(park: Park, revision: str) -> Park:
    return replace(park, revision=revision)
