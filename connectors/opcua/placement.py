"""Which item lives in which subscription of a session: as many as it takes, and every item accounted for.

Items are created in calls as large as the server says, halved when it refuses all the same or does not answer
in time, and grown again when it takes them. A subscription that is full is followed by another. What finds no
place fails by name, is asked for again later, and the others run: requested = monitored + failed.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from contextlib import suppress

from asyncua import ua
from asyncua.ua.status_codes import StatusCodes

from connectors.errors import SourceRefusedError, SourceTimedOutError
from connectors.items import Items
from connectors.opcua.item_requests import FILTER_REFUSED, make_request
from connectors.opcua.limits import TOO_MUCH, Limits
from connectors.opcua.publishing import PublishLoop
from connectors.opcua.session import Session
from connectors.opcua.subscribe import (
    LOST_PLACE,
    MAKE_ROOM,
    Found,
    Wanted,
    book_failed,
    book_monitored,
    create_subscription,
    find_nodes,
)
from connectors.opcua.subscription import Subscription
from connectors.opcua.times import ticks_to_ns
from twin.contract.clock import NS_PER_MS, Clock
from twin.contract.messages import SourceConfig

_LOG = logging.getLogger(__name__)
_LONGEST_SAMPLING_MS = 86_400_000.0
"""No server samples less than once a day; what is longer, or not a number, is none."""


class Placement:
    """The subscriptions of one session and the items in them.

    Args:
        session: where they live.
        config: what is asked for.
        limits: what the server takes.
        items: the account, kept up to date here.
        loop: publishes them.
        clock: ns since the epoch.
    """

    def __init__(
        self,
        session: Session,
        config: SourceConfig,
        limits: Limits,
        items: Items,
        loop: PublishLoop,
        *,
        clock: Clock,
    ) -> None:
        self.session = session
        self.limits = limits
        self._config = config
        self._items = items
        self._loop = loop
        self._clock = clock
        self.in_doubt = False
        """True while nobody knows whether items that were asked for are there: not to be gone on with."""
        self._room = limits.items_a_subscription
        self._unfiltered: set[int] = set()
        self._known: dict[int, Wanted] = {}
        self._lock = asyncio.Lock()

    async def monitor(self, wanted: Sequence[Wanted]) -> int | None:
        """Create an item for each, in subscriptions with room or in new ones; book every one.

        Returns:
            the server's time when the last was created, ns; None if it did not say or nothing was created.

        Raises:
            SourceLostError: no answer, or not even one subscription can be had. An item that is refused
                raises nothing.
        """
        async with self._lock:
            self._known.update((entry.handle, entry) for entry in wanted)
            return await self._monitor(wanted)

    async def replace(self, handles: Sequence[int]) -> int | None:
        """Create the items of a subscription that is no more in others; what cannot be had now fails by name.

        Returns:
            as :meth:`monitor`.

        Raises:
            SourceLostError: no answer.
        """
        there = set().union(*(subscription.items for subscription in self._loop.subscriptions))
        wanted = self._items.monitored.intersection(handles) - there
        lost = [self._known[handle] for handle in sorted(wanted)]
        try:
            return await self.monitor(lost)
        except SourceRefusedError as error:
            for entry in lost:
                book_failed(entry, error.status, self._items, LOST_PLACE)
            return None

    async def drop(self, subscription: Subscription) -> None:
        """Delete a subscription and forget it.

        Raises:
            SourceLostError: no answer.
        """
        self._loop.remove(subscription)
        await self.delete(subscription)

    async def delete(self, subscription: Subscription) -> None:
        """Delete a subscription, be it still there or not.

        Raises:
            SourceLostError: no answer.
        """
        with suppress(SourceRefusedError):
            await self.session.delete_subscriptions([subscription.id])

    async def let_go(self, handles: Sequence[int]) -> None:
        """Delete the items of some handles, whose nodes are gone.

        Raises:
            SourceLostError: no answer.
        """
        for subscription in self._loop.subscriptions:
            numbers = [subscription.items.pop(h) for h in handles if h in subscription.items]
            if numbers:
                with suppress(SourceRefusedError):
                    await self.session.delete_monitored_items(subscription.id, numbers)

    async def _monitor(self, wanted: Sequence[Wanted]) -> int | None:
        queue = deque(self._find(wanted))
        new: list[Subscription] = []
        created_ns = None
        for subscription in self._loop.subscriptions:
            subscription.full = False
        while queue or not self._loop.subscriptions:
            place = await self._place(new)
            if isinstance(place, int):
                for found in queue:
                    book_failed(found.wanted, place, self._items, MAKE_ROOM)
                break
            size = min(self.limits.items.now, self._room - len(place.items))
            batch = [queue.popleft() for _ in range(min(size, len(queue)))]
            if not batch:
                break
            try:
                response = await self._ask(place, batch)
            except (SourceRefusedError, SourceTimedOutError) as error:
                queue.extendleft(reversed(batch))
                await self._ask_for_less(place, len(batch), error, queue, new)
                continue
            self.limits.items.done()
            created_ns = (
                ticks_to_ns(ua.datetime_to_win_epoch(response.ResponseHeader.Timestamp)) or created_ns
            )
            queue.extendleft(reversed(self._book(place, batch, response.Results)))
        await self._settle(new, created_ns)
        return created_ns

    async def _place(self, new: list[Subscription]) -> Subscription | int:
        """Return a subscription that takes more, a new one if need be; else the status of the refusal."""
        subscriptions = self._loop.subscriptions
        for subscription in subscriptions:
            if not subscription.full and len(subscription.items) < self._room:
                return subscription
        if new and new[-1].full and not new[-1].items:
            return StatusCodes.BadTooManyMonitoredItems
        try:
            subscription = await create_subscription(self.session, self._config)
        except SourceRefusedError as error:
            if not subscriptions:
                raise
            if self._room < len(self._config.items) and not all(each.full for each in subscriptions):
                # no further one to be had: those there get more than we would have given them
                self._room = len(self._config.items)
                return await self._place(new)
            return error.status
        new.append(subscription)
        self._loop.add(subscription)
        return subscription

    async def _ask(
        self, subscription: Subscription, batch: Sequence[Found]
    ) -> ua.CreateMonitoredItemsResponse:
        asked = [(found.wanted.handle, found.wanted.item, found.node, found.filtered) for found in batch]
        before, self.in_doubt = self.in_doubt, True
        try:
            response = await self.session.create_monitored_items(
                make_request(subscription.id, self._config, asked)
            )
        except SourceRefusedError:
            self.in_doubt = before
            raise
        self.in_doubt = before
        return response

    async def _ask_for_less(
        self,
        subscription: Subscription,
        asked: int,
        error: SourceRefusedError | SourceTimedOutError,
        queue: deque[Found],
        new: list[Subscription],
    ) -> None:
        """Halve what is asked for after a call that came to nothing; raise the error if that is no cure."""
        if isinstance(error, SourceTimedOutError):
            if asked == 1 or subscription not in new:
                raise error
            # some may be there, under handles that would then be told twice: begin this one anew
            queue.extendleft(self._find([self._known[handle] for handle in subscription.items]))
            new.remove(subscription)
            await self.drop(subscription)
            self.in_doubt = False
        elif error.status not in TOO_MUCH:
            raise error
        elif asked == 1:
            if error.status != StatusCodes.BadTooManyMonitoredItems:
                raise error
            subscription.full = True
            self.limits.items.start_anew()
            return
        self.limits.items.refused(asked)

    def _book(
        self,
        subscription: Subscription,
        batch: Sequence[Found],
        results: Sequence[ua.MonitoredItemCreateResult],
    ) -> list[Found]:
        """Book what the server answered; return what is to be asked for again, elsewhere or otherwise."""
        again = []
        for found, result in zip(batch, results, strict=False):
            handle, status = found.wanted.handle, result.StatusCode.value
            if status >> 30 == 0:
                subscription.items[handle] = int(result.MonitoredItemId)
                subscription.sampling_ns = max(subscription.sampling_ns, _sampling_ns(result))
                book_monitored(handle, self._items)
            elif found.filtered and status in FILTER_REFUSED:
                self._unfiltered.add(handle)
                again.append(Found(found.wanted, found.node, filtered=False))
            elif status == StatusCodes.BadTooManyMonitoredItems:
                subscription.full = True
                again.append(found)
            else:
                book_failed(found.wanted, status, self._items)
        for found in batch[len(results) :]:
            book_failed(found.wanted, StatusCodes.BadUnknownResponse, self._items)
        return again

    async def _settle(self, new: list[Subscription], created_ns: int | None) -> None:
        """Delete new subscriptions in which nothing could be had; the others are whole from here on."""
        for subscription in new:
            if not subscription.items and len(self._loop.subscriptions) > 1:
                await self.drop(subscription)
                continue
            now = self._clock()
            subscription.begin(created_ns or now, now)
        if len(self._loop.subscriptions) > 1 and new:
            _LOG.info(
                "source %s: %d items in %d subscriptions", self._config.source, len(self._items.monitored),
                len(self._loop.subscriptions),
            )  # fmt: skip

    def _find(self, wanted: Sequence[Wanted]) -> list[Found]:
        found = find_nodes(wanted, self.limits.namespaces, self._items, deadbands=self.limits.deadbands)
        if not self._unfiltered:
            return found
        return [
            Found(each.wanted, each.node, each.filtered and each.wanted.handle not in self._unfiltered)
            for each in found
        ]


def _sampling_ns(result: ua.MonitoredItemCreateResult) -> int:
    """Return the sampling interval the server revised to, ns; 0 where it samples at every write, or says
    nothing that is a time."""
    interval_ms = float(result.RevisedSamplingInterval)
    return round(interval_ms * NS_PER_MS) if 0 < interval_ms < _LONGEST_SAMPLING_MS else 0
