"""The past played back: the frames and events that a viewer of the stream would have had then, at a speed.

A replay has a clock of its own, which begins at a moment and runs so many times as fast as ours. At every
tick it asks for what changed since the tick before and sends the same frame as the live stream, whose server
time is the moment shown. If the history takes longer than a tick, the next frame covers more of the past:
frames come more rarely, the clock keeps its speed.

Replays take turns in one thread, apart from the live stream and from all other questions, and their number is
limited: a crowd of them gets rarer frames, and nobody else notices. A replay holds one state of the park,
some 50 bytes a tag, whatever the stretch it plays.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, ClassVar, TypeVar

import msgspec
from sqlalchemy import Engine

from twin.alarms.past import entries_after, last_number
from twin.api.alarm_rows import journal_rows
from twin.api.moment import moment
from twin.api.past_state import Past, PastStates
from twin.contract.clock import NS_PER_MS, NS_PER_S, Clock
from twin.contract.errors import ParkTwinError
from twin.stream.frame import encode_stream_frame
from twin.stream.hub import frame_of

T = TypeVar("T")

FASTEST = 3600.0
"""Seconds of the past a second."""
MOST_REPLAYS = 16
MOST_ENTRIES = 500
"""Entries of the alarm journal in one event; of more the viewer is told to ask."""
STILL_S = 5.0
"""So often a replay that stands still says that it is there."""
_SETTLED_NS = 3 * NS_PER_S
"""What is younger may not have reached the history yet."""


class SpeedError(ParkTwinError, ValueError):
    """A speed that cannot be played."""

    code: ClassVar[str] = "replay.speed"


class TooManyReplaysError(ParkTwinError, ConnectionError):
    """So many replays run that no other may begin."""

    code: ClassVar[str] = "replay.too_many"


def speed_of(text: str) -> float:
    """Read a speed.

    Raises:
        SpeedError: it is none.

    >>> speed_of("600"), speed_of("0.5")
    (600.0, 0.5)
    """
    try:
        speed = float(text)
    except ValueError:
        speed = -1.0
    if not 0.0 <= speed <= FASTEST:
        raise SpeedError(f"speed={text}: must be 0 (stand still) to {FASTEST:g} seconds of the past a second")
    return speed


class Replays:
    """Every replay of a twin. Belongs to one event loop.

    Args:
        past: tells states of the past.
        database: opens the tables.
        park: whose alarms.
        interval_s: between two ticks [s].
        clock: ns since the epoch.
        stopped: waits so many seconds and tells whether the twin stops.
        shows: whether alarms at an equipment are for these viewers.
        sources: of which these viewers are told that they were lost; None = of all.
    """

    def __init__(
        self,
        past: PastStates,
        database: Callable[[], Engine],
        park: str,
        *,
        interval_s: float,
        clock: Clock,
        stopped: Callable[[float], Awaitable[bool]],
        shows: Callable[[str], bool] = lambda _: True,
        sources: frozenset[str] | None = None,
    ) -> None:
        self._past = past
        self._database = database
        self._park = park
        self._interval_s = interval_s
        self._clock = clock
        self._running = 0
        self._stopped = stopped
        self._shows = shows
        self._sources = sources
        self._turns = ThreadPoolExecutor(1, thread_name_prefix="replay")

    async def stream(self, at: str, speed: str) -> AsyncGenerator[bytes | str, None]:
        """Yield what a viewer is to be sent, as fast as the caller takes it, until the present is reached or
        the twin stops.

        Raises:
            TimeError, QueryError, SpeedError: the moment or the speed cannot be played.
            TooManyReplaysError: try again later.
            HistoryError, DatabaseError: the past cannot be told now.
        """
        begin, pace = moment(at, self._clock()), speed_of(speed)
        if self._running >= MOST_REPLAYS:
            raise TooManyReplaysError(f"{MOST_REPLAYS} replays run; close one, or try again in a few seconds")
        self._running += 1
        try:
            tick_ms = self._interval_s * 1e3
            yield _event("replay", at_ms=begin / NS_PER_MS, speed=pace, tick_ms=tick_ms)
            replay = _Replay(self._past, self._database, self._park, begin, self._shows, self._sources)
            for item in await self._in_turn(replay.begin):
                yield item
            if pace == 0.0:
                while not await self._stopped(STILL_S):
                    yield replay.still()
            else:
                async for item in self._played(replay, begin, pace):
                    yield item
        finally:
            self._running -= 1

    async def _played(self, replay: _Replay, begin: int, pace: float) -> AsyncGenerator[bytes | str, None]:
        loop = asyncio.get_running_loop()
        started = due = loop.time()
        while True:
            due = max(due + self._interval_s, loop.time())
            if await self._stopped(due - loop.time()):
                return
            present = self._clock() - _SETTLED_NS
            until = min(begin + int(pace * (loop.time() - started) * NS_PER_S), present)
            if until > replay.at:
                for item in await self._in_turn(partial(replay.move_on, until)):
                    yield item
            if until >= present:
                yield _event("replay_ended", at_ms=replay.at / NS_PER_MS)
                return

    async def _in_turn(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._turns, work)


class _Replay:
    """One viewer's past. Its calls come one after another; each blocks while the history answers."""

    def __init__(
        self,
        past: PastStates,
        database: Callable[[], Engine],
        park: str,
        begin: int,
        shows: Callable[[str], bool],
        sources: frozenset[str] | None,
    ) -> None:
        self._sources = sources
        self._shows = shows
        self.at = begin
        self._states = past
        self._database = database
        self._park = park
        self._past: Past
        self._version = self._tick = self._entry = 0

    def begin(self) -> list[bytes | str]:
        """Return the snapshot, and which sources were lost."""
        self._past = self._states.whole(self.at)
        self._entry = last_number(self._database(), self.at)
        return [self._lost(), self._frame(snapshot=True)]

    def move_on(self, until: int) -> list[bytes | str]:
        """Return what happened and changed up to a later moment [ns]."""
        lost = self._past.lost
        self._states.move_on(self._past, until)
        self.at = until
        self._past.state.sweep(until)
        items = self._alarms()
        if lost != self._past.lost:
            items.append(self._lost())
        return [*items, self._frame()]

    def still(self) -> bytes:
        """Return a frame in which nothing changed."""
        return self._frame()

    def _alarms(self) -> list[bytes | str]:
        entries = entries_after(self._database(), self._park, self._entry, self.at, MOST_ENTRIES + 1)
        if not entries:
            return []
        missed = len(entries) > MOST_ENTRIES
        self._entry = last_number(self._database(), self.at) if missed else entries[-1].number
        entries = [] if missed else [entry for entry in entries if self._shows(entry.equipment)]
        if not entries and not missed:
            return []
        rows = [row.model_dump() for row in journal_rows(entries)]
        return [_event("alarms", entries=rows, missed=missed)]

    def _lost(self) -> str:
        lost = self._past.lost if self._sources is None else self._past.lost & self._sources
        return _event("lost_sources", sources=sorted(lost))

    def _frame(self, *, snapshot: bool = False) -> bytes:
        state = self._past.state
        changes = state.changes(self._version)
        self._version, self._tick = changes.version, self._tick + 1
        return encode_stream_frame(frame_of(changes, self._tick, self.at, state.table.revision, snapshot))


def _event(name: str, **fields: Any) -> str:
    return msgspec.json.encode({"event": name, **fields}).decode()
