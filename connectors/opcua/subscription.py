"""One subscription as it runs: publish requests in flight, notifications in order, silence noticed.

Two or three publish requests are kept waiting at the server, so that it never has to wait for one. Responses
are taken in the order of their sequence numbers; a number that is missing is asked for once more (Republish)
and, if the server no longer has it, is a gap. A notification is acknowledged once the outbox has it, so that
one that died with this process could be asked for again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Final

from connectors.errors import MalformedResponseError, SourceLostError, SourceRefusedError
from connectors.opcua.publish_response import STATUS_CHANGE, PublishResponse, parse_status_change
from connectors.opcua.session import Session

IN_FLIGHT: Final = 3
MAX_REPUBLISH: Final = 1_000
BAD_TOO_MANY_PUBLISH_REQUESTS: Final = 0x80780000
BAD_TIMEOUT: Final = 0x800A0000
_LAST_SEQUENCE: Final = 0xFFFFFFFF


class Published:
    """A response in its place.

    Args:
        response: what came.
        missed: True if notifications before it are lost for good.
    """

    __slots__ = ("missed", "response")

    def __init__(self, response: PublishResponse, *, missed: bool) -> None:
        self.response = response
        self.missed = missed


class Subscription:
    """The publishing side of one subscription.

    Args:
        session: where it lives.
        subscription_id: which.
        silence_s: a server that says nothing for this long is lost [s].
    """

    def __init__(self, session: Session, subscription_id: int, *, silence_s: float) -> None:
        self._session = session
        self._id = subscription_id
        self._silence_s = silence_s
        self._expected: int | None = None
        self._acknowledge: list[int] = []
        self._in_flight: set[asyncio.Task[None]] = set()
        self._wanted = IN_FLIGHT
        self._arrivals: asyncio.Queue[PublishResponse | Exception] = asyncio.Queue()

    def accepted(self, sequence_number: int) -> None:
        """Acknowledge a notification with the next publish request: the outbox has it."""
        self._acknowledge.append(sequence_number)

    async def responses(self) -> AsyncGenerator[Published]:
        """Yield every response, keep-alives too, in order, until the subscription is lost.

        Raises:
            SourceLostError: silence, a lost connection, or a subscription that the server gave up.
            MalformedResponseError: a response that cannot be read.
        """
        self._fill()
        try:
            while True:
                response = await self._next()
                if response is None:
                    continue
                if response.subscription_id not in {self._id, 0}:
                    continue
                async for published in self._in_order(response):
                    yield published
        finally:
            for task in self._in_flight:
                task.cancel()
            self._in_flight.clear()

    async def recover(self) -> AsyncGenerator[Published]:
        """After the session was taken up again: yield what the server still holds and we have not seen."""
        self._arrivals = asyncio.Queue()
        self._wanted = IN_FLIGHT
        if self._expected is None:
            return
        for _ in range(MAX_REPUBLISH):
            response = await self._republish(self._expected)
            if response is None:
                return
            self._expected = _after(self._expected)
            yield Published(response, missed=False)

    def _fill(self) -> None:
        while len(self._in_flight) < self._wanted:
            task = asyncio.create_task(self._publish())
            self._in_flight.add(task)
            task.add_done_callback(self._in_flight.discard)

    async def _publish(self) -> None:
        sequences, self._acknowledge = self._acknowledge, []
        try:
            response = await self._session.publish([(self._id, sequence) for sequence in sequences])
        except (SourceLostError, MalformedResponseError) as error:
            self._arrivals.put_nowait(error)
        else:
            self._arrivals.put_nowait(response)

    async def _next(self) -> PublishResponse | None:
        """Return the next arrival; None if it was an answer that only changes how we ask."""
        try:
            arrival = await asyncio.wait_for(self._arrivals.get(), self._silence_s)
        except TimeoutError:
            # if this process itself was held up, what the server sent is still in the socket: look once more
            await asyncio.sleep(0.05)
            if self._arrivals.empty():
                raise SourceLostError(
                    f"the server has been silent for {self._silence_s:.1f} s, in spite of its keep-alives"
                ) from None
            arrival = self._arrivals.get_nowait()
        # the task that brought this arrival may not have left the set yet
        await asyncio.sleep(0)
        if isinstance(arrival, SourceRefusedError) and arrival.status == BAD_TOO_MANY_PUBLISH_REQUESTS:
            self._wanted = max(1, self._wanted - 1)
            self._fill()
            return None
        if isinstance(arrival, SourceRefusedError) and arrival.status == BAD_TIMEOUT:
            self._fill()
            return None
        if isinstance(arrival, Exception):
            raise arrival
        self._fill()
        return arrival

    async def _in_order(self, response: PublishResponse) -> AsyncGenerator[Published]:
        self._check_status(response)
        number = response.sequence_number
        if self._expected is None:
            self._expected = number
        missed = False
        ahead = (number - self._expected) % _LAST_SEQUENCE
        if ahead and ahead > _LAST_SEQUENCE // 2:
            # seen already: the server sends it again because an acknowledgement was lost on the way
            if not response.is_keep_alive:
                self._acknowledge.append(number)
            return
        if ahead:
            for _ in range(min(ahead, MAX_REPUBLISH)):
                found = await self._republish(self._expected)
                self._expected = _after(self._expected)
                if found is None:
                    missed = True
                else:
                    yield Published(found, missed=missed)
                    missed = False
            missed = missed or ahead > MAX_REPUBLISH
        self._expected = number if response.is_keep_alive else _after(number)
        yield Published(response, missed=missed)

    async def _republish(self, number: int) -> PublishResponse | None:
        try:
            response = await self._session.republish(self._id, number)
        except SourceRefusedError:
            return None
        # some servers answer what they do not have with an empty message instead of BadMessageNotAvailable
        return None if response.sequence_number != number or response.is_keep_alive else response

    def _check_status(self, response: PublishResponse) -> None:
        for notification in response.notifications:
            if notification.kind == STATUS_CHANGE:
                status = parse_status_change(response, notification)
                if status >> 31:
                    raise SourceRefusedError(f"the server gave up the subscription: {status:#010x}", status)


def _after(number: int) -> int:
    """Return the next sequence number: after the last comes 1 (OPC 10000-4 §7.6)."""
    return 1 if number >= _LAST_SEQUENCE else number + 1
