"""A hall with two pumps and a breaker that can be commanded, its live state, and a desk for it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Engine

from tests.twin.state.parks import connected, make_frame
from twin.bus.base import Message
from twin.bus.memory import MemoryBus
from twin.commands.catalogue import Catalogue
from twin.commands.command_tables import TABLES
from twin.commands.desk import Desk, Wish
from twin.commands.follower import Follower
from twin.commands.interlock import look
from twin.commands.queries import find_request
from twin.commands.request import Request
from twin.contract.clock import NS_PER_S
from twin.contract.codec import decode_message, encode_message
from twin.contract.command import Command, CommandOutcome, CommandState
from twin.contract.topics import COMMAND_OUTCOMES, COMMANDS
from twin.park.model import Park
from twin.park.park_file import check_park
from twin.service.database import create_tables
from twin.state.tag_map import TagMapping
from twin.state.tag_table import build_tag_table
from twin.state.twin_state import TwinState

TEXT = """
park: {id: p1, name: Park, timezone: Asia/Ho_Chi_Minh}
places:
  - {id: p1/hall, name: Hall}
kinds:
  - id: pump
    name: {vi: Máy bơm, en: Pump}
    shape: pump
    size: [1, 1, 2]
    signals:
      - {id: state, name: {vi: Trạng thái, en: State}, data_type: String, role: state}
      - {id: speed, name: {vi: Tốc độ, en: Speed}, unit: rpm, range: [0, 3000]}
      - {id: level, name: {vi: Mức, en: Level}, unit: m, range: [0, 5], stale_after_s: 30}
  - id: breaker
    name: {vi: Máy cắt, en: Breaker}
    shape: feeder
    size: [1, 1, 2]
    signals:
      - {id: closed, name: {vi: Đóng, en: Closed}, data_type: Boolean}
      - {id: mode, name: {vi: Chế độ, en: Mode}, data_type: String}
equipment:
  - {id: "p1/hall/p{1..2}", kind: pump, name: "P{n}", position: [0, 0, 0], step: [3, 0, 0], source: s1}
  - {id: p1/hall/q1, kind: breaker, name: Q1, position: [0, 5, 0], source: s1}
links:
  - {network: electricity, upstream: p1/hall/q1, downstream: p1/hall/p1}
  - {network: water, upstream: p1/hall/p1, downstream: p1/hall/p2}
sources:
  - id: s1
    name: S1
    protocol: opcua
    endpoint: opc.tcp://127.0.0.1:4840/
    node: nsu=urn:plc;s={tag}
    commands: true
commands:
  - id: set_speed
    name: {vi: Đặt tốc độ, en: Set the speed}
    kind: pump
    risk: low
    write: speed
    argument: {range: [0, 2500]}
    data_type: Double
    read_back: {signal: speed, tolerance: 5, hold_s: 1, within_s: 5}
    interlocks:
      - {id: water, name: {vi: Còn nước, en: There is water}, when: "level > 0.5 [m]"}
  - id: stop
    name: {vi: Dừng, en: Stop}
    kind: pump
    risk: medium
    method: nsu=urn:types;s={kind}.Stop
    object: nsu=urn:plc;s={equipment}
    read_back: {signal: state, values: [Stopped]}
  - id: open
    name: {vi: Cắt, en: Open}
    kind: breaker
    risk: high
    node: nsu=urn:plc;s={equipment}.close
    value: false
    read_back: {signal: closed}
    interlocks:
      - {id: closed, name: {vi: Đang đóng, en: It is closed}, when: closed}
      - {id: idle, name: {vi: Bơm 2 đã dừng, en: Pump 2 has stopped}, when: '{../p2:state} == "Stopped"'}
  - id: set_mode
    name: {vi: Đặt chế độ, en: Set the mode}
    kind: breaker
    risk: low
    write: mode
    argument: {type: text, options: [auto, manual]}
