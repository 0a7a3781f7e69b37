"""The inspection service over HTTP: time to a verdict, throughput, memory with ten recipes."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

import cv2
import httpx
import numpy as np

from benchmarks.processes import cpu_s, memory_mb, running
from benchmarks.table import Row
from tests.support.services import wait_for
from vision_qc.client import QcClient
from vision_qc.features import shared_network
from vision_qc.image_file import U8, decode
from vision_qc.recipe import load, save
from vision_qc.teach import teach

SIDE = 1000
STATION = "park/plant/line1/aoi1"
RECIPES = 10
ASKED = 200
SAMPLES = 60
SENDERS = 4


def plate(number: int) -> U8:
    """Draw a good plate of one megapixel: ``uint8[1000, 1000, 3]``."""
    rng = np.random.default_rng(number)
    picture = np.full((SIDE, SIDE), 60.0, np.float32)
    cv2.rectangle(picture, (120, 120), (880, 880), 150.0, -1)
    for x in (330, 670):
        cv2.circle(picture, (x + int(rng.integers(-6, 7)), 500), 90, 70.0, -1)
    grain = cv2.resize(rng.normal(0, 6, (SIDE // 4, SIDE // 4)).astype(np.float32), (SIDE, SIDE))
    picture = picture * float(rng.uniform(0.93, 1.07)) + grain
    return np.repeat(np.clip(picture, 0, 255).astype(np.uint8)[:, :, None], 3, axis=2)


def jpeg(number: int) -> bytes:
    """Encode a plate as a camera does."""
    return cv2.imencode(".jpg", plate(number), [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes()


def run() -> list[Row]:
    """Measure one worker alone, then two with ten recipes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # at half size, as ``parktwin qc teach`` chooses for JPEGs of a megapixel
        good = [decode(jpeg(n), "half") for n in range(SAMPLES)]
        save(teach(good, [], shared_network(), decoding="half").station, folder / "recipe")
        pictures = [jpeg(10_000 + number) for number in range(ASKED)]
        inside = _in_process_ms(folder / "recipe", pictures[:50])
        alone = _service_ms(folder, pictures)
        rate, memory, idle, spent = _crowd(folder, pictures)
    median, late = np.percentile(alone, (50, 95))
    size = f"{SIDE} x {SIDE} px, {len(pictures[0]) / 1e3:.0f} kB JPEG"
    return [
        Row("qc", "verdict over HTTP, p50", float(median), "ms", "at most 25", bool(median <= 25), size),
        Row(
            "qc", "verdict over HTTP, p95", float(late), "ms", "at most 35", bool(late <= 35),
            f"one worker; on disk before it is told; in process {inside:.1f} ms",
        ),
        Row("qc", "of that beyond judging", float(median / inside), "times", note="HTTP, disk, ledger"),
        Row(
            "qc", "throughput, two workers", rate, "pictures/s", "at least 70", rate >= 70,
            f"{SENDERS} at a time",
        ),
        Row("qc", "processor time of an inspection", spent, "ms", note="service, HTTP, disk, index"),
        Row(
            "qc", "memory with ten recipes", memory, "MB", "below 600", memory < 600,
            f"{idle:.0f} MB before the first recipe",
        ),
    ]  # fmt: skip


def _in_process_ms(recipe: Path, pictures: list[bytes]) -> float:
    station, network = load(recipe).station, shared_network()
    times = []
    for picture in pictures:
        begun = perf_counter()
        station.judge(decode(picture, station.decoding), network)
        times.append(perf_counter() - begun)
    return float(np.median(times) * 1e3)


def _service_ms(folder: Path, pictures: list[bytes]) -> list[float]:
    with _service(folder / "alone", 1) as (url, _):
        _install(url, folder / "recipe", 1)
        times = []
        with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
            for number, picture in enumerate(pictures):
                begun = perf_counter()
                _send(client, picture, number, 0)
                times.append((perf_counter() - begun) * 1e3)
    return times[10:]


def _crowd(folder: Path, pictures: list[bytes]) -> tuple[float, float, float, float]:
    with _service(folder / "crowd", 2) as (url, process):
        idle = memory_mb(process)
        _install(url, folder / "recipe", RECIPES)
        with (
            httpx.Client(base_url=url, timeout=60, trust_env=False) as client,
            ThreadPoolExecutor(SENDERS) as pool,
        ):
            for number in range(RECIPES):
                _send(client, pictures[number], -1 - number, number)
            begun, spent = perf_counter(), cpu_s(process)
            list(pool.map(lambda n: _send(client, pictures[n], n, n % RECIPES), range(len(pictures))))
            rate = len(pictures) / (perf_counter() - begun)
        spent = (cpu_s(process) - spent) / len(pictures)
        return rate, memory_mb(process), idle, spent * 1e3


def _install(url: str, recipe: Path, count: int) -> None:
    with QcClient(url) as client:
        for number in range(count):
            client.install(recipe, STATION, f"plate-{number}", by="bench", activate=True)


def _send(client: httpx.Client, picture: bytes, number: int, recipe: int) -> None:
    answer = client.post(
        f"/api/stations/{STATION}/inspect",
        params={"serial": f"S{number}", "product": f"plate-{recipe}"},
        content=picture,
    )
    answer.raise_for_status()


@contextmanager
def _service(folder: Path, workers: int) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Run a service with so many workers; yield its URL and the process."""
    settings = {
        "PARKTWIN_DATA_DIR": str(folder),
        "PARKTWIN_BUS": f"embedded:{folder / 'bus'}",
        "PARKTWIN_QC_WORKERS": str(workers),
    }
    with running(["-m", "vision_qc.service"], settings) as process:
        address = folder / "qc.url"
        wait_for(address.exists, "the service listens", 120)
        yield address.read_text(), process
