"""The inspection service under uploads that no station should send: what it answers, and what it keeps.

``python -m benchmarks qc_fuzz`` sends 10,000; ``PARKTWIN_FUZZ=500`` sends fewer.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np
import psutil

from benchmarks.processes import running
from benchmarks.table import Row
from benchmarks.upload_fuzz import Upload, UploadFuzz, still_shows
from tests.support.services import wait_for
from tests.vision_qc.products import good
from vision_qc.client import QcClient
from vision_qc.features import shared_network
from vision_qc.recipe import save
from vision_qc.teach import teach

COUNT = int(os.environ.get("PARKTWIN_FUZZ", "10000"))
STATION, PRODUCT = "park/plant/line1/aoi1", "plate"
SEED = 7
SENDERS = 2
ANSWERS = frozenset({200, 400, 413})
"""What may be answered; a 5xx is a fault of ours, whatever was sent."""
HARMLESS_DN = 4.0
"""A picture changed by less than this on average still shows the product (JPEG alone changes it by 1.2)."""
WARM = 0.3
"""Share of the uploads after which memory should stand still."""


@dataclass(slots=True)
class Seen:
    """What came of all uploads."""

    answers: Counter[tuple[str, int, str]] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    accepted_non_images: list[str] = field(default_factory=list)
    accepted_damaged: list[str] = field(default_factory=list)
    accepted_whole: int = 0
    memory: list[tuple[int, float]] = field(default_factory=list)

    def slope_kb(self) -> float:
        """Growth of resident memory [kB per 1,000 uploads] after warming up, least squares."""
        points = np.array(self.memory)
        late = points[points[:, 0] >= WARM * points[-1, 0]]
        return float(np.polyfit(late[:, 0], late[:, 1], 1)[0] * 1000) if len(late) > 2 else float("nan")


def fuzz(count: int, folder: Path) -> Seen:
    """Start a service, teach it plates, and send it ``count`` uploads."""
    save(teach([good(n) for n in range(60)], [], shared_network()).station, folder / "recipe")
    settings = {
        "PARKTWIN_DATA_DIR": str(folder / "data"),
        "PARKTWIN_BUS": f"embedded:{folder / 'bus'}",
        "PARKTWIN_QC_SYNC": "normal",
    }
    seen, lock = Seen(), threading.Lock()
    with running(["-m", "vision_qc.service"], settings) as process:
        address = folder / "data" / "qc.url"
        wait_for(address.exists, "the service listens", 120)
        url = address.read_text()
        with QcClient(url) as client:
            client.install(folder / "recipe", STATION, PRODUCT, by="bench", activate=True)
        memory, makes = psutil.Process(process.pid), UploadFuzz(SEED, good)
        http = httpx.Client(base_url=url, timeout=60, trust_env=False)

        def send(number: int) -> None:
            with lock:
                upload = makes.next()
            answer = http.post(
                f"/api/stations/{STATION}/inspect",
                params={"serial": f"F-{number}"},
                content=upload.body,
                headers={"content-type": upload.content_type},
            )
            with lock:
                _note(seen, number, upload, answer)
                if number % 50 == 0:
                    seen.memory.append((number, memory.memory_info().rss / 1024))

        with http, ThreadPoolExecutor(SENDERS) as pool:
            for _ in pool.map(send, range(count)):
                pass
        if process.poll() is not None:
            seen.faults.append(f"the service ended with status {process.returncode}")
    return seen


def _note(seen: Seen, number: int, upload: Upload, answer: httpx.Response) -> None:
    body = answer.json()
    told = body.get("verdict") or body.get("code", "")
    seen.answers[upload.kind, answer.status_code, told] += 1
    if answer.status_code not in ANSWERS:
        seen.faults.append(f"{number} {upload.kind}: {answer.status_code} {answer.text[:200]}")
    if told != "pass":
        return
    if upload.kind == "whole":
        seen.accepted_whole += 1
    elif upload.original is None:
        seen.accepted_non_images.append(f"{number} {upload.kind}")
    elif upload.kind != "form" and not still_shows(upload.body, upload.original, HARMLESS_DN):
        seen.accepted_damaged.append(f"{number} {upload.kind} score {body['score']:.2f}")


def run() -> list[Row]:
    """Send them all."""
    with tempfile.TemporaryDirectory() as folder:
        seen = fuzz(COUNT, Path(folder))
    by_kind: Counter[str] = Counter()
    for (kind, status, told), count in sorted(seen.answers.items()):
        by_kind[f"{kind.rstrip('!')}: {told or status}"] += count
    print("\n".join(f"{count:6d}  {name}" for name, count in sorted(by_kind.items())), flush=True)
    for text in (*seen.faults[:20], *seen.accepted_non_images[:20], *seen.accepted_damaged[:20]):
        print(f"! {text}", flush=True)
    whole = sum(count for (kind, _, _), count in seen.answers.items() if kind == "whole")
    note = f"{COUNT} uploads, {SENDERS} at a time, seed {SEED}"
    slope = seen.slope_kb()
    return [
        Row("qc fuzz", "crashes and answers of 5xx", len(seen.faults), "", "0", not seen.faults, note),
        Row(
            "qc fuzz", "non-images accepted", len(seen.accepted_non_images), "", "0",
            not seen.accepted_non_images,
        ),
        Row(
            "qc fuzz", "pictures accepted that no longer show the product", len(seen.accepted_damaged), "",
            "0", not seen.accepted_damaged, f"more than {HARMLESS_DN:g} DN from what was sent on average",
        ),
        Row(
            "qc fuzz", "whole good pictures accepted among them", seen.accepted_whole / max(whole, 1), "",
            note=f"of {whole}",
        ),
        Row(
            "qc fuzz", "memory slope", slope, "kB / 1,000 uploads", "at most 500", slope <= 500,
            f"{seen.memory[0][1] / 1024:.0f} MB at the start, {seen.memory[-1][1] / 1024:.0f} MB at the end",
        ),
    ]  # fmt: skip
