"""A park with calculated tags, a bus, and a source on it whose frames come at chosen times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from prometheus_client import CollectorRegistry

from tests.twin.state.parks import tag_set
from twin.bus.base import Bus, Message
from twin.bus.tag_sets import TagSetDirectory
from twin.calculation.calculator import Calculator
from twin.calculation.metrics import CalculationMetrics
from twin.contract.clock import Clock
from twin.contract.codec import encode_message, frame_headers
from twin.contract.errors import FrameError
from twin.contract.frame import Frame, decode_frame, encode_frame
from twin.contract.messages import Connection, SourceState, TagSet
from twin.contract.topics import READINGS, SOURCE_STATES, TAG_SETS
from twin.park.model import Park
from twin.park.park_file import load_park
from twin.state.snapshot_place import SnapshotPlan
from twin.state.tag_table import build_tag_table

S = 1_000_000_000
PUMPS = 3
PARK = """
park: {id: p1, name: Park, timezone: Asia/Ho_Chi_Minh}
places:
  - {id: p1/hall, name: Hall}
kinds:
  - id: pump
    name: {vi: Máy bơm, en: Pump}
    shape: meter
    size: [1, 1, 2]
    signals:
      - {id: flow, name: {vi: Lưu lượng, en: Flow}, unit: m³/h}
      - {id: power, name: {vi: Công suất, en: Power}, unit: kW, stale_after_s: 3600}
      - {id: mode, name: {vi: Chế độ, en: Mode}, data_type: String}
  - id: board
    name: {vi: Tủ điện, en: Board}
    shape: switchboard
    size: [1, 1, 2]
    signals:
      - {id: losses, name: {vi: Tổn hao, en: Losses}, unit: W}
equipment:
  - {id: "p1/hall/pump{1..3}", kind: pump, name: "Bơm {n}", position: [0, 0, 0], step: [3, 0, 0], source: s1}
  - {id: p1/hall/main, kind: board, name: Chính, position: [0, 9, 0], source: s2}
sources:
  - {id: s1, name: S1, protocol: opcua, endpoint: "opc.tcp://127.0.0.1:1/", node: "nsu=urn:a;s={tag}"}
  - {id: s2, name: S2, protocol: opcua, endpoint: "opc.tcp://127.0.0.1:2/", node: "nsu=urn:a;s={tag}",
     simulated: true}
calculated:
  - {id: share, name: Phần, kind: pump, value: "power / {../main:total}", unit: "%"}
  - {id: specific, name: Suất điện, kind: pump, value: power / flow, unit: kWh/m³, limits: {high: 2}}
  - {id: total, name: Tổng, equipment: p1/hall/main, value: "sum({../pump*:power}, losses)", unit: MW}
  - {id: by_hand, name: Tay, kind: pump, value: "mode == 'hand' and power > 1", data_type: Boolean}
"""


def make_park(folder: Path) -> Park:
    path = folder / "park.yaml"
    path.write_text(PARK)
    return load_park(path, environment={})


class Publishes(Protocol):
    """A bus, for whoever only publishes."""

    def publish(self, messages: Sequence[Message]) -> None: ...


class PlantSource:
    """A source of the park: tells readings of
    (tag below ``p1/hall/``, time [ns], value[, status[, text]])."""

    def __init__(self, bus: Publishes, park: Park, identifier: str) -> None:
        self._bus = bus
        self._identifier = identifier
        self._sequence = 0
        self._tags = tag_set(park, identifier)
        value, headers = encode_message(self._tags, message_id=self._tags.id, source=identifier, time_ns=1)
        bus.publish([Message(TAG_SETS.name, self._tags.id, value, headers)])

    def tell(self, rows: Sequence[tuple[object, ...]]) -> None:
        self._sequence += 1
        full = [(*row, *(0, None)[len(row) - 3 :]) if len(row) < 5 else row for row in rows]
        texts = tuple(row[4] for row in full)
        frame = Frame(
            source=self._identifier,
            sequence=self._sequence,
            tag_set=self._tags.id,
            index=np.array([self._tags.tags.index(f"p1/hall/{row[0]}") for row in full], np.uint32),
            source_time=np.array([row[1] for row in full], np.int64),
            status=np.array([row[3] for row in full], np.uint32),
            value=np.array([row[2] for row in full], np.float64),
            text=texts if any(text is not None for text in texts) else None,  # type: ignore[arg-type]
        )
        self._bus.publish(
            [Message(READINGS.name, self._identifier, encode_frame(frame), frame_headers(frame, 1))]
        )

    def beat(self, now: int, connection: Connection = Connection.CONNECTED) -> None:
        state = SourceState(source=self._identifier, connection=connection, since=1, time=now)
        value, headers = encode_message(state, message_id=f"{now}", source=self._identifier, time_ns=now)
        self._bus.publish([Message(SOURCE_STATES.name, self._identifier, value, headers)])


def make_calculator(bus: Bus, park: Park, clock: Clock, snapshot: Path | None = None) -> Calculator:
    directory = TagSetDirectory(bus)
    return Calculator(
        bus,
        park,
        build_tag_table(park),
        lookup=directory.get,
        snapshots=None if snapshot is None else SnapshotPlan(snapshot, 5.0),
        metrics=CalculationMetrics(CollectorRegistry()),
        clock=clock,
    )


Row = tuple[str, int, float, int]


def frames_of(bus: Bus, *sources: str) -> Iterator[tuple[TagSet, Frame, int]]:
    """Yield every frame of some sources on the bus in order, and when the bus took it [ns]."""
    directory = TagSetDirectory(bus)
    consumer = bus.consumer([READINGS.name])
    try:
        while (batch := consumer.poll(0.05)) or consumer.lag() > 0:
            for one in batch:
                try:
                    frame = decode_frame(one.message.value)
                except FrameError:  # other tests of the same broker say what is no frame
                    continue
                if frame.source in sources:
                    yield directory.get(frame.tag_set), frame, one.time_ns
    finally:
        consumer.close()
        directory.close()


def told(bus: Bus) -> list[Row]:
    """Return every reading of calculated tags on the bus as (tag below ``p1/hall/``, time, value, status)."""
    return [
        (tags.tags[index].removeprefix("p1/hall/"), time, value, status)
        for tags, frame, _ in frames_of(bus, "calculated-p1")
        for index, time, value, status in zip(
            frame.index.tolist(), frame.source_time.tolist(), frame.value.tolist(), frame.status.tolist(),
            strict=True,
        )
    ]  # fmt: skip
