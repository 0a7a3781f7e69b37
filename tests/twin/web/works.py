"""The works that the board, the what-if and the past are tried on: what its lines did yesterday."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx

from tests.support.services import wait_for
from tests.twin.web.plant import Plant

WORKS = Path(__file__).parent / "park" / "works.yaml"
DAP, CHIET, TRAM = "bang/co-khi/dap", "bang/thuc-pham/chiet", "bang/ha-tang/tram"
PACE = f"{DAP}/d2"
MINUTE = 60_000_000_000
HOUR = 60 * MINUTE
BAD = 0x80310000


def midnight() -> int:
    """When yesterday began at the park [ns]."""
    today = datetime.now(UTC).astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).date()
    begin = datetime.combine(today - timedelta(days=1), datetime.min.time(), ZoneInfo("Asia/Ho_Chi_Minh"))
    return round(begin.timestamp()) * 1_000_000_000


STATES = (
    (PACE, -5, "Execute"), (PACE, 360, "Aborted"), (PACE, 390, "Execute"), (PACE, 600, "Held"),
    (PACE, 602, "Execute"), (PACE, 960, "Execute"), (PACE, 1200, "Stopped"), (PACE, 1260, "Execute"),
    (f"{DAP}/d1", -5, "Execute"), (f"{DAP}/d1", 700, "Suspended"), (f"{DAP}/d1", 745, "Execute"),
    (f"{DAP}/d3", -5, "Execute"),
    (f"{CHIET}/c1", -5, "Execute"), (f"{CHIET}/c1", 500, "Idle"), (f"{CHIET}/c1", 560, "Execute"),
    (f"{CHIET}/c2", -5, "Execute"),
)  # fmt: skip
"""Station, minutes after midnight, state. From 14:00 to 16:00 that of the pace station was not to be had."""
PIECES_PER_H = {DAP: 88.0, CHIET: 470.0}


def tell_yesterday(plant: Plant, day: int) -> None:
    """Tell what stations did from ``day`` (the begin of yesterday, ns) on: states, counters and energy."""
    told: list[tuple[int, str, float | str, int]] = [
        (day + minute * MINUTE, f"{station}:state", state, 0) for station, minute, state in STATES
    ]
    told.append((day + 840 * MINUTE, f"{PACE}:state", "Execute", BAD))
    for machine in plant.park.equipment:
        line = machine.id.rpartition("/")[0]
        if line not in PIECES_PER_H:
            continue
        rejects = 0.02 if line == DAP else 0.004
        for hour in range(25):
            made = PIECES_PER_H[line] * hour
            # the last is told a second before midnight, so that it lies within the day
            at = day + (
                hour * HOUR if 0 < hour < 24 else (-5 * MINUTE if hour == 0 else 24 * HOUR - MINUTE // 60)
            )
            rejected = round(made * rejects) if machine.id.endswith(("d3", "c2")) else 0.0
            told.append((at, f"{machine.id}:good", round(made), 0))
            told.append((at, f"{machine.id}:rejected", rejected, 0))
            told.append((at, f"{machine.id}:energy", 1000.0 + 42.0 * hour, 0))
    for time, tag, value, status in sorted(told, key=lambda row: row[0]):
        plant.tell({tag: value}, status=status, time_ns=time)


def wait_for_scene(url: str) -> None:
    """Wait until the geometry is built, which takes long on a busy machine."""
    wait_for(lambda: httpx.get(f"{url}/api/scene", timeout=60.0).status_code == 200, "the scene", 240.0)
