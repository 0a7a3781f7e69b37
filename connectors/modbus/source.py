"""One Modbus TCP server as a source: polled block by block, each unit answering for itself.

**A dead unit** behind a gateway turns its own tags Bad, once, and is asked ever more seldom; the others are
read as before. When none answers, or the connection breaks, the source is lost, and all its tags are Bad.

**Time** is the moment of the answer: Modbus has none of its own. Nothing is buffered in a device, so a time
in which it was not read is a gap, of the source or of the unit's tags.
"""

from __future__ import annotations

import asyncio
import logging
import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from connectors.errors import NodeAddressError, OutboxFullError, SourceLostError
from connectors.gaps import make_gap, make_outage
from connectors.items import Items, failed_item
from connectors.modbus.changes import Changes
from connectors.modbus.device import GATEWAY, Device, DeviceRefusedError, DeviceSilentError
from connectors.modbus.plan import Block, Wanted, plan_blocks, values_of
from connectors.modbus.register import parse_register
from connectors.modbus.units import UnitState
from connectors.outbox import Delivery, Outbox
from twin.contract.clock import Clock
from twin.contract.messages import Condition, FailedItem, Gap, GapReason, SourceConfig, TagSet
from twin.contract.status import (
    BAD_DATA_UNAVAILABLE,
    BAD_NO_COMMUNICATION,
    BAD_NODE_ID_INVALID,
    BAD_NODE_ID_UNKNOWN,
    GOOD,
)
from twin.service.logging import ConditionLog

BAD_DEVICE_FAILURE: Final = 0x808B0000
NOT_THERE: Final = frozenset({1, 2, 3})
"""Exceptions that say that what was asked for does not exist there."""
RETRY_S: Final = 60.0
"""How often a register that does not exist is asked for again."""
DEVICE_SILENT: Final = "device_silent"

_LOG = logging.getLogger(__name__)


@dataclass(slots=True)
class _Polled:
    """What one cycle brought."""

    index: list[int] = field(default_factory=list)
    value: list[float] = field(default_factory=list)
    status: list[int] = field(default_factory=list)
    time: list[int] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)

    def add(self, index: int, value: float, status: int, time_ns: int) -> None:
        """Add one reading."""
        self.index.append(index)
        self.value.append(value)
        self.status.append(status)
        self.time.append(time_ns)


