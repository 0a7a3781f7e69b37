"""``python -m sim.lives FOLDER``: machines worn to failure on a bench, into files.

A folder gets, for each kind, ``<kind>.npz`` (``signals``, ``unit int[r]``, ``hour float64[r]``, ``value
float32[r, s]``) and ``truth/<kind>.csv`` with what failed in each unit, when, and when it began to. Same
arguments, same bytes.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import numpy as np

from sim.errors import SimError, SimSettingsError
from sim.kinds import machine_kinds
from sim.lives.bench import observe
from sim.lives.drawn import DrawnLives, draw_lives
from sim.lives.forecastable import LIFE_WINDOWS, forecastable

HEAD = ("unit", "mode", "iso14224", "mechanism", "name_vi", "name_en", "onset_h", "end_h")


def write_lives(folder: Path, *, kinds: Sequence[str], units: int, seed: int, window_h: float) -> None:
    """Write ``units`` lives of each kind.

    Raises:
        SimSettingsError: a kind is not known, has no mode that can be forecast, or the folder is in use.
    """
    known = machine_kinds()
    if folder.exists() and any(folder.iterdir()):
        raise SimSettingsError(f"folder {folder}: has files in it and nothing is written over; name another")
    (folder / "truth").mkdir(parents=True, exist_ok=True)
    left: dict[str, dict[str, str]] = {}
    for name in kinds:
        if name not in known:
            raise SimSettingsError(f"kind {name!r}: is not one of {', '.join(sorted(known))}")
        kind = known[name]
        modes, left[name] = forecastable(kind, window_h)
        if not modes:
            raise SimSettingsError(f"kind {name!r}: none of its modes can be forecast; leave it out")
        own_seed = [seed, zlib.crc32(name.encode())]
        # two lives of baseline at least: what fails before has never been seen healthy
        lives = draw_lives(
            modes, units, np.random.default_rng(own_seed), shortest_h=0.5 * LIFE_WINDOWS * window_h
        )
        drawn = np.random.default_rng([*own_seed, 1]).integers(0, 2**31)
        seen = observe(kind, lives, seed=int(drawn), window_h=window_h)
        np.savez_compressed(
            folder / f"{name}.npz",
            signals=np.array(seen.signals),
            unit=seen.unit,
            hour=seen.hour,
            value=seen.value,
        )
        _write_truth(folder / "truth" / f"{name}.csv", lives)
    text = json.dumps({"window_h": window_h, "seed": seed, "left_out": left}, ensure_ascii=False, indent=1)
    (folder / "lives.json").write_text(text, encoding="utf-8")


def _write_truth(path: Path, lives: DrawnLives) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEAD)
        for unit, (number, onset, end) in enumerate(
            zip(lives.target.tolist(), lives.onset_h().tolist(), lives.end_h.tolist(), strict=True)
        ):
            mode = lives.modes[number]
            writer.writerow(
                (
                    unit,
                    mode.name,
                    mode.iso14224,
                    mode.mechanism,
                    mode.vi,
                    mode.en,
                    f"{onset:.3f}",
                    f"{end:.3f}",
                )
            )


def main(arguments: Sequence[str] | None = None, error: IO[str] = sys.stderr) -> int:
    """Write lives into files; 2 if an argument does not hold."""
    parser = argparse.ArgumentParser(prog="python -m sim.lives", description="Machines worn to failure.")
    parser.add_argument("folder", type=Path, help="a new or empty folder for the files")
    parser.add_argument("--kinds", required=True, help="kinds of machines: a,b,c")
    parser.add_argument("--units", type=int, required=True, help="of each kind")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--window-h", type=float, default=8.0, help="how often a machine is looked at [h]")
    given = parser.parse_args(arguments)
    try:
        write_lives(
            given.folder,
            kinds=[one.strip() for one in given.kinds.split(",") if one.strip()],
            units=given.units,
            seed=given.seed,
            window_h=given.window_h,
        )
    except (SimError, OSError) as fault:
        error.write(f"{getattr(fault, 'code', 'sim')}: {fault}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