"""
BEGIN = 1_760_000_000 * NS_PER_S
_BUSES = itertools.count()


def load(folder: Path) -> Park:
    """The park."""
    path = folder / "park.yaml"
    path.write_text(TEXT)
    report = check_park(path, {})
    assert report.park is not None, "\n".join(map(str, report.faults))
    return report.park


class Hall:
    """The hall with a clock of its own."""

    def __init__(self, folder: Path, engine: Engine) -> None:
        self.now = BEGIN
        self.engine = engine
        create_tables(engine, TABLES)
        self.park = load(folder)
        self.catalogue = Catalogue(self.park)
        self.bus = MemoryBus(f"hall-{next(_BUSES)}", clock=self.clock)
        self.state = TwinState(build_tag_table(self.park))
        self.state.live = True
        self._sequence = 0
        self.desk = Desk(
            engine,
            self.bus,
            "p1",
            self.catalogue,
            lambda offer: look(self.state, offer.guards),
            clock=self.clock,
        )
        self.follower = Follower(self.bus, engine, "p1", clock=self.clock)

    def clock(self) -> int:
        """What time it is."""
        return self.now

    def show(self, values: dict[str, float | str | tuple[float, int]]) -> None:
        """Let signals show values: a number, a text, or a number with a status."""
        rows: list[Any] = []
        for name, given in values.items():
            number = self.state.table.number[f"p1/hall/{name}"]
            if isinstance(given, str):
                rows.append((number, self.now, math.nan, 0, given))
            elif isinstance(given, tuple):
                rows.append((number, self.now, given[0], given[1]))
            else:
                rows.append((number, self.now, given))
        self._sequence += 1
        frame = make_frame(rows, sequence=self._sequence, identifier="s1")
        mapping = TagMapping(np.arange(len(self.park.tags), dtype=np.intp), False, "s1")
        self.state.apply(frame, mapping, self.now)
        self.sweep()

    def sweep(self) -> None:
        """Let the state judge its values now, with a source that is connected."""
        self.state.note_source(connected("s1", time=self.now), self.now)
        self.state.sweep(self.now)

    def all_well(self) -> None:
        """Everything that interlocks ask for holds."""
        self.show(
            {
                "p1:level": 2.0, "p2:level": 2.0, "p1:speed": 1000.0, "p1:state": "Execute",
                "p2:state": "Stopped", "q1:closed": 1.0,
            }
        )  # fmt: skip

    def wish(self, command: str = "set_speed", value: Any = 1500.0, **changes: Any) -> Wish:
        """What a person asks for."""
        fields: dict[str, Any] = {
            "equipment": "p1/hall/q1" if command in ("open", "set_mode") else "p1/hall/p1",
            "command": command,
            "value": value,
            "by": "Lan",
            "reason": "a test",
        }
        return Wish(**{**fields, **changes})

    def published(self) -> list[Command]:
        """Every command on the bus."""
        consumer = self.bus.consumer([COMMANDS.name])
        found = [decode_message(Command, r.message.value, r.message.headers) for r in consumer.poll(0.0)]
        consumer.close()
        return found

    def answer(self, request: Request, *states: CommandState, first: int = 0, **fields: Any) -> None:
        """Say outcomes as a connector does, and let the follower take them in."""
        self.say(request, *states, first=first, **fields)
        self.follower.step(0.0)

    def say(self, request: Request, *states: CommandState, first: int = 0, **fields: Any) -> None:
        """Say outcomes as a connector does."""
        messages = []
        for number, state in enumerate(states, first):
            outcome = CommandOutcome(
                command=request.id,
                number=number,
                source=request.source,
                equipment=request.equipment,
                name=request.command,
                state=state,
                code=state.value,
                time=self.now,
                **fields,
            )
            value, headers = encode_message(
                outcome, message_id=f"{request.id}:{number}", source="connectors", time_ns=self.now
            )
            messages.append(Message(COMMAND_OUTCOMES.name, request.id, value, headers))
        self.bus.publish(messages)

    def found(self, request: Request) -> Request:
        """How a request stands now."""
        return find_request(self.engine, request.id)


def verdicts(states: Sequence[Any]) -> dict[str, str]:
    """Verdicts by interlock."""
    return {one.interlock.id: one.verdict for one in states}
