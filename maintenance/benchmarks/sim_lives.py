"""The benchmark on simulated machines: seeded degradations, forecast from what instruments showed.

The simulator runs as a process of its own and writes files: readings, and the truth apart. A model of each
kind is trained on machines of one seed and looks at machines of another that it has never seen. A degradation
runs from its onset (the simulator's severity of 0.05, below which nothing could be seen) to failure; metrics
are those of Saxena et al. 2010, "Metrics for offline evaluation of prognostic performance".
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from maintenance.errors import DataSetError
from maintenance.health.artefact import save_health_model
from maintenance.health.deviation import BASELINE_WINDOWS
from maintenance.health.forecast import forecast
from maintenance.health.model import HealthModel
from maintenance.health.training import train
from maintenance.histories import F64, Bools
from maintenance.machine_lives import Lives, read_lives

KINDS = (
    "air_handling_unit",
    "chilled_water_pump",
    "chiller",
    "cnc_machine",
    "cooling_tower",
    "dyeing_machine",
    "evaporative_condenser",
    "loom",
    "refrigeration_compressor",
    "screw_compressor",
    "steam_boiler",
    "washer",
)
WINDOW_H = 8.0
TRAINING_SEED = 101
TRAINING_UNITS = 96
ALPHA = 0.2
LAMBDAS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
HALF = 4
"""Where in ``LAMBDAS`` half-life is."""


@dataclass(frozen=True)
class Looks:
    """Forecasts of the degradations of one kind: one row a degradation, one column a place of ``LAMBDAS``.

    Args:
        kind: of machine.
        mode: [n] name of what truly failed.
        left: [n, l] true running time to failure [h].
        span: [n] from onset to failure [h].
        quantiles: [n, l, 5] forecast; NaN where there was none.
        ranked_first: [n, l] whether the true mode was.
        healthy: [n, l] whether it was called healthy.
    """

    kind: str
    mode: tuple[str, ...]
    left: F64
    span: F64
    quantiles: F64
    ranked_first: Bools
    healthy: Bools

    def of_mode(self, mode: str) -> Looks:
        """Those of the machines that failed in one mode."""
        mine = np.array([one == mode for one in self.mode])
        return Looks(
            self.kind,
            tuple(one for one in self.mode if one == mode),
            self.left[mine],
            self.span[mine],
            self.quantiles[mine],
            self.ranked_first[mine],
            self.healthy[mine],
        )


def make_lives(folder: Path, *, kinds: Sequence[str], units: int, seed: int) -> Path:
    """Have the simulator write lives of each kind in a folder; those that are there already are taken."""
    for kind in kinds:
        place = folder / f"seed-{seed}-units-{units}" / kind
        if (place / "lives.json").exists():
            continue
        command = f"--kinds {kind} --units {units} --seed {seed} --window-h {WINDOW_H}".split()
        done = subprocess.run(
            [sys.executable, "-m", "sim.lives", str(place), *command],
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise DataSetError(f"the simulator wrote no lives of {kind!r}: {done.stderr.strip()}")
    return folder / f"seed-{seed}-units-{units}"


def train_kind(folder: Path, kind: str) -> HealthModel:
    """Train on the lives of a kind in a folder of :func:`make_lives`."""
    return train(read_lives(folder / kind, kind), window_h=WINDOW_H, progress=lambda done, of: None)


def look(model: HealthModel, lives: Lives, units: Sequence[int], *, known_age: bool) -> Looks:
    """Forecast machines at each place of ``LAMBDAS`` from what was seen until then."""
    shape = (len(units), len(LAMBDAS))
    left, quantiles = np.full(shape, np.nan), np.full((*shape, 5), np.nan)
    first, healthy = np.zeros(shape, np.bool_), np.zeros(shape, np.bool_)
    names = [mode.name for mode in model.modes]
    failed = tuple(lives.modes[int(lives.mode[unit])].name for unit in units)
    for row, unit in enumerate(units):
        rows = lives.rows(unit)
        hour = lives.hour[rows]
        severities = model.signatures.severities(model.deviations(lives.value[rows].astype(np.float64)))
        onset, end = float(lives.onset_h[unit]), float(lives.end_h[unit])
        for column, part in enumerate(LAMBDAS):
            n = int(np.searchsorted(hour, onset + part * (end - onset)))
            n = min(max(n, BASELINE_WINDOWS + 1), len(hour))
            seen = slice(BASELINE_WINDOWS, n)
            told = forecast(model, severities[seen], hour[seen], known_age=known_age)
            left[row, column] = end - hour[n - 1]
            quantiles[row, column] = told.quantiles
            first[row, column] = names[int(np.argmax(told.modes))] == failed[row]
            healthy[row, column] = told.state == "healthy"
    span = lives.end_h[list(units)] - lives.onset_h[list(units)]
    return Looks(model.kind, failed, left, span, quantiles, first, healthy)


def run(
    folder: Path,
    *,
    kinds: Sequence[str],
    degradations: int,
    seed: int,
    training_seed: int,
    training_units: int,
    known_age: bool,
    progress: Callable[[str], None],
    models: Path | None = None,
) -> list[Looks]:
    """Train every kind on one seed and look at ``degradations`` of another, spread evenly over the kinds.

    With ``models`` what was trained is kept there.

    Raises:
        DataSetError: the seeds are the same, or the simulator did not do its part.
    """
    if seed == training_seed:
        raise DataSetError(f"seed {seed}: the models are trained on it; give another, never used before")
    each = -(-degradations // len(kinds))
    found = []
    for number, kind in enumerate(kinds):
        progress(kind)
        trained = make_lives(folder, kinds=[kind], units=training_units, seed=training_seed)
        tested = make_lives(folder, kinds=[kind], units=each, seed=seed)
        model = train_kind(trained, kind)
        if models is not None:
            save_health_model(model, models)
        lives = read_lives(tested / kind, kind)
        count = degradations // len(kinds) + (number < degradations % len(kinds))
        found.append(look(model, lives, range(count), known_age=known_age))
    return found


@dataclass(frozen=True)
class Scores:
    """Of some degradations.

    Args:
        count: of degradations.
        error: median of the absolute error of the median forecast at half-life, as a share of the truth.
        within: share of degradations within 20 % of the truth at half-life (alpha-lambda, Saxena 2010).
        coverage_half, coverage: of the 90 % interval at half-life, and at all places.
        coverage_80: of the 80 % interval at all places.
        width: mean width of the 90 % interval at half-life, over the truth.
        first_half, first_late: share with the true mode ranked first at half-life, and at 0.8.
        horizon: median share of the degradation that is left from which on every forecast is within 20 % of
            the span (prognostic horizon).
        healthy: share still called healthy at half-life.
    """

    count: int
    error: float
    within: float
    coverage_half: float
    coverage: float
    coverage_80: float
    width: float
    first_half: float
    first_late: float
    horizon: float
    healthy: float


def score(looks: Sequence[Looks]) -> Scores:
    """Score looks of one kind or of several together."""
    left = np.concatenate([one.left for one in looks])
    quantiles = np.concatenate([one.quantiles for one in looks])
    first = np.concatenate([one.ranked_first for one in looks])
    healthy = np.concatenate([one.healthy for one in looks])
    span = np.concatenate([one.span for one in looks])
    off = np.abs(quantiles[:, :, 2] - left)
    inside = (quantiles[:, :, 0] <= left) & (left <= quantiles[:, :, 4])
    inside_80 = (quantiles[:, :, 1] <= left) & (left <= quantiles[:, :, 3])
    relative = off[:, HALF] / left[:, HALF]
    good = off <= ALPHA * span[:, None]
    last_bad = np.where(good.all(axis=1), -1, len(LAMBDAS) - 1 - np.argmin(good[:, ::-1], axis=1))
    horizon = [1.0 - LAMBDAS[place + 1] if place + 1 < len(LAMBDAS) else 0.0 for place in last_bad.tolist()]
    return Scores(
        count=len(left),
        error=float(np.median(relative)),
        within=float(np.mean(relative <= ALPHA)),
        coverage_half=float(inside[:, HALF].mean()),
        coverage=float(inside.mean()),
        coverage_80=float(inside_80.mean()),
        width=float(np.mean((quantiles[:, HALF, 4] - quantiles[:, HALF, 0]) / left[:, HALF])),
        first_half=float(first[:, HALF].mean()),
        first_late=float(first[:, LAMBDAS.index(0.8)].mean()),
        horizon=float(np.median(horizon)),
        healthy=float(healthy[:, HALF].mean()),
    )


def lines(looks: Sequence[Looks]) -> Iterator[str]:
    """The table as text: a line a kind, one a mode, one of all."""
    yield (
        "kind or mode | degradations | median error at half-life | within 20 % | 90 % covers at half-life"
        " | 90 % covers | 80 % covers | width/truth | mode first at half-life | at 0.8 | horizon | healthy"
    )
    for one in looks:
        yield _line(one.kind, score([one]))
    for one in looks:
        for mode in sorted(set(one.mode)):
            yield _line(f"  {one.kind}: {mode}", score([one.of_mode(mode)]))
    yield _line("all", score(looks))


def _line(name: str, s: Scores) -> str:
    return (
        f"{name} | {s.count} | {s.error:.1%} | {s.within:.0%} | {s.coverage_half:.1%} | {s.coverage:.1%} | "
        f"{s.coverage_80:.1%} | {s.width:.2f} | {s.first_half:.1%} | {s.first_late:.1%} | {s.horizon:.2f} | "
        f"{s.healthy:.0%}"
    )
