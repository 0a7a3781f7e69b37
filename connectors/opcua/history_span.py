"""What a server's history holds of some tags between two moments, and whether that is all there was.

A history that answers nothing may mean that nothing changed, or that it does not reach so far. Two more
questions tell which, each for one value: it reaches back if it still holds a value from before the span
(asked after the values were read, so that no ring has run over meanwhile), and it is up to date if it holds
what was told live since.

Servers differ in how they break off. Some give a continuation point whenever there is more, some only beyond
a limit of their own and are silent about values beyond the number asked for; so an answer with as many values
as were asked for is gone on with from the time of its last one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
from asyncua import ua

from connectors.errors import MalformedResponseError, SourceLostError, SourceRefusedError
from connectors.opcua.history_read import Answered, Asked, HistoryPage, parse_history_response, raw_request
from connectors.opcua.session import Session
from twin.contract.clock import NS_PER_S, Clock
from twin.contract.frame import F64, I64, U32

MAX_NODES: Final = 50
CALL_VALUES: Final = 10_000
"""Values of one answer: a few hundred kilobytes, behind which a live notification does not wait long."""
MAX_PER_NODE: Final = 1_000
MAX_ROWS: Final = 100_000
"""Of one span; beyond it the span is cut, and the rest is asked for next."""
VALUES_S: Final = 50_000
"""No more values a second are asked for, and no more than half of the time is spent on it."""
LOOK_AHEAD_NS: Final = 3600 * NS_PER_S
"""A value dated later than this after the span is not what shows that a history is up to date."""
BAD_NO_CONTINUATION_POINTS: Final = 0x804B0000
BAD_CONTINUATION_POINT_INVALID: Final = 0x804A0000

_BEGINNING_NS: Final = 86_400 * NS_PER_S


@dataclass(slots=True)
class Pace:
    """What was asked so far, and how long to leave the server alone."""

    requests: int = 0
    values: int = 0

    async def rest(self, took_s: float, values: int) -> None:
        """Wait as long as the last request took, and as its values are worth."""
        self.requests += 1
        self.values += values
        await asyncio.sleep(max(took_s, values / VALUES_S))


@dataclass(frozen=True, slots=True, eq=False)
class Span:
    """What a history holds of n tags in ``(start, until]``, rows in order of tag and time.

    Args:
        until: up to where it was read, ns; before the end asked for if it was too much.
        tag: ``int[m]``, which of the tags.
        time: ``int64[m]``, ns; of a tag never twice the same.
        status, value: of each row.
        text: by row, where there is one.
        before: ``int64[n]``, ns: a value from before the span that the history holds; 0 = there is none.
        first: ``int64[n]``, ns: where a history that does not reach back may be trusted from; 0 = nowhere.
        newest: ``int64[n]``, ns: the newest value after ``start``; 0 = there is none.
        refused: status of the tags that cannot be read.
    """

    until: int
    tag: npt.NDArray[np.intp]
    time: I64
    status: U32
    value: F64
    text: dict[int, str]
    before: I64
    first: I64
    newest: I64
    refused: dict[int, int]


@dataclass(slots=True)
class _Reading:
    """A span while it is read."""

    nodes: Sequence[ua.NodeId]
    start: int
    end: int
    last: I64
    first: I64
    refused: dict[int, int] = field(default_factory=dict)
    parts: list[tuple[int, HistoryPage, npt.NDArray[np.intp]]] = field(default_factory=list)
    rows: int = 0


class HistoryReader:
    """Reads one server's history, no faster than :class:`Pace` allows.

    Args:
        session: where.
        clock: ns since the epoch; dates values that have no time.
        pace: counted up.
    """

    def __init__(self, session: Session, clock: Clock, pace: Pace) -> None:
        self._session = session
        self._clock = clock
        self._pace = pace

    async def read(self, nodes: Sequence[ua.NodeId], start: int, end: int) -> Span:
        """Read what is held of ``nodes`` in ``(start, end]`` [ns of the source time].

        Raises:
            SourceRefusedError: the server does not answer such questions, or not so many at once.
            SourceLostError: no answer.
            MalformedResponseError: an answer that cannot be read.
        """
        n = len(nodes)
        state = _Reading(nodes, start, end, np.full(n, start, np.int64), np.zeros(n, np.int64))
        todo: dict[int, bytes] = dict.fromkeys(range(n), b"")
        try:
            while todo and state.rows <= MAX_ROWS:
                todo = await self._go_on(state, todo)
        except (SourceLostError, MalformedResponseError):
            await self._release(nodes, todo)
            raise
        await self._release(nodes, todo)
        until = min((int(state.last[place]) for place in todo), default=end)
        newest = await self._one_each(nodes, None, end + LOOK_AHEAD_NS, start, end + LOOK_AHEAD_NS)
        return _span(state, until, await self._before(nodes, start), newest)

    async def _before(self, nodes: Sequence[ua.NodeId], start: int) -> I64:
        """Return the time of each tag's last value up to ``start`` [ns]; 0 = there is none.

        The standard knows two ways to ask. Of the servers one does not understand the first, and another the
        second for all but its first variable, of which it then gives the oldest value instead of the last.
        """
        found = await self._one_each(nodes, None, start, _BEGINNING_NS, start)
        rest = np.flatnonzero(found == 0)
        if len(rest):
            some = [nodes[place] for place in rest.tolist()]
            found[rest] = await self._one_each(some, start, _BEGINNING_NS, _BEGINNING_NS, start)
        return found

    async def _go_on(self, state: _Reading, todo: dict[int, bytes]) -> dict[int, bytes]:
        """Ask for the next page of what is not done; return what is not done then."""
        left: dict[int, bytes] = {}
        calls: dict[int | None, list[int]] = {}
        for place, point in todo.items():
            calls.setdefault(None if point else int(state.last[place]), []).append(place)
        for since, places in calls.items():
            most = min(max(CALL_VALUES // len(places), 1), MAX_PER_NODE)
            start = state.start if since is None else since
            asked = [Asked(state.nodes[place], todo[place]) for place in places]
            page = await self._ask(asked, start, state.end, most)
            owner = np.asarray(places, np.intp)[page.values.handle.astype(np.intp)]
            for order, place in enumerate(places):
                result = page.results[order]
                rows = np.flatnonzero(page.values.handle == order)
                if self._take(state, place, page, owner, rows, result, most):
                    left[place] = result.point
        return left

    def _take(
        self,
        state: _Reading,
        place: int,
        page: HistoryPage,
        owner: npt.NDArray[np.intp],
        rows: npt.NDArray[np.intp],
        result: Answered,
        most: int,
    ) -> bool:
        """Take a page of one tag; return whether there is more."""
        if result.status >> 31:
            if result.status == BAD_NO_CONTINUATION_POINTS:
                raise SourceRefusedError("the server has no continuation points left", result.status)
            if result.status == BAD_CONTINUATION_POINT_INVALID and state.last[place] > state.start:
                return True
            state.refused[place] = result.status
            return False
        time = page.values.source_time[rows]
        fresh = rows[(time > state.last[place]) & (time <= state.end)]
        more = bool(result.point) or result.count >= most
        if not len(fresh):
            if more and len(time) and int(time.max()) <= state.end:
                # more values of one moment than an answer holds: what comes after them cannot be had
                state.refused[place] = BAD_CONTINUATION_POINT_INVALID
            return False
        times = page.values.source_time[fresh]
        state.first[place] = int(times.min())
        state.last[place] = int(times.max())
        state.parts.append((place, page, fresh))
        state.rows += len(fresh)
        return more

    async def _one_each(
        self, nodes: Sequence[ua.NodeId], start: int | None, end: int, low: int, high: int
    ) -> I64:
        """Ask for one value of each tag, back from ``start`` (or from ``end`` if there is none); return its
        time if it is from ``low`` to ``high`` [ns], else 0."""
        page = await self._ask([Asked(node) for node in nodes], start, end, 1)
        await self._release(nodes, {order: one.point for order, one in enumerate(page.results)})
        found = np.zeros(len(nodes), np.int64)
        time = page.values.source_time
        within = np.flatnonzero((time >= low) & (time <= high))
        np.maximum.at(found, page.values.handle[within].astype(np.intp), time[within])
        return found

    async def _ask(self, asked: Sequence[Asked], start: int | None, end: int, most: int) -> HistoryPage:
        loop = asyncio.get_running_loop()
        began = loop.time()
        raw = await self._session.history_read(raw_request(asked, start, end, most=most))
        page = parse_history_response(raw, received_ns=self._clock())
        if len(page.results) != len(asked):
            raise SourceLostError(
                f"history: {len(page.results)} results for {len(asked)} variables: the server is at fault"
            )
        await self._pace.rest(loop.time() - began, len(page.values))
        return page

    async def _release(self, nodes: Sequence[ua.NodeId], points: Mapping[int, bytes]) -> None:
        asked = [Asked(nodes[place], point) for place, point in points.items() if point]
        if not asked:
            return
        with suppress(SourceLostError):
            await self._session.history_read(raw_request(asked, 0, 0, most=0, release=True))


def _span(state: _Reading, until: int, before: I64, newest: I64) -> Span:
    """Put the pages together: in order, each time of a tag once, nothing beyond ``until``."""
    tag = np.zeros(0, np.intp)
    time, status = np.zeros(0, np.int64), np.zeros(0, np.uint32)
    value = np.zeros(0)
    text: dict[int, str] = {}
    if state.parts:
        tag = np.concatenate([np.full(len(rows), place, np.intp) for place, _, rows in state.parts])
        time = np.concatenate([page.values.source_time[rows] for _, page, rows in state.parts])
        status = np.concatenate([page.values.status[rows] for _, page, rows in state.parts])
        value = np.concatenate([page.values.value[rows] for _, page, rows in state.parts])
        behind = 0
        for _, page, rows in state.parts:
            texts = page.values.text
            if texts:
                told = ((behind + order, texts.get(row)) for order, row in enumerate(rows.tolist()))
                text.update((order, entry) for order, entry in told if entry is not None)
            behind += len(rows)
    order = np.lexsort((time, tag))
    once = np.ones(len(order), bool)
    once[:-1] = (np.diff(time[order]) != 0) | (np.diff(tag[order]) != 0)
    order = order[once & (time[order] <= until)]
    kept = {row: text[old] for row, old in enumerate(order.tolist()) if old in text} if text else {}
    return Span(
        until, tag[order], time[order], status[order], value[order], kept, before,
        state.first, newest, state.refused,
    )  # fmt: skip
