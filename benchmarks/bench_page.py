"""The page in a real Chromium: ten thousand machines of which five thousand values change at every tick.

Times of the page are processor time of its main thread, as Chromium counts it, so that a busy machine does
not change them much: it draws fewer pictures then, and how many is told. They are drawn without a graphics
card. ``PARKTWIN_BENCH_MINUTES`` watches the heap for longer than the three minutes of a usual run.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import CDPSession, sync_playwright

from benchmarks.large_park import KINDS, write_large_park
from benchmarks.page_load import first_picture
from benchmarks.table import Row
from tests.twin.web.conftest import QUIET, SWIFTSHADER, Viewer, watch
from tests.twin.web.plant import Plant, running_twin
from twin.bus.base import Message
from twin.contract.codec import encode_message, frame_headers
from twin.contract.frame import Frame, encode_frame
from twin.contract.messages import Connection, SourceState
from twin.contract.topics import READINGS, SOURCE_STATES

MACHINES = 10_000
CHANGES = 5_000
TICK_S = 0.5
TICKS = 40
SAMPLE_S = 10.0
READY_S = 600.0
PARTS = ("TaskDuration", "ScriptDuration", "RecalcStyleDuration", "LayoutDuration")


def run() -> list[Row]:
    """Measure; no rows where there is no Chromium."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        return []
    with tempfile.TemporaryDirectory() as folder:
        park = Path(folder) / "park.yaml"
        write_large_park(park, MACHINES)
        with (
            running_twin(Path(folder), park=park, start_s=READY_S) as twin,
            _changes(twin.plant),
            sync_playwright() as play,
        ):
            browser = play.chromium.launch(executable_path=chromium, args=[*QUIET, *SWIFTSHADER])
            context = browser.new_context(viewport={"width": 1366, "height": 768}, service_workers="block")
            viewer = watch(context.new_page(), twin.url)
            rows = _measure(viewer, context.new_cdp_session(viewer.page))
            context.close()
            browser.close()
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=[*QUIET, *SWIFTSHADER])
        rows += first_picture(browser)
        browser.close()
    return rows


def _measure(viewer: Viewer, session: CDPSession) -> list[Row]:
    weight = [0.0]
    session.on("Network.loadingFinished", lambda event: _add(weight, event["encodedDataLength"]))
    session.send("Network.enable")
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    viewer.page.goto(viewer.origin)
    viewer.until("window.parktwin && parktwin.sceneState === 'ready' && parktwin.frames > 4", READY_S)
    viewer.until("parktwin.pictures > 0 && parktwin.drawCalls > 0", READY_S)
    loaded = weight[0]
    frames, pictures, busy = _told(viewer), int(viewer.ask("parktwin.pictures")), _busy(session)
    time.sleep(TICKS * TICK_S)  # every question to the page would be work of its main thread too
    ticks = _told(viewer) - frames
    pictures = int(viewer.ask("parktwin.pictures")) - pictures
    spent = {part: (seconds - busy[part]) * 1e3 / ticks for part, seconds in _busy(session).items()}
    per_tick = spent["TaskDuration"]
    laid_out = spent["RecalcStyleDuration"] + spent["LayoutDuration"]
    rest = per_tick - spent["ScriptDuration"] - laid_out
    calls = float(viewer.ask("parktwin.drawCalls"))
    before = _alarms(viewer)
    slope, minutes, heap = _heap(session)
    alarms = before, _alarms(viewer)
    sizes = f"{MACHINES:,} machines of {len(KINDS)} shapes, {CHANGES:,} changes a tick, {1 / TICK_S:.0f} Hz"
    return [
        Row("page", "draw calls", calls, "", "at most 60", calls <= 60, sizes),
        Row(
            "page", "main thread a tick", per_tick, "ms", "under 8", per_tick < 8,
            f"CPU, {ticks} ticks, the page's part of {pictures} pictures included; script "
            f"{spent['ScriptDuration']:.2f}, styles and layout {laid_out:.2f}, the rest (painting, reading "
            f"answers, clearing the heap) {rest:.2f}; load {os.getloadavg()[0]:.1f}; "
            f"{sizes}",
        ),
        Row(
            "page", "weight until the first picture", loaded / 1e6, "MB", "under 1.5", loaded < 1.5e6,
            "compressed, cold cache; page, scene, park and values",
        ),
        Row(
            "page", "heap, slope", slope / 1e3, "kB/min", note=f"{heap / 1e6:.0f} MB after a collection, "
            f"{minutes:.1f} minutes of {sizes}; alarms that nobody acknowledges went from {alarms[0]:,} to "
            f"{alarms[1]:,} meanwhile, and the page holds them",
        ),
    ]  # fmt: skip


