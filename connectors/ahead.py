"""The lane that overtakes a backlog: while the outbox drains, the newest readings go ahead of it.

The outbox is sent in order, every reading once, on ``readings``: history and alarms need it so. After an
outage that takes a while, and the present stands at its end. So as long as the oldest message that waits is
older than :data:`BEHIND_NS`, the newest reading of each tag goes ahead on ``readings_ahead``, for whoever
shows the present: first of all tags, then every :data:`EVERY_S` of those that changed since. It is bounded by
that: one reading a tag, five times a second, however fast a source is and however long the backlog. Nothing
depends on it: what is lost of it comes in its turn.
"""

from __future__ import annotations

import logging
import time
from typing import Final

from connectors.newest import NewestReadings
from connectors.outgoing import ahead_message, tag_set_message
from twin.bus.base import Bus, BusError, BusRefusedError, MessageTooLargeError
from twin.contract.clock import NS_PER_S, Clock
from twin.service.logging import ConditionLog

BEHIND_NS: Final = NS_PER_S
EVERY_S: Final = 0.2
_REFUSED_S: Final = 60.0

_LOG = logging.getLogger(__name__)


class AheadLane:
    """Belongs to the thread of the sender.

    Args:
        newest: what to say.
        bus: where to.
        clock: ns since the epoch.
    """

    def __init__(self, newest: NewestReadings, bus: Bus, clock: Clock) -> None:
        self.readings = 0
        """Readings sent ahead."""
        self._newest = newest
        self._bus = bus
        self._clock = clock
        self._since: int | None = None
        self._announced: set[str] = set()
        self._due = 0.0
        self._conditions = ConditionLog(_LOG, clock)

    def keep(self, oldest_ns: int) -> None:
        """Say what is due, given when the oldest message that waits was accepted [ns].

        Raises:
            BusError: the bus does not take it now; all is said anew at the next call.
        """
        if self._clock() - oldest_ns < BEHIND_NS:
            self._since = None
            return
        if self._since is None:
            self._since, self._due = 0, 0.0
            self._announced.clear()
        if time.monotonic() < self._due:
            return
        try:
            self._since = self._say(self._since)
        except (BusRefusedError, MessageTooLargeError) as error:
            # the backlog must not wait for what it can do without
            self._due = time.monotonic() + _REFUSED_S
            self._conditions.begin("ahead", f"readings are not sent ahead of the backlog: {error}")
        except BusError:
            self._since = None
            raise

    def _say(self, since: int) -> int:
        changed, now = self._newest.changed(since), self._clock()
        fresh = [tag_set for tag_set in changed.tag_sets if tag_set.id not in self._announced]
        messages = [tag_set_message(tag_set, now) for tag_set in fresh]
        messages += [ahead_message(frame, number, now) for number, frame in enumerate(changed.frames)]
        if messages:
            self._bus.publish(messages)
            self._due = time.monotonic() + EVERY_S
        self._announced.update(tag_set.id for tag_set in fresh)
        self.readings += sum(len(frame) for frame in changed.frames)
        self._conditions.end("ahead", "readings are sent ahead of the backlog again")
        return changed.version
