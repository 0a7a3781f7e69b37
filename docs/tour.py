"""``python -m docs.tour``: take the pictures of ``docs/tour.md`` anew, from the demo.

It starts the demo in a scratch folder on free ports with a fixed seed, brings about what there is to see,
walks the desks in Chromium and writes ``docs/images/tour-*.webp``; ten minutes on a calm machine. Names of
steps take only those; ``--url`` asks a demo that runs already (``--dir`` names its folder), ``--out`` writes
elsewhere.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import cv2
import httpx
import numpy as np
import pytest
from playwright.sync_api import Browser, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from docs.tour_steps import PATIENCE_S, STEPS, TELL_WEAR, Step
from tests.twin.web.conftest import QUIET, SWIFTSHADER, chromium_path, watch

IMAGES = Path(__file__).parent / "images"
MOST_BYTES = 200_000
SETTINGS = {
    "PARKTWIN_SIM_SEED": "2026",
    # what takes maintenance hours to learn by five-minute windows takes it minutes by short ones
    "PARKTWIN_HEALTH_WINDOW_S": "5",
    "PARKTWIN_HEALTH_EVERY_WINDOWS": "6",
}
START_S = 300.0
WARM_S = 600.0
HEALTHY = 60
"""So many machines maintenance must know before any is worn."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m docs.tour", description=__doc__)
    parser.add_argument("steps", nargs="*", help="names of the steps to take, all if left out")
    parser.add_argument("--url", default="", help="a demo that runs, instead of one of its own")
    parser.add_argument("--dir", type=Path, default=None, help="the folder of that demo")
    parser.add_argument("--out", type=Path, default=IMAGES, help="where the pictures go")
    asked = parser.parse_args(arguments)
    unknown = set(asked.steps) - {step.name for step in STEPS}
    if unknown:
        parser.error(
            f"{', '.join(sorted(unknown))}: no such step; there are {', '.join(s.name for s in STEPS)}"
        )
    steps = [step for step in STEPS if not asked.steps or step.name in asked.steps]
    if asked.url:
        return 1 if _walk(asked.url, asked.dir or Path("var/demo"), steps, asked.out) else 0
    with tempfile.TemporaryDirectory(prefix="parktwin-tour-") as scratch, _demo(Path(scratch)) as url:
        return 1 if _walk(url, Path(scratch), steps, asked.out) else 0


@contextmanager
def _demo(folder: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "twin.cli", "demo", "--dir", str(folder), "--port", "0"]
    with (folder / "demo.log").open("wb") as log:
        process = subprocess.Popen(
            command, env=os.environ | SETTINGS, stdout=log, stderr=log, start_new_session=True
        )
    address, simulator = folder / "twin" / "twin.url", folder / "sim" / "sim.url"
    try:
        _until(
            lambda: (address.exists() and simulator.exists()) or process.poll() is not None,
            "the demo has come up",
            START_S,
        )
        if process.poll() is not None:
            raise SystemExit(f"the demo ended at once:\n{(folder / 'demo.log').read_text()[-2000:]}")
        yield address.read_text()
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(120)


def _walk(url: str, folder: Path, steps: Sequence[Step], out: Path) -> list[str]:
    """Take the pictures; the names of the steps that could not be taken."""
    failed: list[str] = []
    out.mkdir(parents=True, exist_ok=True)
    _say(f"the demo is at {url}")
    if any(step.path.startswith("/maintenance") for step in steps):
        _until(
            lambda: _forecasts(url, "healthy") >= HEALTHY, f"{HEALTHY} machines are known to be well", WARM_S
        )
    for fault, equipment in TELL_WEAR:
        _inject(folder, fault, equipment, "--strength", "0.75", "--ramp", "3m")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=[*QUIET, *SWIFTSHADER])
        for step in steps:
            if step.fault:
                _inject(folder, *step.fault)
            try:
                _say(f"{step.file}: {_picture(browser, url, step, out) // 1000} kB")
            except (pytest.fail.Exception, PlaywrightError) as error:
                failed.append(step.name)
                _say(f"{step.file}: not taken: {error}")
        browser.close()
    return failed


def _picture(browser: Browser, url: str, step: Step, out: Path) -> int:
    width, height = step.size
    context = browser.new_context(viewport={"width": width, "height": height}, service_workers="block")
    viewer = watch(context.new_page(), url)
    viewer.page.set_default_timeout(PATIENCE_S * 1_000)
    path, _, place = step.path.partition("#")
    viewer.page.goto(f"{url}{path}?lang={step.language}&theme={step.theme}{'#' + place if place else ''}")
    step.act(viewer)
    viewer.page.wait_for_timeout(1_500)
    png = viewer.page.screenshot()
    context.close()
    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise SystemExit(f"{step.name}: Chromium gave no picture")
    for quality in (88, 80, 70, 60, 50):
        _, packed = cv2.imencode(".webp", picture, [cv2.IMWRITE_WEBP_QUALITY, quality])
        if packed.nbytes < MOST_BYTES:
            break
    (out / step.file).write_bytes(packed.tobytes())
    return packed.nbytes


def _inject(folder: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "twin.cli", "sim", "inject", *arguments, "--dir", str(folder)]
    # a machine of the demo may have come to that by itself
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL)


def _forecasts(url: str, state: str) -> int:
    try:
        answer = httpx.get(f"{url}/api/maintenance/forecasts", timeout=60, trust_env=False)
    except httpx.HTTPError:
        return 0
    return int(answer.json()["counts"][state]) if answer.status_code == 200 else 0


def _until(happened: Callable[[], bool], what: str, timeout_s: float) -> None:
    _say(f"waiting until {what}")
    deadline = time.monotonic() + timeout_s
    while not happened():
        if time.monotonic() > deadline:
            raise SystemExit(f"not within {timeout_s:.0f} s: {what}")
        time.sleep(2)


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
