"""One subscription: which items live in it, its notifications in order, and when it should have spoken.

Responses are taken in the order of their sequence numbers; a number that is missing is asked for once more
(Republish) and, if the server no longer has it, is a gap. A notification is acknowledged once the outbox has
it, so that one that died with this process could be asked for again.

**Silence.** A server with nothing to tell says so every keep-alive: after *revised publishing interval x
revised keep-alive count* (OPC 10000-4 §5.14.1.1) something is due. A subscription from which nothing has
come :data:`LATE_INTERVALS` publishing intervals after that (and a second at least, for a server under load)
is silent. The figures are the server's revised ones, for those are what it keeps to.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Final

from asyncua.ua.status_codes import StatusCodes

from connectors.errors import SourceRefusedError
from connectors.opcua.publish_response import STATUS_CHANGE, PublishResponse, parse_status_change
from connectors.opcua.session import Session
from twin.contract.clock import NS_PER_S

LATE_INTERVALS: Final = 2
LEAST_LATE_S: Final = 1.0
"""A server under load is late by so much without being lost: short intervals are not shorter than that."""
_LEAST_LATE_NS: Final = round(LEAST_LATE_S * NS_PER_S)
MAX_REPUBLISH: Final = 1_000
GONE: Final = frozenset({StatusCodes.BadSubscriptionIdInvalid, StatusCodes.BadNoSubscription})
"""Answers of a server that has no such subscription."""
_LAST_SEQUENCE: Final = 0xFFFFFFFF


def late_s(interval_s: float) -> float:
    """Return how late a subscription may be before it is silent [s].

    >>> late_s(0.1), late_s(2.0)
    (1.0, 4.0)
    """
    return max(LATE_INTERVALS * interval_s, LEAST_LATE_S)


class Subscription:
    """One subscription of a session.

    Args:
        session: where it lives.
        subscription_id: which.
        interval_s: publishing interval as the server revised it [s].
        keep_alive_s: how long a server with nothing to tell may be silent [s].
    """

    def __init__(
        self, session: Session, subscription_id: int, *, interval_s: float, keep_alive_s: float
    ) -> None:
        self.id = subscription_id
        self.items: dict[int, int] = {}
        """The server's number of each monitored item, by client handle."""
        self.full = False
        """True once the server refused to have more items in it."""
        self.whole = 0
        """Last moment of the server's clock up to which all of it that was sampled was taken, ns; 0 = none
        yet."""
        self.sampling_ns = 0
        """Longest sampling interval of its items as the server revised them, ns: what was written within it
        before a response may not be in the response yet."""
        self.noted = 0
        """When that was by our clock, ns."""
        self.heard_s = 0.0
        """When something last came from it, by the loop's clock [s]."""
        self.allowed_s = keep_alive_s + late_s(interval_s)
        """Silence of a healthy server is shorter [s]."""
        self._before = 0
        self._session = session
        self._expected: int | None = None
        self._acknowledge: list[int] = []

    def begin(self, created: int, noted: int) -> None:
        """Note when it was created by the server's clock and by ours, ns."""
        self._before, self.whole, self.noted = created, created, noted

    def took(self, published: int, noted: int) -> None:
        """Note that all of a response was taken: when the server published it, and when that was by our
        clock, ns."""
        self._before, self.whole, self.noted = self.whole, published, noted

    @property
    def sure(self) -> int:
        """Up to which moment of the server's clock nothing of it can still come, ns.

        A server that was held up may publish first and sample afterwards what it should have sampled before:
        its newest response vouches only for what was due at the one before, or :data:`LEAST_LATE_S` ago.
        """
        due = min(max(self._before, self.whole - _LEAST_LATE_NS), self.whole)
        return max(due - self.sampling_ns, 0)

    @property
    def due_s(self) -> float:
        """When it is silent if nothing comes until then, by the loop's clock [s]."""
        return self.heard_s + self.allowed_s

    def hear(self) -> None:
        """Note that something came from it just now."""
        self.heard_s = asyncio.get_running_loop().time()

    def accepted(self, sequence_number: int) -> None:
        """Acknowledge a notification with the next publish request: the outbox has it."""
        self._acknowledge.append(sequence_number)

    def acknowledgements(self) -> list[tuple[int, int]]:
        """Take what is to be acknowledged, as (subscription, sequence number)."""
        sequences, self._acknowledge = self._acknowledge, []
        return [(self.id, sequence) for sequence in sequences]

    async def in_order(self, response: PublishResponse) -> AsyncGenerator[Published]:
        """Yield a response in its place, after what was missing before it.

        Raises:
            SourceLostError: the server could not be asked for what is missing.
            SourceRefusedError: the server has given the subscription up; ``status`` says why.
        """
        check_status(response)
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
                    yield Published(self, found, missed=missed)
                    missed = False
            missed = missed or ahead > MAX_REPUBLISH
        self._expected = number if response.is_keep_alive else _after(number)
        yield Published(self, response, missed=missed)

    async def recover(self) -> AsyncGenerator[Published]:
        """Yield what the server still holds and we have not seen.

        Raises:
            SourceLostError: no answer.
            SourceRefusedError: the server has no such subscription (:data:`GONE`).
        """
        expected = 1 if self._expected is None else self._expected
        for _ in range(MAX_REPUBLISH):
            response = await self._republish(expected)
            if response is None:
                return
            expected = self._expected = _after(expected)
            yield Published(self, response, missed=False)

    async def _republish(self, number: int) -> PublishResponse | None:
        try:
            response = await self._session.republish(self.id, number)
        except SourceRefusedError as error:
            if error.status in GONE:
                raise
            return None
        # some servers answer what they do not have with an empty message instead of BadMessageNotAvailable
        return None if response.sequence_number != number or response.is_keep_alive else response


@dataclass(frozen=True, slots=True)
class Published:
    """A response in its place.

    Args:
        subscription: whose.
        response: what came.
        missed: True if notifications before it are lost for good.
    """

    subscription: Subscription
    response: PublishResponse
    missed: bool


def check_status(response: PublishResponse) -> None:
    """Look whether the server says that it gave the subscription up.

    Raises:
        SourceRefusedError: it did.
    """
    for notification in response.notifications:
        if notification.kind == STATUS_CHANGE:
            status = parse_status_change(response, notification)
            if status >> 31:
                raise SourceRefusedError(f"the server gave up the subscription: {status:#010x}", status)


def _after(number: int) -> int:
    """Return the next sequence number: after the last comes 1 (OPC 10000-4 §7.6)."""
    return 1 if number >= _LAST_SEQUENCE else number + 1