def _heap(session: CDPSession) -> tuple[float, float, float]:
    """Slope [bytes/min], minutes watched, and the last size [bytes], each after a collection."""
    minutes = float(os.environ.get("PARKTWIN_BENCH_MINUTES", "3"))
    begun, samples = time.monotonic(), list[tuple[float, float]]()
    while time.monotonic() - begun < minutes * 60:
        session.send("HeapProfiler.collectGarbage")
        samples.append(((time.monotonic() - begun) / 60, _metric(session, "JSHeapUsedSize")))
        time.sleep(SAMPLE_S)
    at, used = np.array(samples).T
    # the page goes on to settle while the first samples are taken
    kept = at >= at[-1] / 4
    return float(np.polyfit(at[kept], used[kept], 1)[0]), float(at[-1]), float(used[-1])


def _busy(session: CDPSession) -> dict[str, float]:
    """Processor time of the main thread by part [s]; the first is their sum."""
    return {name: _metric(session, name) for name in PARTS}


def _metric(session: CDPSession, name: str) -> float:
    told: Any = session.send("Performance.getMetrics")["metrics"]
    return float(next(one["value"] for one in told if one["name"] == name))


def _told(viewer: Viewer) -> int:
    return int(viewer.ask("parktwin.frames"))


def _alarms(viewer: Viewer) -> int:
    """How many alarms are presented now."""
    script = "fetch('./api/alarms?limit=1').then((answer) => answer.json()).then((told) => told.total)"
    return int(viewer.ask(script))


def _add(total: list[float], more: float) -> None:
    total[0] += more


@contextmanager
def _changes(plant: Plant) -> Iterator[None]:
    """Have values change at every tick, and the source say that it lives."""
    over = threading.Event()
    thread = threading.Thread(target=_publish, args=(plant, over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _publish(plant: Plant, over: threading.Event) -> None:
    (known,) = plant.tag_sets.values()
    rng, sequence, since = np.random.default_rng(7), 0, time.time_ns()
    whole = np.arange(len(known.tags), dtype="<u4")
    while not over.wait(TICK_S if sequence else 0.0):
        now = time.time_ns()
        some = np.sort(rng.choice(whole, CHANGES, replace=False)).astype("<u4") if sequence else whole
        sequence += 1
        frame = Frame(
            source="load", sequence=sequence, tag_set=known.id, index=some,
            source_time=np.full(len(some), now, "<i8"), status=np.zeros(len(some), "<u4"),
            value=rng.normal(50, 10, len(some)),
        )  # fmt: skip
        state = SourceState(
            source="load", connection=Connection.CONNECTED, since=since, time=now, last_heard=now,
            requested=len(whole), monitored=len(whole), failed=(), last_error="",
        )  # fmt: skip
        value, headers = encode_message(state, message_id=f"s{sequence}", source="load", time_ns=now)
        plant.bus.publish(
            [
                Message(READINGS.name, "load", encode_frame(frame), frame_headers(frame, now)),
                Message(SOURCE_STATES.name, "load", value, headers),
            ]
        )
