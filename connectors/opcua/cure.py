"""Curing one subscription while its neighbours run.

What the server still holds of it is taken. If it has spoken meanwhile it was only late, and goes on as if
nothing had been. Otherwise it is deleted, its items are monitored anew in another, and the time in between is
a gap of their tags.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing

from connectors.errors import MalformedResponseError, SourceLostError, SourceRefusedError
from connectors.gaps import make_outage
from connectors.opcua.connected import Connected
from connectors.opcua.intake import Intake
from connectors.opcua.publishing import Fallen
from connectors.opcua.subscription import Published, Subscription
from twin.contract.clock import Clock
from twin.contract.messages import Gap, GapReason

_LOG = logging.getLogger(__name__)


class Cure:
    """Cures the subscriptions of one source.

    Args:
        source: whose.
        tags: by client handle.
        intake: told what is subscribed anew.
        take: takes what was published.
        tell: tells the gaps, and what turned Bad.
        clock: ns since the epoch.
    """

    def __init__(
        self,
        source: str,
        tags: Sequence[str],
        intake: Intake,
        *,
        take: Callable[[Connected, Published], Awaitable[None]],
        tell: Callable[[tuple[Gap, ...]], Awaitable[None]],
        clock: Clock,
    ) -> None:
        self.counts = {"back": 0, "anew": 0}
        """Cured so far, by how."""
        self._source = source
        self._tags = tags
        self._intake = intake
        self._take = take
        self._tell = tell
        self._clock = clock

    async def run(self, connected: Connected, fallen: Fallen) -> None:
        """Cure one that fell; what cannot be cured so ends the session."""
        try:
            if await self._is_back(connected, fallen.subscription):
                self.counts["back"] += 1
                _LOG.debug("source %s: %s; it was late, and is back", self._source, fallen.why)
            else:
                await self._make_anew(connected, fallen)
        except (SourceLostError, MalformedResponseError) as error:
            connected.loop.fail(error)

    async def _is_back(self, connected: Connected, subscription: Subscription) -> bool:
        """Take what the server holds of it; True if it has spoken since it fell, and so goes on."""
        fell_s = asyncio.get_running_loop().time()
        try:
            async with aclosing(subscription.recover()) as recovered:
                async for published in recovered:
                    await self._take(connected, published)
        except SourceRefusedError:
            return False
        if subscription.heard_s <= fell_s:
            return False
        connected.loop.add(subscription)
        return True

    async def _make_anew(self, connected: Connected, fallen: Fallen) -> None:
        subscription, placement = fallen.subscription, connected.placement
        handles = list(subscription.items)
        await placement.delete(subscription)
        self._intake.subscribed_anew(handles)
        end = await placement.replace(handles)
        self.counts["anew"] += 1
        _LOG.warning("source %s: %s; its %d items are monitored anew", self._source, fallen.why, len(handles))
        gaps: tuple[Gap, ...] = ()
        now = self._clock()
        if handles and subscription.whole:
            gaps = make_outage(
                self._source,
                subscription.sure,
                end or now,
                now - subscription.noted,
                GapReason.SOURCE_LOST,
                [self._tags[handle] for handle in handles],
            )
        # only now, and with the gap: until then the source is whole up to where this one was
        connected.loop.remove(subscription)
        await self._tell(gaps)
