"""The first picture of the demo park in a browser that has seen nothing of it yet."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import psutil
from playwright.sync_api import Browser

from benchmarks.table import Row
from tests.twin.web.conftest import Heartbeats, watch
from tests.twin.web.plant import running_twin

PARK = Path(__file__).parents[1] / "sim" / "parks" / "yenphong" / "park.yaml"
LOADS = 5
READY_S = 600.0
LONGEST_S = 3.0
NOTE_FIRST_PICTURE = """
  const look = () => {
    const page = window.parktwin;
    const drawn = page && page.sceneState === "ready" && page.frames > 0 && page.pictures > 0;
    if (!drawn) return requestAnimationFrame(look);
    const canvas = document.querySelector(".scene-canvas").getContext("webgl2");
    canvas.readPixels(0, 0, 1, 1, canvas.RGBA, canvas.UNSIGNED_BYTE, new Uint8Array(4));
    window.firstPictureMs = performance.now();
  };
  requestAnimationFrame(look);
"""
"""Notes [ms since navigation] when the first picture that shows values is drawn: its pixels can be read."""


def first_picture(browser: Browser) -> list[Row]:
    """Load the page of the demo park some times, each in a context of its own; the server has its scene."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_twin(Path(folder), park=PARK, start_s=READY_S) as twin,
    ):
        twin.plant.settle()
        with Heartbeats(twin.plant):
            _load(browser, twin.url)  # the first waits until the server has built the scene
            loads = [_load(browser, twin.url) for _ in range(LOADS)]
        machines = len(twin.plant.park.equipment)
    walls, mains, alls = zip(*loads, strict=True)
    wall, main, whole = median(walls), median(mains), median(alls)
    load = os.getloadavg()[0]
    return [
        Row(
            "page", "first picture of the demo park", wall, "s", "under 3", wall < LONGEST_S,
            f"cold cache, {machines} machines, navigation to the first picture with values, by the clock; "
            f"median of {LOADS} ({min(walls):.2f} to {max(walls):.2f}); load {load:.1f}; the page's main "
            f"thread {main:.2f} s of CPU, all of the browser {whole:.2f} s",
        )
    ]  # fmt: skip


def _load(browser: Browser, url: str) -> tuple[float, float, float]:
    """Seconds by the clock, of CPU of the page's main thread, and of CPU of all the browser's processes."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, service_workers="block")
    context.add_init_script(NOTE_FIRST_PICTURE)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    viewer = watch(page, url)
    before = sum(_browser_cpu())
    page.goto(url)
    viewer.until("window.firstPictureMs", READY_S)
    whole = sum(_browser_cpu()) - before
    told = session.send("Performance.getMetrics")["metrics"]
    main = next(float(one["value"]) for one in told if one["name"] == "TaskDuration")
    wall = float(viewer.ask("firstPictureMs")) / 1e3
    context.close()
    return wall, main, whole


def _browser_cpu() -> Iterator[float]:
    """Processor seconds of each process of the browser; one that has ended meanwhile is left out."""
    for process in psutil.Process().children(recursive=True):
        try:
            if process.name().startswith("chrom"):
                times = process.cpu_times()
                yield float(times.user + times.system)
        except psutil.NoSuchProcess:
            continue
