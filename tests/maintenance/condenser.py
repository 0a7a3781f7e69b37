"""Condensers worn to failure by the simulator, and a health model of them, for tests; made once a run."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from maintenance.health.model import HealthModel
from maintenance.health.training import train
from maintenance.machine_lives import Lives, read_lives

KIND = "evaporative_condenser"
WINDOW_H = 24.0


@cache
def condenser_folder(seed: int, units: int) -> Path:
    """Folder with lives of one seed, looked at once a day."""
    folder = Path(mkdtemp(prefix="parktwin-lives-"))
    command = f"-m sim.lives {folder} --kinds {KIND} --units {units} --seed {seed} --window-h {WINDOW_H:g}"
    subprocess.run([sys.executable, *command.split()], check=True)
    return folder


@cache
def condenser_lives(seed: int, units: int) -> Lives:
    """Lives of one seed, looked at once a day."""
    return read_lives(condenser_folder(seed, units), KIND)


@cache
def condenser_model() -> HealthModel:
    """A model trained on 24 of them."""
    return train(condenser_lives(11, 24), window_h=WINDOW_H, progress=lambda done, of: None)
