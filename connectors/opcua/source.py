"""One OPC UA server as a source: connect, subscribe, take what is published into the outbox, account for all.

**Coming back.** While the server still keeps the session (it does for two minutes), a lost connection is
taken up where it broke: the session is activated again over a new connection and the server is asked for what
it published meanwhile; nothing is missing and no gap is told. Otherwise a new session and new subscriptions
are made, and the time between the last whole moment and the new items is told as a gap, which is then filled
from the server's own history as far as it has one (:mod:`connectors.opcua.backfill`).

**One subscription alone.** A subscription that has fallen silent, or that the server has given up, is cured
while its neighbours run: the gap, if there is one, is of its tags only.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import aclosing
from functools import partial
from typing import Final

import numpy as np

from connectors.errors import MalformedResponseError, SecurityError, SourceLostError, SourceRefusedError
from connectors.frames import Readings
from connectors.gaps import make_outage
from connectors.items import Items
from connectors.opcua.backfill import Backfill
from connectors.opcua.connected import Connected
from connectors.opcua.cure import Cure
from connectors.opcua.decode import Changes, decode_data_change
from connectors.opcua.intake import Intake
from connectors.opcua.limits import read_limits
from connectors.opcua.placement import Placement
from connectors.opcua.publish_response import DATA_CHANGE, PublishResponse
from connectors.opcua.publishing import Fallen, PublishLoop
from connectors.opcua.security import Door, SecurityKit
from connectors.opcua.session import SESSION_TIMEOUT_MS, Session
from connectors.opcua.subscribe import parse_items
from connectors.opcua.subscription import Published, Subscription
from connectors.opcua.times import ticks_to_ns
from connectors.opcua.upkeep import ItemUpkeep
from connectors.outbox import Delivery, Outbox
from connectors.pki.checks import OWN
from twin.contract.clock import Clock
from twin.contract.messages import Condition, FailedItem, Gap, GapReason, SourceConfig, TagSet

MAX_UNACCEPTED: Final = 16
"""Responses handed to the outbox and not yet durable; with more the source waits, and so does the server."""

_LOG = logging.getLogger(__name__)


class OpcUaSource:
    """A :class:`connectors.supervisor.Link` to one OPC UA server.

    Args:
        config: what to read.
        outbox: where it goes.
        clock: ns since the epoch.
        rng: spreads the retries of failed items.
        kit: certificates and passwords.
    """

    def __init__(
        self, config: SourceConfig, outbox: Outbox, *, clock: Clock, rng: random.Random, kit: SecurityKit
    ) -> None:
        self.config = config
        self.door = Door(config, kit)
        self.items = Items(len(config.items))
        self.last_heard = 0
        self.responses = 0
        self.resumed = 0
        self.latency_s: Callable[[float], None] = lambda _: None
        """Told how old each response was when the outbox had it [s]; the metrics listen."""
        self.tag_set = TagSet(
            source=config.source,
            tags=tuple(item.tag for item in config.items),
            units=tuple(item.unit for item in config.items),
            data_types=tuple(item.data_type for item in config.items),
            simulated=config.simulated,
        )
        self.intake = Intake(self.tag_set, np.array([item.deadband for item in config.items]))
        self._outbox = outbox
        self._clock = clock
        wanted = parse_items(config, self.items)
        self._upkeep = ItemUpkeep(
            config, self.items, wanted, self.tag_set.id, self._tell, clock=clock, rng=rng
        )
        self.backfill = Backfill(config, self.tag_set, wanted, outbox, self.intake, clock=clock)
        self._cure = Cure(
            config.source, self.tag_set.tags, self.intake, take=self._take, tell=self._tell_lost, clock=clock
        )
        self._connected: Connected | None = None
        self._lost_at = 0.0
        self._gap_reason = GapReason.CONNECTOR_DOWN
        self._gap_end: int | None = None
        self._refused = False
        self._unaccepted: deque[asyncio.Future[None]] = deque()

    @property
    def failed(self) -> tuple[FailedItem, ...]:
        """What was asked for and is not monitored, by name."""
        return tuple(self.items.failed.values())

    def conditions(self) -> tuple[Condition, ...]:
        """See :class:`connectors.supervisor.SourceLink`."""
        filling = self.backfill.condition
        return (*self.door.conditions(), filling) if filling is not None else self.door.conditions()

    def figures(self) -> Mapping[str, Mapping[str, float]]:
        """See :class:`connectors.supervisor.SourceLink`."""
        counts, paths = self.intake.counts, self.intake.counts.paths
        expires, connected = self.door.expiries(), self._connected
        return {
            "resumed_sessions": {"": self.resumed},
            "responses": {"": self.responses},
            "decoded_values": {"uniform": paths.uniform, "mixed": paths.mixed, "scalar": paths.scalar},
            "dropped_values": {
                "repeated": counts.repeated,
                "stray": counts.stray,
                "within_deadband": counts.within_deadband,
            },
            "subscriptions": {"": len(connected.loop.subscriptions) if connected is not None else 0},
            "fallen_subscriptions": self._cure.counts,
            "server_overflows": {"": counts.overflows},
            **self.backfill.figures(),
            "certificate_expires_seconds": {
                "own" if side == OWN else "server": at for side, at in expires.items()
            },
        }

    async def serve(self, up: Callable[[], None]) -> None:
        """See :class:`connectors.supervisor.Link`."""
        if not self.config.items:
            raise SourceLostError(
                f"source {self.config.source}: nothing to read; name its nodes in the park file"
            )
        connected = await self._take_up() or await self._begin()
        try:
            up()
            while True:
                await self._follow(connected)
                # the outbox refused some and takes them again: what stands still since would stay unknown
                await self._give_up()
                self._gap_reason = GapReason.OUTBOX_FULL
                connected = await self._begin()
        except MalformedResponseError as error:
            await self._give_up()
            self._upkeep.set_aside(error)
            raise
        except SourceRefusedError:
            await self._give_up()
            raise
        finally:
            self._lost_at = asyncio.get_running_loop().time()
            self._gap_reason = GapReason.SOURCE_LOST

    async def _follow(self, connected: Connected) -> None:
        """Take what is published until the source is lost, or until every value must be asked for anew."""
        tasks = {
            asyncio.create_task(self._upkeep.run(connected.placement)),
            asyncio.create_task(self.backfill.run(connected.session, connected.placement.limits)),
            watch := asyncio.create_task(connected.session.watch()),
            *(
                asyncio.create_task(
                    self._cure.run(connected, Fallen(each, f"subscription {each.id} is lost"))
                )
                for each in connected.loop.fallen
            ),
        }
        try:
            async with aclosing(connected.loop.events()) as events:
                async for event in events:
                    if isinstance(event, Fallen):
                        tasks.add(asyncio.create_task(self._cure.run(connected, event)))
                        continue
                    await self._take(connected, event)
                    if self._refused and self._outbox.condition is None:
                        self._refused = False
                        return
        except SourceLostError:
            if watch.done() and not watch.cancelled():
                raise SecurityError(watch.result()) from None
            raise
        finally:
            for task in tasks:
                task.cancel()

    async def _tell_lost(self, gaps: tuple[Gap, ...]) -> None:
        """Tell the gaps of a subscription that is no more, and what could not be monitored anew."""
        bad = self._upkeep.turned_bad()
        if bad is not None:
            self.intake.told_bad(bad)
        self.backfill.note(gaps)
        await self._hand_over(Delivery(self.config.source, readings=bad, gaps=gaps))

    async def close(self) -> None:
        """See :class:`connectors.supervisor.Link`."""
        await self._give_up()

    async def _take_up(self) -> Connected | None:
        """Go on with the session that was lost, if the server still has it; None if there is none."""
        connected = self._connected
        if connected is None:
            return None
        away_s = asyncio.get_running_loop().time() - self._lost_at
        if away_s > SESSION_TIMEOUT_MS / 1000 or connected.placement.in_doubt or connected.loop.mute:
            await self._give_up()
            return None
        try:
            await connected.session.resume()
            if not await self._recover(connected):
                await self._give_up()
                return None
        except (SourceRefusedError, MalformedResponseError):
            await self._give_up()
            return None
        self.resumed += 1
        return connected

    async def _recover(self, connected: Connected) -> bool:
        """Take what was published meanwhile; True if the server still has one of the subscriptions."""
        for subscription in connected.loop.subscriptions:
            try:
                async with aclosing(subscription.recover()) as recovered:
                    async for published in recovered:
                        await self._take(connected, published)
            except SourceRefusedError:
                connected.loop.set_aside(subscription)
        return bool(connected.loop.subscriptions)

    async def _begin(self) -> Connected:
        """Make a new session and its subscriptions, with every item that can be had."""
        session = Session(self.config.endpoint, name=f"ParkTwin {self.config.source}", door=self.door)
        await session.open()
        try:
            limits = await read_limits(session)
            self.items.monitored.clear()
            self.intake.subscribed(self._clock())
            loop = PublishLoop(session)
            placement = Placement(session, self.config, limits, self.items, loop, clock=self._clock)
            created_ns = await placement.monitor(self._upkeep.wanted())
        except BaseException:
            await session.close()
            raise
        self._connected = Connected(session, loop, placement)
        self._gap_end = created_ns or self._clock()
        bad = self._upkeep.turned_bad()
        if bad is not None:
            self.intake.told_bad(bad)
        await self._hand_over(Delivery(self.config.source, tag_set=self.tag_set, readings=bad))
        return self._connected

    async def _give_up(self) -> None:
        connected, self._connected = self._connected, None
        if connected is not None:
            await connected.session.close()

    async def _take(self, connected: Connected, published: Published) -> None:
        response, subscription = published.response, published.subscription
        received = self._clock()
        self.last_heard = received
        self.responses += 1
        now = ticks_to_ns(response.publish_time) or received
        gaps = self._open_gap(published, now, received, alone=connected.loop.is_alone(subscription))
        # all of it is decoded before any of it is taken: what cannot be read whole is not read in part
        taken = [self.intake.take(changes) for changes in self._decode(response, received)]
        if taken:
            self.intake.heard(received)
        readings: list[Readings | None] = [readings for readings, _ in taken]
        gaps += tuple(gap for _, told in taken for gap in told)
        self.backfill.note(gaps)
        subscription.took(now, received)
        source, loop = self.config.source, connected.loop
        whole = loop.whole()
        *parts, last = readings or [None]
        for part in parts:  # nothing is sure before the last of them
            await self._hand_over(Delivery(source, whole=whole, unsampled=whole, readings=part))
        delivery = Delivery(source, whole=whole, unsampled=whole - loop.sure(), readings=last, gaps=gaps)
        accepted = partial(self._accepted, subscription, response, received)
        await self._hand_over(delivery, accepted)

    def _open_gap(self, published: Published, now: int, received: int, *, alone: bool) -> tuple[Gap, ...]:
        """Mark what was lost before a response: since the last session, or of its subscription."""
        source, subscription = self.config.source, published.subscription
        if self._gap_end is not None:
            start, away = self._outbox.whole(source), self._outbox.away(source, received)
            end, self._gap_end = self._gap_end, None
            return make_outage(source, start, end, away, self._gap_reason) if start else ()
        if not published.missed or not subscription.whole:
            return ()
        tags = [] if alone else [self.tag_set.tags[handle] for handle in subscription.items]
        start, away = subscription.sure, received - subscription.noted
        self.intake.missed(list(subscription.items))
        return make_outage(source, start, now, away, GapReason.SOURCE_LOST, tags)

    def _decode(self, response: PublishResponse, received: int) -> list[Changes]:
        paths = self.intake.counts.paths
        return [
            decode_data_change(response, notification, received_ns=received, paths=paths)
            for notification in response.notifications
            if notification.kind == DATA_CHANGE
        ]

    async def _tell(self, readings: Readings) -> None:
        self.intake.told_bad(readings)
        await self._hand_over(Delivery(self.config.source, readings=readings))

    async def _hand_over(self, delivery: Delivery, accepted: Callable[[], None] | None = None) -> None:
        """Give a delivery to the outbox, and wait only if too many are not durable yet."""
        future = asyncio.wrap_future(self._outbox.accept(delivery))
        future.add_done_callback(partial(self._settled, accepted))
        if delivery.is_keep_alive:
            return
        self._unaccepted.append(future)
        while self._unaccepted and (len(self._unaccepted) > MAX_UNACCEPTED or self._unaccepted[0].done()):
            await asyncio.wait([self._unaccepted.popleft()])

    def _settled(self, accepted: Callable[[], None] | None, future: asyncio.Future[None]) -> None:
        if future.cancelled():
            return
        if future.exception() is not None:
            self._refused = True
            self.intake.forget()
        # a refused notification is acknowledged too: the outbox marks its time, the server must not hold it
        if accepted is not None:
            accepted()

    def _accepted(self, subscription: Subscription, response: PublishResponse, received: int) -> None:
        if not response.is_keep_alive:
            subscription.accepted(response.sequence_number)
        self.latency_s((self._clock() - received) / 1e9)
