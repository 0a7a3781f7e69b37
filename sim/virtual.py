"""``python -m sim.virtual``: the park in virtual time, into files: as fast as it can be stepped, without
network.

A folder gets ``tags.csv`` (the columns), a ``values-NNNN.npz`` for each hour (``time_ns int64[T]``,
``value float64[T, N]`` in the unit of each tag, ``status uint32[T, N]``; of a text the index in ``texts``)
and the truth log in ``truth/``. Same arguments, same bytes.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import numpy as np
from rich.console import Console
from rich.progress import Progress

from sim.errors import SimError, SimSettingsError
from sim.faults.moments import parse_duration_s
from sim.faults.scenario import read_scenario
from sim.plant import SHIPPED, read_plant
from sim.simulation import Simulation
from sim.truth.log import TruthLog
from twin.contract.clock import from_iso
from twin.contract.errors import ContractError

PART_S = 3600.0


def run_virtual(
    folder: Path,
    *,
    park: Path,
    begin_ns: int,
    lasts_s: float,
    every_s: float,
    seed: int,
    scenario: Path | None = None,
    progress: Progress | None = None,
) -> int:
    """Simulate from ``begin_ns`` for ``lasts_s`` [s] and keep what is read every ``every_s`` [s].

    Returns:
        How many rows of readings were kept.

    Raises:
        SimSettingsError: the folder has files in it, or the times cannot be.
        PlantError, ScenarioError: the plant or the scenario does not hold together.
    """
    plant = read_plant(park)
    steps_a_row = round(every_s / plant.tick_s)
    if steps_a_row < 1 or abs(steps_a_row * plant.tick_s - every_s) > 1e-9:
        raise SimSettingsError(
            f"every {every_s:g} s: must be a multiple of the plant's step, {plant.tick_s:g} s"
        )
    if folder.exists() and any(folder.iterdir()):
        raise SimSettingsError(f"folder {folder}: has files in it and nothing is written over; name another")
    folder.mkdir(parents=True, exist_ok=True)
    truth = TruthLog(folder / "truth", run="virtual", clock=lambda: 0)
    simulation = Simulation(plant, seed=seed, start_ns=begin_ns, truth=truth)
    if scenario is not None:
        text = scenario.read_text(encoding="utf-8")
        check = simulation.board.check
        read = read_scenario(
            text, str(scenario), check=check, now_ns=begin_ns, utc_offset_h=plant.utc_offset_h
        )
        simulation.board.schedule(read.orders)
    _write_tags(folder / "tags.csv", simulation)
    rows = round(lasts_s / every_s)
    rows_a_part = max(round(PART_S / every_s), 1)
    simulation.step(0.0)
    task = progress.add_task("simulating", total=rows) if progress else None
    for part, first in enumerate(range(0, rows, rows_a_part)):
        kept = []
        for _ in range(first, min(first + rows_a_part, rows)):
            for _ in range(steps_a_row):
                simulation.step(plant.tick_s)
            kept.append((simulation.now_ns, simulation.value, simulation.status))
            if progress and task is not None:
                progress.advance(task)
        time_ns, value, status = zip(*kept, strict=True)
        np.savez_compressed(
            folder / f"values-{part:04}.npz",
            time_ns=np.array(time_ns, np.int64),
            value=np.stack(value),
            status=np.stack(status),
        )
    truth.close()
    return rows


def _write_tags(path: Path, simulation: Simulation) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("tag", "kind", "unit", "data_type", "texts"))
        for tag in simulation.tags:
            kind = simulation.fleets.kind_of[tag.equipment].name
            signal = tag.signal
            writer.writerow((tag.tag, kind, signal.unit, signal.data_type, "|".join(signal.texts)))


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sim.virtual", description="The park, into files.")
    add = parser.add_argument
    add("folder", type=Path, help="a new or empty folder for the files")
    add("--begin", default="2026-09-24T00:00:00+07:00", help="simulated time, with its offset from UTC")
    add("--for", dest="lasts", default="24h", help="how long: 90s, 5m, 24h, 7d (default 24h)")
    add("--every", default="60s", help="how often readings are kept (default 60s)")
    add("--seed", type=int, default=2026)
    add("--park", type=Path, default=SHIPPED, help="a plant.yaml (default: the shipped park)")
    add("--scenario", type=Path, help="a scenario file to play from the begin")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None, error: IO[str] = sys.stderr) -> int:
    """Simulate into files; 2 if an argument, the plant or the scenario does not hold."""
    given = _arguments(arguments)
    console = Console(file=error)
    try:
        begin_ns = from_iso(given.begin)
        with Progress(console=console, transient=True) as progress:
            rows = run_virtual(
                given.folder,
                park=given.park,
                begin_ns=begin_ns,
                lasts_s=parse_duration_s(given.lasts),
                every_s=parse_duration_s(given.every),
                seed=given.seed,
                scenario=given.scenario,
                progress=progress,
            )
    except (SimError, ContractError, OSError) as fault:
        error.write(f"{getattr(fault, 'code', 'sim')}: {fault}\n")
        return 2
    hours = rows * parse_duration_s(given.every) / 3600.0
    error.write(f"{rows} rows of readings over {hours:g} h in {given.folder}; the truth is in truth/\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
