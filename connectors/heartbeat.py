"""Says every heartbeat, straight to the bus, how each source is doing: who says nothing is gone.

Not through the outbox: a state that is late is a wrong state.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

from twin.bus.base import Bus, BusError, Message
from twin.contract.clock import Clock
from twin.contract.codec import encode_message
from twin.contract.messages import SourceState
from twin.contract.topics import SOURCE_STATES
from twin.service.logging import ConditionLog

_LOG = logging.getLogger(__name__)


class Heartbeat:
    """Publishes states from a thread of its own; while the bus is away it skips, and logs that once.

    Args:
        bus: where to.
        states: asked at each beat; called from this thread.
        every_ms: how often [ms].
        clock: ns since the epoch.
    """

    def __init__(
        self, bus: Bus, states: Callable[[], Sequence[SourceState]], *, every_ms: int, clock: Clock
    ) -> None:
        self._bus = bus
        self._states = states
        self._every_s = every_ms / 1000
        self._clock = clock
        self._conditions = ConditionLog(_LOG, clock)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)
        self._thread.start()

    def close(self, timeout_s: float = 1.5) -> None:
        """Say the states a last time, and stop; a bus that is away is not waited for."""
        self._stop.set()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        stopping = False
        while not stopping:
            stopping = self._stop.wait(self._every_s)
            try:
                self._beat()
            except BusError as error:
                self._conditions.begin("heartbeat", f"heartbeat: the bus does not take states: {error}")
            except Exception:
                _LOG.exception("heartbeat: unforeseen error")
            else:
                self._conditions.end("heartbeat", "heartbeat: the bus takes states again")

    def _beat(self) -> None:
        messages = []
        for state in self._states():
            value, headers = encode_message(
                state,
                message_id=f"{state.source}:{state.time}",
                source="connectors",
                time_ns=self._clock(),
            )
            messages.append(Message(SOURCE_STATES.name, state.source, value, headers))
        if messages:
            self._bus.publish(messages)
