"""Filling gaps from the server's own history, beside the live values and never before them.

A gap is told when it is known (:mod:`connectors.outbox` keeps it open); then, in the background, the server
is asked by HistoryRead for what the tags with a history had in it, a group of tags at a time. What comes back
goes into the outbox with its own time and status, in one transaction with how far the filling is: a loss or a
SIGKILL in the middle leaves the gap told, and the rest is asked for later. At the end the gap is withdrawn
(:func:`connectors.gap_parts.withdraw`), and what of it is a hole for good is told by tags:

* tags without a history, or whose history does not reach back, is not up to date or cannot be read;
* if the server was started anew in the gap: every time longer than :data:`RESTART_NS` in which its history
  has no value of any tag, for nobody knows whether it ran then. Without a restart, no value means no change;
  but not of all tags for much longer than the source is ever silent, for its clock may have been set then;
* tags whose clock was set meanwhile (:func:`connectors.opcua.history_cover.clock_was_set`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from msgspec.structs import replace

from connectors.errors import (
    ConnectorError,
    MalformedResponseError,
    OutboxFullError,
    SourceLostError,
    SourceRefusedError,
)
from connectors.frames import Readings
from connectors.gap_parts import by_tags, silences, span_of_life, withdraw
from connectors.opcua.history_cover import Hole, behind_of, clock_was_set, uncovered
from connectors.opcua.history_server import HistoryServer, meet
from connectors.opcua.history_span import Pace, Span
from connectors.opcua.intake import Intake
from connectors.opcua.limits import Limits
from connectors.opcua.session import Session
from connectors.opcua.subscribe import Wanted
from connectors.open_gaps import Filled, OpenGap
from connectors.outbox import Delivery, Outbox
from twin.contract.clock import NS_PER_MS, NS_PER_S, Clock, to_iso
from twin.contract.frame import I64
from twin.contract.messages import Condition, Gap, GapReason, SourceConfig, TagSet

SETTLE_S: Final = 2.0
"""A history may be a moment behind what is told live."""
LAG_S: Final = 30.0
"""How long a history that is behind is waited for."""
LOOK_S: Final = 0.5
FIRST_RETRY_S: Final = 1.0
LAST_RETRY_S: Final = 30.0
TRIES: Final = 5
"""So often in a row the server may fail to answer; then the gap stays as it was told."""
MAX_BACK_NS: Final = 86_400 * NS_PER_S
"""A clock that is further off is not looked after."""
RESTART_NS: Final = NS_PER_S
"""No server is stopped and runs again in less."""
SILENCES: Final = 5
"""A source that was never silent for long is not believed to have been so for this many times as long."""
BACKFILLING: Final = "backfilling"

_LOG = logging.getLogger(__name__)


@dataclass(slots=True)
class BackfillCounts:
    """What was filled since the process started; for the metrics."""

    values: int = 0
    filled: int = 0
    partly: int = 0
    unfilled: int = 0


class Backfill:
    """Fills the gaps of one source.

    Args:
        config: of the source.
        tag_set: what a handle means.
        wanted: every item whose address can be read.
        outbox: knows what is open, and takes what is fetched.
        intake: knows what was told live.
        clock: ns since the epoch.
    """

    def __init__(
        self,
        config: SourceConfig,
        tag_set: TagSet,
        wanted: Sequence[Wanted],
        outbox: Outbox,
        intake: Intake,
        *,
        clock: Clock,
    ) -> None:
        self.counts = BackfillCounts()
        self.pace = Pace()
        self._source = config.source
        self._tag_set = tag_set
        self._tag_set_id = tag_set.id
        self._wanted = wanted
        self._outbox = outbox
        self._intake = intake
        self._clock = clock
        self._condition: Condition | None = None
        self._has_history: dict[int, bool] = {}
        self._live: dict[str, tuple[I64, I64]] = {}
        intervals_ms = max(config.sampling_interval_ms, 0) + max(config.publishing_interval_ms, 0)
        self._unsampled_ns = round(intervals_ms * NS_PER_MS)
        outbox.keep_open(config.source)

    @property
    def condition(self) -> Condition | None:
        """``backfilling`` while a gap is being filled, else None."""
        return self._condition

    def figures(self) -> Mapping[str, Mapping[str, float]]:
        """What was filled, for the metrics (see :class:`connectors.supervisor.SourceLink`)."""
        counts = self.counts
        return {
            "backfilled_values": {"": counts.values},
            "backfilled_gaps": {
                "filled": counts.filled,
                "partly": counts.partly,
                "unfilled": counts.unfilled,
            },
            "open_gaps": {"": len(self._outbox.open_gaps(self._source))},
            "history_requests": {"": self.pace.requests},
        }

    def note(self, gaps: Sequence[Gap]) -> None:
        """Take in that these gaps are told now: between which readings of each tag the hole is."""
        for gap in gaps:
            self._live[gap.id] = self._intake.last, self._intake.first

    async def run(self, session: Session, limits: Limits) -> None:
        """Fill what is open and what will be, until cancelled; the session's loss is for others to tell."""
        server: HistoryServer | None = None
        failures = 0
        try:
            while True:
                open_gap = next(iter(self._outbox.open_gaps(self._source)), None)
                if open_gap is None or self._outbox.condition is not None:
                    self._condition = None
                    await asyncio.sleep(LOOK_S)
                    continue
                self._say(open_gap.gap)
                try:
                    server = server or await meet(
                        session, limits, self._wanted, self._has_history, self.pace, self._clock
                    )
                    await self._fill(server, open_gap)
                    failures = 0
                except (SourceLostError, MalformedResponseError) as error:
                    failures += 1
                    if failures >= TRIES or _never(error):
                        await self._leave(open_gap.gap, f"it does not answer: {error}")
                        failures = 0
                        continue
                    _LOG.debug("source %s: history not read now: %s", self._source, error)
                    await asyncio.sleep(min(FIRST_RETRY_S * 2.0**failures, LAST_RETRY_S))
                except (OutboxFullError, ConnectorError) as error:
                    _LOG.debug("source %s: fetched values not taken now: %s", self._source, error)
                    await asyncio.sleep(FIRST_RETRY_S)
        finally:
            self._condition = None

    async def _fill(self, server: HistoryServer, left: OpenGap) -> None:
        """Fill one gap as far as it can be, and settle it."""
        gap = left.gap
        handles = self._handles(gap)
        able = [handle for handle in handles if self._has_history.get(handle) and handle in server.nodes]
        if not able:
            await self._leave(gap, "none of its tags has a history")
            return
        now = asyncio.get_running_loop().time()
        since = server.waited.setdefault(gap.id, now)
        await asyncio.sleep(max(0.0, SETTLE_S - (now - since)))
        if left.tag_set != self._tag_set_id:
            left = OpenGap(gap=gap, tag_set=self._tag_set_id, newest=left.newest)
        size = server.nodes_per_call
        while True:
            group = [handle for handle in able if handle >= left.place][: left.size or size]
            if not group:
                break
            try:
                left = await self._fill_group(server, left, group)
            except SourceRefusedError as error:
                if _never(error):
                    raise
                if len(group) == 1:
                    left = await self._pass_over(left, group)
                else:
                    size = max(1, len(group) // 2)
                    left = replace(left, size=0 if not left.since else size)
                continue
        await self._settle(server, left, [handle for handle in handles if handle not in set(able)])

    async def _fill_group(self, server: HistoryServer, left: OpenGap, group: Sequence[int]) -> OpenGap:
        """Fetch what a group of tags has in the gap; return what is left of it then."""
        gap = left.gap
        while True:
            hole = self._hole(left, group)  # anew: what is told live may come in only now
            start = max(left.since, hole.start)
            span = await server.reader.read([server.nodes[handle] for handle in group], start, hole.end)
            behind = behind_of(span, hole)
            waited = asyncio.get_running_loop().time() - server.waited[gap.id]
            if not behind.any() or waited > LAG_S:
                break
            await asyncio.sleep(SETTLE_S)
        readings = self._readings(span, group, hole)
        short = uncovered(span, start, hole, behind, clock_was_set(hole, left.newest))
        alive = span_of_life(left.alive, span.time - hole.ahead, RESTART_NS)
        if span.until < hole.end:
            after = replace(left, size=len(group), since=span.until, alive=alive)
        else:
            after = replace(left, size=0, since=0, place=group[-1] + 1, alive=alive)
        if short:
            after = replace(after, short=True)
        told = by_tags(gap, {self._tag(group[place]): interval for place, interval in short.items()})
        await self._hand_over(gap, after, readings, told)
        self.counts.values += len(readings)
        return after

    def _hole(self, left: OpenGap, group: Sequence[int]) -> Hole:
        """Say between which readings of these tags the hole is, and how far off their clocks are.

        The newest reading of the source when the gap was told says the latter: with clocks that are right it
        is as old as the gap's start, and older only if nothing changed, and then there is little to ask for.
        """
        gap = left.gap
        rows = np.array(group)
        unknown = np.zeros(len(self._tag_set.tags), np.int64)
        last, first = self._live.get(gap.id, (unknown, self._intake.first))
        if gap.reason is GapReason.SERVER_OVERFLOW:
            return Hole(gap, unknown[rows], unknown[rows] - 1, 0, 0)
        lag = gap.start - left.newest if left.newest else 0
        back = min(max(self._unsampled_ns, lag), MAX_BACK_NS)
        return Hole(gap, last[rows], first[rows], back, min(max(0, -lag), MAX_BACK_NS))

    async def _pass_over(self, left: OpenGap, group: Sequence[int]) -> OpenGap:
        """Tell the gap for one tag of which the server will not answer."""
        gap = left.gap
        after = replace(left, size=0, since=0, place=group[-1] + 1, short=True)
        start = min(max(left.since, gap.start), gap.end)
        await self._hand_over(gap, after, None, by_tags(gap, {self._tag(group[0]): (start, gap.end)}))
        return after

    async def _settle(self, server: HistoryServer, left: OpenGap, unable: Sequence[int]) -> None:
        """Tell what stays of a gap, and withdraw it."""
        gap = left.gap
        rest = by_tags(gap, {self._tag(handle): (gap.start, gap.end) for handle in unable})
        rest += self._silences(server, left)
        # a part as long as the gap is the gap itself, and stays
        told = rest if gap.id in {part.id for part in rest} else (*rest, withdraw(gap))
        await self._hand_over(gap, None, None, told)
        partly = bool(rest) or left.short
        self.counts.partly += partly
        self.counts.filled += not partly
        self._live.pop(gap.id, None)
        _LOG.info(
            "source %s: the gap from %s to %s is filled from the server's history%s",
            self._source,
            to_iso(gap.start),
            to_iso(gap.end),
            " in part; what is missing stays marked" if partly else "",
        )

    def _silences(self, server: HistoryServer, left: OpenGap) -> tuple[Gap, ...]:
        """Tell where the history of all tags is so silent that it may as well know nothing of that time."""
        gap, started = left.gap, server.started
        usual = self._intake.usual_silence_ns
        if started is None or started > gap.start:
            until = started if started is not None and started <= gap.end else gap.end
            return silences(gap, left.alive, until, RESTART_NS)
        if usual is None or gap.tags:
            return ()
        return silences(gap, left.alive, gap.end, max(SILENCES * usual, RESTART_NS))

    async def _leave(self, gap: Gap, why: str) -> None:
        """Let a gap stand as it was told."""
        await self._hand_over(gap, None, None, ())
        self.counts.unfilled += 1
        self._live.pop(gap.id, None)
        _LOG.info(
            "source %s: the gap from %s to %s stays, the server's history cannot fill it: %s",
            self._source,
            to_iso(gap.start),
            to_iso(gap.end),
            why,
        )

    async def _hand_over(
        self, gap: Gap, left: OpenGap | None, readings: Readings | None, gaps: Sequence[Gap]
    ) -> None:
        delivery = Delivery(
            self._source,
            readings=readings if readings is not None and len(readings) else None,
            tag_set=self._tag_set if readings is not None and len(readings) else None,
            gaps=tuple(gaps),
            filled=Filled(gap.id, left),
        )
        await asyncio.wrap_future(self._outbox.accept(delivery))

    def _readings(self, span: Span, group: Sequence[int], hole: Hole) -> Readings:
        """Return what was fetched and was not taken before."""
        rows = np.flatnonzero(hole.holds(span.tag, span.time))
        text = {place: span.text[row] for place, row in enumerate(rows.tolist()) if row in span.text}
        return Readings(
            self._tag_set_id,
            np.array(group, np.uint32)[span.tag[rows]],
            span.time[rows],
            span.status[rows],
            span.value[rows],
            text,
        )

    def _handles(self, gap: Gap) -> list[int]:
        """Return the places of a gap's tags in the tag set, in order."""
        if not gap.tags:
            return list(range(len(self._tag_set.tags)))
        named = set(gap.tags)
        return [handle for handle, tag in enumerate(self._tag_set.tags) if tag in named]

    def _tag(self, handle: int) -> str:
        return self._tag_set.tags[handle]

    def _say(self, gap: Gap) -> None:
        since = self._condition.since if self._condition is not None else self._clock()
        detail = f"{to_iso(gap.start)} - {to_iso(gap.end)}: {self.counts.values}"
        self._condition = Condition(code=BACKFILLING, since=since, detail=detail)


_NEVER: Final[Mapping[int, str]] = {
    0x800B0000: "BadServiceUnsupported",
    0x80720000: "BadHistoryOperationUnsupported",
    0x801F0000: "BadUserAccessDenied",
}


def _never(error: Exception) -> bool:
    """Whether the server will not answer such a question, however it is asked."""
    return isinstance(error, SourceRefusedError) and error.status in _NEVER
