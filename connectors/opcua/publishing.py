"""The publish loop of one session: requests in flight for all its subscriptions, and who of them is silent.

A few publish requests more than there are subscriptions are kept waiting at the server, so that it never has
to wait for one. A publish request belongs to no subscription: the server answers it for whichever is next,
so that one that stopped publishing shows by its silence alone, while its neighbours talk.

* All silent: the connection is taken for lost, and taken up anew; nothing is missing if it was the way.
* One silent, or given up by the server: it has *fallen*, and only it must be cured.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Final

from asyncua.ua.status_codes import StatusCodes

from connectors.errors import MalformedResponseError, SourceLostError, SourceRefusedError
from connectors.opcua.publish_response import PublishResponse
from connectors.opcua.session import Session
from connectors.opcua.subscription import Published, Subscription

SPARE: Final = 2
"""Publish requests in flight beyond one a subscription."""
LOOK_AGAIN_S: Final = 0.05
NOBODY_S: Final = 1.0
MAX_FAULTS: Final = 10
"""So many times in a row a server may say that there is no subscription: it does so for every request that
waits when the last one is deleted, while the next is on its way."""
_ONLY_CHANGES_HOW_WE_ASK: Final = frozenset(
    {
        StatusCodes.BadTooManyPublishRequests,
        StatusCodes.BadTimeout,
        StatusCodes.BadNoSubscription,
    }
)


@dataclass(frozen=True, slots=True)
class Fallen:
    """A subscription that brings nothing any more, and why, for the log."""

    subscription: Subscription
    why: str


class PublishLoop:
    """Keeps publish requests in flight.

    Args:
        session: whose.
    """

    def __init__(self, session: Session) -> None:
        self.mute = False
        """True if a whole run of :meth:`events` ended in silence without a word: a new connection is no
        cure for that."""
        self._spoke = False
        self._session = session
        self._subscriptions: dict[int, Subscription] = {}
        self._fallen: dict[int, Subscription] = {}
        self._in_flight: set[asyncio.Task[None]] = set()
        self._most: int | None = None
        self._faults = 0
        self._arrivals: asyncio.Queue[PublishResponse | Exception] = asyncio.Queue()

    @property
    def subscriptions(self) -> tuple[Subscription, ...]:
        """Those that are published; the fallen are not among them."""
        return tuple(self._subscriptions.values())

    @property
    def fallen(self) -> tuple[Subscription, ...]:
        """Those that fell and are neither back nor forgotten."""
        return tuple(self._fallen.values())

    def add(self, subscription: Subscription) -> None:
        """Take part in publishing, from now on."""
        subscription.hear()
        self._fallen.pop(subscription.id, None)
        self._subscriptions[subscription.id] = subscription
        if self._in_flight:
            self._fill()

    def set_aside(self, subscription: Subscription) -> None:
        """Leave its responses unacknowledged at the server, to be asked for again, but note that they
        come."""
        if self._subscriptions.pop(subscription.id, None) is not None:
            self._fallen[subscription.id] = subscription

    def remove(self, subscription: Subscription) -> None:
        """Forget a subscription."""
        self._subscriptions.pop(subscription.id, None)
        self._fallen.pop(subscription.id, None)

    def is_alone(self, subscription: Subscription) -> bool:
        """Tell whether all items of the session are in this one."""
        return all(each is subscription for each in (*self.subscriptions, *self.fallen))

    def whole(self) -> int:
        """Return up to which moment of the server's clock everything was taken of all of them, ns."""
        return min((each.whole for each in (*self.subscriptions, *self.fallen)), default=0)

    def sure(self) -> int:
        """Return up to which moment of the server's clock nothing of any of them can still come, ns."""
        return min((each.sure for each in (*self.subscriptions, *self.fallen)), default=0)

    def fail(self, error: Exception) -> None:
        """End :meth:`events` with an error that was met elsewhere."""
        self._arrivals.put_nowait(error)

    async def events(self) -> AsyncGenerator[Published | Fallen]:
        """Yield every response in order, keep-alives too, and which subscriptions fell, until the session is
        lost. Each that fell is set aside; it is told once.

        Raises:
            SourceLostError: all silent, a lost connection, or a session without subscriptions.
            MalformedResponseError: a response that cannot be read.
        """
        self._arrivals = asyncio.Queue()
        self._most = None
        self._faults = 0
        self._spoke = False
        for each in self._subscriptions.values():
            each.hear()
        self._fill()
        try:
            while True:
                response = await self._next()
                for fallen in await self._silent():
                    yield fallen
                if response is None:
                    continue
                subscription = self._subscriptions.get(response.subscription_id)
                if subscription is None:
                    continue
                try:
                    async for published in subscription.in_order(response):
                        yield published
                except SourceRefusedError as error:
                    self.set_aside(subscription)
                    yield Fallen(subscription, str(error))
        finally:
            for task in self._in_flight:
                task.cancel()
            self._in_flight.clear()

    def _fill(self) -> None:
        wanted = len(self._subscriptions) + SPARE
        while len(self._in_flight) < (wanted if self._most is None else min(wanted, self._most)):
            task = asyncio.create_task(self._publish())
            self._in_flight.add(task)
            task.add_done_callback(self._in_flight.discard)

    async def _publish(self) -> None:
        told = [pair for each in self._subscriptions.values() for pair in each.acknowledgements()]
        try:
            response = await self._session.publish(told)
        except (SourceLostError, MalformedResponseError) as error:
            self._arrivals.put_nowait(error)
            return
        subscription = self._subscriptions.get(response.subscription_id) or self._fallen.get(
            response.subscription_id
        )
        if subscription is not None:
            # here, not when it is taken: that we are slow is not the server's silence
            subscription.hear()
            self._spoke = True
        self._arrivals.put_nowait(response)

    async def _next(self) -> PublishResponse | None:
        """Return the next arrival; None if there was none in time, or one that only changes how we ask."""
        if self._arrivals.empty():
            try:
                async with asyncio.timeout(self._patience_s()):
                    arrival = await self._arrivals.get()
            except TimeoutError:
                return None
        else:
            arrival = self._arrivals.get_nowait()
        # the task that brought this arrival may not have left the set yet
        await asyncio.sleep(0)
        if isinstance(arrival, SourceRefusedError) and arrival.status in _ONLY_CHANGES_HOW_WE_ASK:
            if arrival.status == StatusCodes.BadTooManyPublishRequests:
                self._most = max(1, (self._most or len(self._subscriptions) + SPARE) - 1)
            elif arrival.status == StatusCodes.BadNoSubscription:
                self._faults += 1
                if self._faults > MAX_FAULTS:
                    raise arrival
            self._fill()
            return None
        if isinstance(arrival, Exception):
            raise arrival
        self._faults = 0
        self._fill()
        return arrival

    def _patience_s(self) -> float:
        """Return how long until the next subscription is silent [s]; a while if there is none."""
        due_s = min((each.due_s for each in self._subscriptions.values()), default=None)
        now_s = asyncio.get_running_loop().time()
        return NOBODY_S if due_s is None else max(0.0, due_s - now_s)

    async def _silent(self) -> list[Fallen]:
        """Set aside those that are silent.

        Raises:
            SourceLostError: none has said anything in its time.
        """
        loop = asyncio.get_running_loop()
        if all(each.due_s > loop.time() for each in self._subscriptions.values()):
            return []
        # if this process itself was held up, what the server sent is still in the socket: look once more
        await asyncio.sleep(LOOK_AGAIN_S)
        silent = [each for each in self._subscriptions.values() if each.due_s <= loop.time()]
        if silent and len(silent) == len(self._subscriptions):
            self.mute = not self._spoke
            allowed_s = max(each.allowed_s for each in silent)
            raise SourceLostError(
                f"the server has been silent for {allowed_s:.1f} s, in spite of its keep-alives"
            )
        for each in silent:
            self.set_aside(each)
        return [
            Fallen(each, f"subscription {each.id} has been silent for {each.allowed_s:.1f} s")
            for each in silent
        ]
