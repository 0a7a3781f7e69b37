"""What laying parts straight is worth: simulated flanges that play in their fixture, little, some and much.

Parts, defects and play are drawn by the simulator's camera with a fixed seed; no part is taught and asked.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from benchmarks.table import Row
from sim.cameras.camera import Camera
from sim.cameras.machined_part import MachinedPart
from sim.cameras.optics import Optics
from vision_qc.features import shared_network
from vision_qc.image_file import U8
from vision_qc.metrics import auroc
from vision_qc.spc.intervals import wilson
from vision_qc.teach import Registering, teach

PLAYS = {"half a millimetre": (1.5, 0.1), "2 mm, 1°": (12.0, 1.0), "5 mm, 3°": (30.0, 3.0)}
"""Standard deviation of shift [px] and turn [°] of the picture, beside the pins' own half millimetre."""
TAUGHT, ASKED_GOOD, ASKED_BAD = 60, 45, 45
SEED = 2026


@dataclass(frozen=True, slots=True)
class _Piece:
    serial: str
    product: str
    defects: tuple[str, ...]
    time_ns: int = 0


def pictures(play: tuple[float, float], first: int, count: int, defects: bool) -> list[U8]:
    """Take ``count`` pictures of parts of their own; with defects, of one type after the other."""
    source = MachinedPart()
    camera = Camera("bench", source, Optics(shift_px=play[0], turn_deg=play[1]), seed=SEED)
    taken = []
    for number in range(first, first + count):
        found = (source.defects[number % len(source.defects)],) if defects else ()
        picture = camera.take(_Piece(f"R-{number}", "flange", found)).picture
        taken.append(np.asarray(cv2.cvtColor(picture, cv2.COLOR_GRAY2RGB), dtype=np.uint8))
    return taken


def score(name: str, play: tuple[float, float]) -> list[Row]:
    """Teach as parts lie, and with the choice left to teaching; ask both about the same parts."""
    network = shared_network()
    taught = pictures(play, 0, TAUGHT, defects=False)
    asked_good = pictures(play, 1000, ASKED_GOOD, defects=False)
    asked_bad = pictures(play, 2000, ASKED_BAD, defects=True)
    ways: tuple[Registering, ...] = ("off", "auto")
    rows, areas = [], []
    for way in ways:
        result = teach(taught, [], network, registration=way)
        station = result.station
        good = [station.judge(picture, network) for picture in asked_good]
        bad = [station.judge(picture, network) for picture in asked_bad]
        area = auroc(np.array([j.score for j in good]), np.array([j.score for j in bad]))
        areas.append(area)
        rejects = wilson(sum(j.verdict == "reject" for j in good), len(good))
        chosen = "none" if station.registration is None else station.registration.way
        trials = ", ".join(f"{key} {value:.3f}" for key, value in result.registration_trials.items())
        rows.append(
            Row(
                area="qc",
                name=f"flanges that play {name}, registration {way}: image AUROC",
                figure=100 * area,
                unit="%",
                target="no loss" if way == "auto" else "",
                met=area >= areas[0] - 0.01 if way == "auto" else None,
                note=f"{chosen}; trials {trials or '-'}; recall "
                f"{100 * np.mean([j.verdict == 'reject' for j in bad]):.0f} %, false rejects "
                f"{100 * rejects.count / rejects.of:.1f} % "
                f"({100 * rejects.low:.1f} to {100 * rejects.high:.1f}), "
                f"not registered {sum(bool(j.why) for j in (*good, *bad))} of {len(good) + len(bad)}",
            )
        )
    return rows


def run() -> list[Row]:
    """Score every play."""
    return [row for name, play in PLAYS.items() for row in score(name, play)]
