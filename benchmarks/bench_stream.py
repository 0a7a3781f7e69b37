"""Stream: cost of a tick, size of a frame against JSON, and CPU of telling it to many viewers."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import numpy as np
import psutil
import uvicorn
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from websockets.asyncio.client import connect

from benchmarks.bench_state import NOW, cpu_seconds, fill, make_park
from benchmarks.table import Row
from tests.support.ports import free_port
from twin.api.stream_router import stream_router
from twin.contract.clock import NS_PER_S
from twin.contract.frame import Frame
from twin.state.tag_map import TagMapping
from twin.state.tag_table import TagTable, build_tag_table
from twin.state.twin_state import Changes, TwinState
from twin.stream.frame import StreamFrame, encode_stream_frame, peek
from twin.stream.hub import Hub
from twin.stream.metrics import StreamMetrics

CHANGES = 5000
FANOUT_CHANGES = 2300
"""So many make a frame of 30 kB."""
FANOUT_S = 6.0
TICK_S = 0.5
MANY = 500
STALLED = 10
"""Viewers that open the stream and read nothing of it."""


def change(state: TwinState, count: int, sequence: int) -> None:
    """Give ``count`` random tags a new value."""
    rng = np.random.default_rng(sequence)
    index = rng.choice(len(state.table), count, replace=False).astype("<u4")
    frame = Frame(
        source="works", sequence=sequence, tag_set="0" * 32, index=index,
        source_time=np.full(count, NOW + sequence * NS_PER_S, "<i8"), status=np.zeros(count, "<u4"),
        value=rng.normal(0.0, 30.0, count),
    )  # fmt: skip
    state.apply(frame, TagMapping(np.arange(len(state.table), dtype=np.intp), True), NOW)


def to_frame(changes: Changes) -> StreamFrame:
    """Put changes into a frame as the hub does."""
    return StreamFrame(
        tick=1, server_time=NOW, revision="0011223344556677", index=changes.index, value=changes.value,
        source_time=changes.source_time, status=changes.status, stale=changes.stale, texts=changes.texts,
        equipment=changes.equipment, condition=changes.condition,
    )  # fmt: skip


def as_json(changes: Changes, table: TagTable) -> bytes:
    """The peer: one object a change, named, encoded by the fastest JSON encoder at hand."""
    names = tuple(table.number)
    return msgspec.json.encode(
        [
            {"tag": names[index], "value": value, "time": time, "status": status}
            for index, value, time, status in zip(
                changes.index.tolist(), changes.value.tolist(), changes.source_time.tolist(),
                changes.status.tolist(), strict=True,
            )
        ]
    )  # fmt: skip


def run() -> list[Row]:
    """Measure."""
    table = build_tag_table(make_park())
    rows = _encode_rows(table) + [row for viewers in (50, 200) for row in _fanout_rows(viewers)]
    return rows + _fanout_rows(MANY) + _fanout_rows(200, STALLED)


def _encode_rows(table: TagTable) -> list[Row]:
    state = TwinState(table)
    fill(state)
    change(state, CHANGES, 2)
    changes = state.changes(state.version - 1)
    binary, peer = encode_stream_frame(to_frame(changes)), as_json(changes, table)
    ours = cpu_seconds(lambda: encode_stream_frame(to_frame(changes)), 21) * 1e3
    theirs = cpu_seconds(lambda: as_json(changes, table), 5) * 1e3
    sequence = [2]

    def tick() -> None:
        encode_stream_frame(to_frame(state.advance(NOW, state.version).changes))

    def busy_tick() -> None:
        sequence[0] += 1
        since = state.version
        change(state, CHANGES, sequence[0])
        encode_stream_frame(to_frame(state.advance(NOW, since).changes))

    note = f"CPU; {len(changes.index):,} changes among {len(table):,} tags"
    return [
        Row("stream", f"encode {len(changes.index):,} changes", ours, "ms", note=note),
        Row(
            "stream",
            "encode, times faster than JSON with names",
            theirs / ours,
            "x",
            note=f"msgspec {theirs:.1f} ms",
        ),
        Row(
            "stream",
            f"frame of {len(changes.index):,} changes",
            len(binary) / 1e3,
            "kB",
            note=f"JSON {len(peer) / 1e3:.0f} kB",
        ),
        Row("stream", "whole tick: sweep, pick, encode", cpu_seconds(busy_tick, 7) * 1e3, "ms", note=note),
        Row("stream", "idle tick", cpu_seconds(tick, 7) * 1e3, "ms", note=f"{len(table):,} tags"),
    ]


def serve(port: int) -> None:
    """Serve 30,000 tags of which some change at every tick (runs in a process of its own)."""
    state = TwinState(build_tag_table(make_park(30_000)))
    fill(state)
    told = [1]

    def each_tick() -> None:
        told[0] += 1
        change(state, FANOUT_CHANGES, told[0])

    hub = Hub(state, interval_s=TICK_S, metrics=StreamMetrics(CollectorRegistry()), clock=time.time_ns)
    app = FastAPI()
    app.include_router(stream_router(hub, None))
    config = uvicorn.Config(
        app, port=port, log_config=None, ws_per_message_deflate=False, timeout_graceful_shutdown=1
    )

    async def life() -> None:
        ticking = asyncio.create_task(hub.run(each_tick))
        await uvicorn.Server(config).serve()
        ticking.cancel()

    asyncio.run(life())


@contextmanager
def _server() -> Iterator[tuple[int, psutil.Process]]:
    port = free_port()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(port,), daemon=True)
    process.start()
    assert process.pid is not None
    try:
        yield port, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.join(10.0)


def _fanout_rows(viewers: int, stalled: int = 0) -> list[Row]:
    with _server() as (port, process):
        cpu, delays = asyncio.run(_watch(port, process, viewers, stalled))
    share, p99 = cpu / FANOUT_S * 100, float(np.percentile(delays, 99)) * 1e3
    note = f"{FANOUT_CHANGES:,} changes a tick, {1 / TICK_S:.0f} Hz, viewers in one other process"
    many = f"{viewers} viewers" + (f" and {stalled} stalled" if stalled else "")
    half, second = ("under 50", "under 1,000") if viewers >= MANY else ("", "")
    return [
        Row("stream", f"CPU with {many}", share, "% of a core", half, share < 50 if half else None, note),
        Row(
            "stream",
            f"tick to viewer, p99 of {many}",
            p99,
            "ms",
            second,
            p99 < 1_000 if second else None,
            f"clock of one machine; {len(delays):,} frames",
        ),
    ]


async def _watch(port: int, process: psutil.Process, viewers: int, stalled: int) -> tuple[float, list[float]]:
    url, delays = f"ws://127.0.0.1:{port}/api/stream", []
    await _wait_for(port)
    begun = asyncio.Event()

    heard: set[int] = set()

    async def look(number: int) -> None:
        async with connect(url, compression=None, max_size=None) as viewer:
            while True:
                item = await viewer.recv()
                heard.add(number)
                if begun.is_set() and isinstance(item, bytes):
                    delays.append(time.time() - peek(item).server_time_ms / 1e3)

    async def stall() -> None:
        async with connect(url, compression=None, max_size=None, max_queue=1):
            await asyncio.Event().wait()

    looking = [asyncio.create_task(stall()) for _ in range(stalled)]
    looking += [asyncio.create_task(look(number)) for number in range(viewers)]
    # five hundred connections take a while, and until then it is not they that are measured
    for _ in range(600):
        await asyncio.sleep(0.2)
        if len(heard) == viewers:
            break
    begun.set()
    before = process.cpu_times()
    await asyncio.sleep(FANOUT_S)
    after = process.cpu_times()
    for task in looking:
        task.cancel()
    await asyncio.gather(*looking, return_exceptions=True)
    return (after.user + after.system) - (before.user + before.system), delays


async def _wait_for(port: int) -> None:
    for _ in range(300):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
    raise TimeoutError("the stream's server did not come up")


if __name__ == "__main__":
    from benchmarks.table import as_markdown

    print(as_markdown(run()))