class ModbusSource:
    """A :class:`connectors.supervisor.SourceLink` to one Modbus TCP server.

    Args:
        config: what to read, how often (its sampling interval).
        outbox: where it goes.
        clock: ns since the epoch.
        rng: spreads the retries of silent units.
    """

    def __init__(self, config: SourceConfig, outbox: Outbox, *, clock: Clock, rng: random.Random) -> None:
        self.config = config
        self.items = Items(len(config.items))
        self.last_heard = 0
        self.responses = 0
        self.latency_s: Callable[[float], None] = lambda _: None
        self.tag_set = TagSet(
            source=config.source,
            tags=tuple(item.tag for item in config.items),
            units=tuple(item.unit for item in config.items),
            data_types=tuple(item.data_type for item in config.items),
            simulated=config.simulated,
        )
        self._outbox = outbox
        self._clock = clock
        self._rng = rng
        self._changes = Changes(self.tag_set.id, len(config.items))
        self._conditions = ConditionLog(_LOG, clock)
        self._gap_reason = GapReason.CONNECTOR_DOWN
        self._timeouts = self._refusals = 0
        self._not_there: dict[Block, float] = {}
        wanted = []
        for index, item in enumerate(config.items):
            try:
                wanted.append(Wanted(index, parse_register(item.node)))
            except NodeAddressError as error:
                self.items.failed[index] = failed_item(item, BAD_NODE_ID_INVALID, str(error))
        self._blocks: dict[int, list[Block]] = {}
        for block in plan_blocks(wanted):
            self._blocks.setdefault(block.unit, []).append(block)
        self._units = {unit: UnitState() for unit in self._blocks}

    @property
    def failed(self) -> tuple[FailedItem, ...]:
        """What was asked for and is not read now, by name."""
        return tuple(self.items.failed.values())

    def conditions(self) -> tuple[Condition, ...]:
        """Which units do not answer."""
        return tuple(
            Condition(code=DEVICE_SILENT, since=state.silent_since, detail=state.why)
            for state in self._units.values()
            if state.silent_since
        )

    def figures(self) -> Mapping[str, Mapping[str, float]]:
        """See :class:`connectors.supervisor.SourceLink`."""
        return {
            "responses": {"": self.responses},
            "refused_requests": {"timeout": self._timeouts, "exception": self._refusals},
        }

    async def serve(self, up: Callable[[], None]) -> None:
        """See :class:`connectors.supervisor.Link`."""
        source = self.config.source
        if not self.config.items:
            raise SourceLostError(f"source {source}: nothing to read; name its registers in the park file")
        device = Device(self.config.endpoint)
        loop = asyncio.get_running_loop()
        interval_s = (self.config.sampling_interval_ms or self.config.publishing_interval_ms) / 1000
        first = True
        try:
            await device.connect()
            self._changes.forget()
            for state in self._units.values():
                state.due = 0.0
            while True:
                begun = loop.time()
                polled = await self._cycle(device)
                if all(state.silent_since for state in self._units.values()):
                    whys = ", ".join(sorted({state.why for state in self._units.values()}))
                    raise SourceLostError(
                        f"{self.config.endpoint}: no unit answers: {whys or 'none is named'}"
                    )
                await self._tell(polled, first=first)
                if first:
                    first = False
                    up()
                await asyncio.sleep(max(0.0, interval_s - (loop.time() - begun)))
        except SourceLostError as error:
            await self._all_bad(str(error))
            raise
        finally:
            if not first:
                self._gap_reason = GapReason.SOURCE_LOST
            device.close()

    async def close(self) -> None:
        """See :class:`connectors.supervisor.Link`."""

    async def _cycle(self, device: Device) -> _Polled:
        """Read every unit that is due."""
        polled = _Polled()
        loop = asyncio.get_running_loop()
        for unit, blocks in self._blocks.items():
            state = self._units[unit]
            if state.silent_since and loop.time() < state.due:
                continue
            try:
                done: list[Block] = []
                waiting = list(reversed(blocks))
                while waiting:
                    parts = await self._block(device, waiting.pop(), polled)
                    if len(parts) > 1:
                        waiting += reversed(parts)
                    else:
                        done += parts
                self._blocks[unit] = done
            except DeviceSilentError as error:
                self._silent(unit, str(error), polled)
        return polled

    async def _block(self, device: Device, block: Block, polled: _Polled) -> tuple[Block, ...]:
        """Read one block; return it, or the parts to read instead.

        Raises:
            DeviceSilentError: the unit does not answer.
            SourceLostError: the connection is gone.
        """
        loop = asyncio.get_running_loop()
        if loop.time() < self._not_there.get(block, 0.0):
            return (block,)
        begun = self._clock()
        try:
            answer = await device.read(block)
        except DeviceSilentError:
            self._timeouts += 1
            raise
        except DeviceRefusedError as error:
            self._refusals += 1
            self._heard(block.unit, polled)
            if error.exception in GATEWAY:
                raise DeviceSilentError(str(error)) from error
            if error.exception in NOT_THERE:
                parts = block.split()
                if len(parts) > 1:
                    return parts
                self._absent(block, error, polled)
                self._not_there[block] = loop.time() + RETRY_S
                return (block,)
            now = self._clock()
            for entry in block.wanted:
                polled.add(entry.index, math.nan, BAD_DEVICE_FAILURE, now)
            return (block,)
        now = self._heard(block.unit, polled)
        self.latency_s((now - begun) / 1e9)
        self._not_there.pop(block, None)
        for entry, value in zip(block.wanted, values_of(block, answer), strict=True):
            self.items.monitored.add(entry.index)
            self.items.failed.pop(entry.index, None)
            polled.add(entry.index, value, BAD_DATA_UNAVAILABLE if math.isnan(value) else GOOD, now)
        return (block,)

    def _heard(self, unit: int, polled: _Polled) -> int:
        """Note that a unit answered, be it with an exception; return the time."""
        now, state = self._clock(), self._units[unit]
        self.last_heard = now
        self.responses += 1
        last_good = state.good_at
        if state.answered(now):
            self._conditions.end(str(unit), f"source {self.config.source}: unit {unit} answers again")
            if last_good:
                tags = tuple(self.tag_set.tags[index] for index in self._of(unit))
                polled.gaps.append(make_gap(self.config.source, last_good, now, GapReason.SOURCE_LOST, tags))
        return now

    def _silent(self, unit: int, why: str, polled: _Polled) -> None:
        """Turn the tags of a unit that does not answer Bad, once."""
        now = self._clock()
        loop_s = asyncio.get_running_loop().time()
        self._conditions.begin(str(unit), f"source {self.config.source}: {why}")
        self._units[unit].failed(why, now_ns=now, loop_s=loop_s, rng=self._rng)
        for index in self._of(unit):
            self._fail(index, BAD_NO_COMMUNICATION, f"{why}; asked again by itself")
            polled.add(index, math.nan, BAD_NO_COMMUNICATION, now)

    def _absent(self, block: Block, error: DeviceRefusedError, polled: _Polled) -> None:
        now = self._clock()
        for entry in block.wanted:
            reason = f"{error}; correct the address in the park file, or the device; asked again by itself"
            self._fail(entry.index, BAD_NODE_ID_UNKNOWN, reason)
            polled.add(entry.index, math.nan, BAD_NODE_ID_UNKNOWN, now)

    def _fail(self, index: int, status: int, reason: str) -> None:
        self.items.monitored.discard(index)
        self.items.failed[index] = failed_item(self.config.items[index], status, reason)

    def _of(self, unit: int) -> list[int]:
        return [entry.index for block in self._blocks[unit] for entry in block.wanted]

    async def _tell(self, polled: _Polled, *, first: bool) -> None:
        """Hand a cycle to the outbox; with the first, what was missed before it."""
        source, now = self.config.source, self._clock()
        gaps = tuple(polled.gaps)
        if first:
            for index, item in self.items.failed.items():
                if item.status == BAD_NODE_ID_INVALID:
                    polled.add(index, math.nan, BAD_NODE_ID_INVALID, now)
            start, away = self._outbox.whole(source), self._outbox.away(source, now)
            gaps = make_outage(source, start, now, away, self._gap_reason) if start else ()
        readings = self._changes.take(polled.index, polled.value, polled.status, polled.time)
        tag_set = self.tag_set if first else None
        await self._hand_over(Delivery(source, whole=now, readings=readings, tag_set=tag_set, gaps=gaps))

    async def _all_bad(self, why: str) -> None:
        """Say of every tag that it cannot be read: its last value is no longer true."""
        now = self._clock()
        polled = _Polled()
        for unit in self._blocks:
            for index in self._of(unit):
                self._fail(index, BAD_NO_COMMUNICATION, f"{why}; asked again by itself")
                polled.add(index, math.nan, BAD_NO_COMMUNICATION, now)
        readings = self._changes.take(polled.index, polled.value, polled.status, polled.time)
        if readings is not None:
            await self._hand_over(Delivery(self.config.source, readings=readings, tag_set=self.tag_set))

    async def _hand_over(self, delivery: Delivery) -> None:
        try:
            await asyncio.wrap_future(self._outbox.accept(delivery))
        except OutboxFullError:
            # its time is marked by the outbox; every value is told anew when there is room
            self._changes.forget()
