"""Keeping the account of items true while a subscription runs.

* What failed is asked for again, ever more seldom.
* What is monitored is looked after: some servers delete a node and never tell its monitored item, which then
  looks like a value that does not change. Once a minute every node is asked whether it is still there.
* A tag that is not monitored is told to be Bad, once: its last value is no longer true.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Final

import numpy as np

from connectors.errors import MalformedResponseError, NodeAddressError, SourceLostError, SourceRefusedError
from connectors.frames import Readings
from connectors.items import Items, failed_item
from connectors.opcua.limits import TOO_MUCH
from connectors.opcua.node_ids import resolve
from connectors.opcua.placement import Placement
from connectors.opcua.subscribe import Wanted, book_failed
from twin.contract.clock import Clock
from twin.contract.messages import SourceConfig
from twin.contract.status import BAD_NODE_ID_INVALID, BAD_NODE_ID_UNKNOWN

FIRST_RETRY_S: Final = 5.0
LAST_RETRY_S: Final = 300.0
VERIFY_S: Final = 60.0
BAD_DECODING_ERROR: Final = 0x80070000

_GONE = {BAD_NODE_ID_UNKNOWN, BAD_NODE_ID_INVALID}
_LOG = logging.getLogger(__name__)


class ItemUpkeep:
    """Looks after the items of one source.

    Args:
        config: what was asked for.
        items: the account, kept up to date here.
        wanted: every item whose address can be read.
        tag_set_id: of the readings made here.
        tell: takes readings of tags that turned Bad.
        clock: ns since the epoch.
        rng: spreads the retries.
    """

    def __init__(
        self,
        config: SourceConfig,
        items: Items,
        wanted: list[Wanted],
        tag_set_id: str,
        tell: Callable[[Readings], Awaitable[None]],
        *,
        clock: Clock,
        rng: random.Random,
    ) -> None:
        self._config = config
        self._items = items
        self._wanted = wanted
        self._tag_set_id = tag_set_id
        self._tell = tell
        self._clock = clock
        self._rng = rng
        self._set_aside: set[int] = set()
        self._told_bad: dict[int, int] = {}

    def wanted(self) -> list[Wanted]:
        """Return the items to ask a new subscription for: all but those set aside."""
        return [entry for entry in self._wanted if entry.handle not in self._set_aside]

    def set_aside(self, error: MalformedResponseError) -> None:
        """Leave out the one item whose value broke a response, so that the others run."""
        handle = error.handle
        if handle is None or handle >= len(self._config.items):
            return
        item = self._config.items[handle]
        self._set_aside.add(handle)
        reason = f"{item.node}: its value cannot be read ({error}); left out until the next start"
        self._items.failed[handle] = failed_item(item, BAD_DECODING_ERROR, reason)

    def turned_bad(self) -> Readings | None:
        """Return a Bad reading for each tag that is not monitored and was not told so before."""
        rows = [
            (handle, item.status)
            for handle, item in self._items.failed.items()
            if self._told_bad.get(handle) != item.status
        ]
        for handle in self._items.monitored:
            self._told_bad.pop(handle, None)
        if not rows:
            return None
        self._told_bad.update(rows)
        return Readings(
            self._tag_set_id,
            np.array([handle for handle, _ in rows], np.uint32),
            np.full(len(rows), self._clock(), np.int64),
            np.array([status for _, status in rows], np.uint32),
            np.full(len(rows), np.nan),
        )

    async def run(self, placement: Placement) -> None:
        """Retry and verify until cancelled."""
        await asyncio.gather(self._retry(placement), self._verify(placement))

    async def _retry(self, placement: Placement) -> None:
        wait_s = FIRST_RETRY_S
        while True:
            await asyncio.sleep(self._rng.uniform(0.5, 1.0) * wait_s)
            wait_s = min(2 * wait_s, LAST_RETRY_S)
            failed = [entry for entry in self.wanted() if entry.handle in self._items.failed]
            if not failed:
                wait_s = FIRST_RETRY_S
                continue
            try:
                await placement.monitor(failed)
            except SourceLostError as error:
                _LOG.debug("source %s: failed items not asked for now: %s", self._config.source, error)
                continue
            await self._say_what_turned_bad()

    async def _verify(self, placement: Placement) -> None:
        while True:
            await asyncio.sleep(self._rng.uniform(0.9, 1.1) * VERIFY_S)
            try:
                await self._look_for_the_gone(placement)
            except SourceLostError as error:
                _LOG.debug("source %s: items not verified now: %s", self._config.source, error)
                continue
            await self._say_what_turned_bad()

    async def _look_for_the_gone(self, placement: Placement) -> None:
        limits = placement.limits
        monitored = [entry for entry in self._wanted if entry.handle in self._items.monitored]
        gone: list[int] = []
        start = 0
        while start < len(monitored):
            batch = monitored[start : start + limits.nodes.now]
            try:
                nodes = [resolve(entry.address, limits.namespaces) for entry in batch]
            except NodeAddressError:
                return
            try:
                statuses = await placement.session.exist(nodes)
            except SourceRefusedError as error:
                if error.status not in TOO_MUCH or len(batch) == 1:
                    raise
                limits.nodes.refused(len(batch))
                continue
            limits.nodes.done()
            start += len(batch)
            for entry, status in zip(batch, statuses, strict=False):
                if status in _GONE:
                    book_failed(entry, status, self._items)
                    gone.append(entry.handle)
        await placement.let_go(gone)

    async def _say_what_turned_bad(self) -> None:
        bad = self.turned_bad()
        if bad is not None:
            await self._tell(bad)
