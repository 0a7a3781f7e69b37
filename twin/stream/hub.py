"""Tells every viewer what changed: one frame a tick, encoded once, the same bytes for all.

The hub keeps the frames of the last two ticks and nothing per viewer but a cursor. A viewer that is ready
takes the ticks after its cursor. One that fell further behind gets them merged instead: one frame with
everything that changed since its cursor, as it is now. So a slow viewer loses only intermediate values, never
a last one, costs no memory, and the frame that brings it up to date is shared with all who stand where it
stood.

Events are another matter: none may be dropped. They wait in a bounded queue a viewer, and a viewer whose
queue is full is sent away with the reason; it comes back and starts from a snapshot.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, ClassVar

import msgspec

from twin.contract.clock import Clock
from twin.contract.errors import ParkTwinError
from twin.state.twin_state import Changes, TwinState
from twin.stream.frame import StreamFrame, encode_stream_frame
from twin.stream.metrics import StreamMetrics

_LOG = logging.getLogger(__name__)

BACKLOG_FRAMES = 2
BACKLOG_EVENTS = 64


class ViewerTooSlowError(ParkTwinError, ConnectionError):
    """A viewer does not take its events; it must connect again."""

    code: ClassVar[str] = "stream.viewer_too_slow"


@dataclass(frozen=True, slots=True)
class _Encoded:
    tick: int
    version: int
    data: bytes


@dataclass(slots=True, eq=False)
class Viewer:
    """Where one viewer stands.

    Args:
        tick: last tick it was given.
        version: state version up to which it knows everything; 0 = it has had no snapshot yet.
        events: JSON texts it has not been given yet.
        overflowed: True once an event found no room.
    """

    tick: int = 0
    version: int = 0
    events: deque[str] = field(default_factory=deque)
    overflowed: bool = False


class Hub:
    """Belongs to one event loop; :meth:`run` is its life.

    Args:
        state: to look at.
        interval_s: seconds between two ticks.
        metrics: counted into.
        clock: ns since the epoch.
    """

    def __init__(self, state: TwinState, *, interval_s: float, metrics: StreamMetrics, clock: Clock) -> None:
        self._state = state
        self._interval_s = interval_s
        self._metrics = metrics
        self._clock = clock
        self._viewers: set[Viewer] = set()
        self._tick = 0
        self._recent: deque[_Encoded] = deque(maxlen=BACKLOG_FRAMES)
        self._merged: dict[int, asyncio.Task[_Encoded]] = {}
        self._news = asyncio.Event()
        self._greetings: dict[str, str] = {}
        self._closed = asyncio.Event()
        self._trouble = ""

    @property
    def trouble(self) -> str:
        """Why there are no ticks, "" while there are."""
        return self._trouble

    @property
    def closed(self) -> bool:
        """True once every viewer's stream was ended."""
        return self._closed.is_set()

    async def wait_closed(self, timeout_s: float) -> bool:
        """Wait until every viewer's stream is ended, at most ``timeout_s`` [s]; return whether it is."""
        with suppress(TimeoutError):
            async with asyncio.timeout(max(timeout_s, 0.001)):
                await self._closed.wait()
        return self.closed

    @property
    def viewers(self) -> int:
        """How many are connected."""
        return len(self._viewers)

    async def run(self, each_tick: Callable[[], None] | None = None) -> None:
        """Tick until cancelled. What fails is tried again at the next tick, and :attr:`trouble` says why;
        events that fail stop no picture.

        Args:
            each_tick: called before each; may publish events and must not block.
        """
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            trouble = ""
            if each_tick is not None:
                try:
                    each_tick()
                except Exception as error:
                    trouble = self._failed("events of", error)
            try:
                await self.tick()
            except Exception as error:
                trouble = self._failed("tick", error)
            self._trouble = trouble
            due = max(due + self._interval_s, loop.time())
            await asyncio.sleep(due - loop.time())

    def _failed(self, what: str, error: Exception) -> str:
        """Log a failure with its trace the first time; return it in words."""
        if not self._trouble:
            _LOG.error("%s tick %d failed; trying again at the next", what, self._tick, exc_info=error)
        return f"{type(error).__name__}: {error}"

    async def tick(self) -> None:
        """Take one tick: work out what changed since the last one and offer it to every viewer."""
        since = self._recent[-1].version if self._recent else self._state.version
        start = perf_counter()
        encoded = await asyncio.to_thread(self._encode_tick, self._tick + 1, since)
        self._metrics.tick_seconds.observe(perf_counter() - start)
        self._metrics.frame_bytes.inc(len(encoded.data))
        self._tick = encoded.tick
        self._recent.append(encoded)
        self._merged.clear()
        self._wake()

    def publish(self, event: str, body: dict[str, Any], *, keep: bool = False) -> None:
        """Send an event to every viewer.

        Args:
            event: its name.
            body: its fields, JSON-able.
            keep: True if it tells a condition: whoever connects later is told the newest of this name too.
        """
        text = msgspec.json.encode({"event": event, **body}).decode()
        if keep:
            self._greetings[event] = text
        for viewer in self._viewers:
            if len(viewer.events) >= BACKLOG_EVENTS:
                viewer.overflowed = True
            else:
                viewer.events.append(text)
        self._wake()

    def sent_away(self, reason: str) -> None:
        """Count a viewer that whoever sends gave up on."""
        self._metrics.disconnected.labels(reason).inc()

    def close(self) -> None:
        """End every viewer's stream."""
        self._closed.set()
        self._wake()

    @contextmanager
    def _connected(self) -> Iterator[Viewer]:
        viewer = Viewer(events=deque(self._greetings.values()))
        self._viewers.add(viewer)
        self._metrics.viewers.set(len(self._viewers))
        try:
            yield viewer
        finally:
            self._viewers.discard(viewer)
            self._metrics.viewers.set(len(self._viewers))

    async def stream(self) -> AsyncGenerator[bytes | str, None]:
        """Yield what one viewer is to be sent: a snapshot first, then ticks (bytes) and events (text), as
        fast as the caller takes them; ends when the hub closes.

        Raises:
            ViewerTooSlowError: it left its events lying.
        """
        with self._connected() as viewer:
            while not self.closed:
                news = self._news
                if viewer.overflowed:
                    self.sent_away("events")
                    raise ViewerTooSlowError(
                        f"{BACKLOG_EVENTS} events wait for this viewer; none may be dropped, so connect again"
                    )
                if viewer.events:
                    yield viewer.events.popleft()
                elif viewer.tick < self._tick:
                    encoded = await self._next_frame(viewer)
                    viewer.tick, viewer.version = encoded.tick, encoded.version
                    self._metrics.sent_bytes.inc(len(encoded.data))
                    yield encoded.data
                else:
                    await news.wait()

    def _wake(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def _next_frame(self, viewer: Viewer) -> _Encoded:
        if viewer.version:
            for encoded in self._recent:
                if encoded.tick == viewer.tick + 1:
                    return encoded
            self._metrics.dropped.inc(self._tick - viewer.tick - 1)
        task = self._merged.get(viewer.version)
        if task is None:
            # Who stands at the same version takes the same bytes: a crowd that reconnects costs one encoding.
            task = asyncio.create_task(asyncio.to_thread(self._encode_merged, self._tick, viewer.version))
            self._merged[viewer.version] = task
        return await asyncio.shield(task)

    def _encode_tick(self, tick: int, since: int) -> _Encoded:
        now = self._clock()
        found = self._state.advance(now, since)
        self._metrics.stale.set(found.stale)
        self._metrics.latency.observe(found.read, now)
        return self._encode(tick, found.changes, now)

    def _encode_merged(self, tick: int, since: int) -> _Encoded:
        return self._encode(tick, self._state.changes(since), self._clock(), snapshot=not since)

    def _encode(self, tick: int, changes: Changes, now: int, *, snapshot: bool = False) -> _Encoded:
        data = encode_stream_frame(frame_of(changes, tick, now, self._state.table.revision, snapshot))
        return _Encoded(tick, changes.version, data)


def frame_of(changes: Changes, tick: int, now: int, revision: str, snapshot: bool) -> StreamFrame:
    """Put changes that were taken at ``now`` [ns] into a frame."""
    return StreamFrame(
        tick=tick,
        server_time=now,
        revision=revision,
        index=changes.index,
        value=changes.value,
        source_time=changes.source_time,
        status=changes.status,
        stale=changes.stale,
        texts=changes.texts,
        equipment=changes.equipment,
        condition=changes.condition,
        snapshot=snapshot,
    )
