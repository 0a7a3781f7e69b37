"""Forecasts and plans for many machines at once: how long one core takes.

Fleets are the test machines of C-MAPSS, many times over, each with its whole history. Models are fitted on 40
machines with few steps of the networks, since fitting is not what is measured: they have as many members,
trees and layers as one that is trained whole.
"""

from __future__ import annotations

from pathlib import Path
from time import perf_counter, process_time

import numpy as np

from benchmarks.table import Row, as_markdown
from maintenance.cmapss import read_subset
from maintenance.histories import Histories
from maintenance.model import ModelSettings, fit_model
from maintenance.plan.planner import make_plan
from maintenance.plan.site_file import SAMPLE, Site, read_site
from maintenance.prognosis.network import NetworkSettings
from maintenance.prognosis.stack import StackSettings
from twin.contract.clock import from_iso
from twin.contract.health import HealthState, MachineHealth, RankedMode, RemainingLife

DATA = Path(__file__).parents[2] / "shared" / "data" / "rul" / "cmapss"
FITTED_ON, STEPS = 40, 30
FLEET, WANTED_FLEET_S = 10_000, 5.0
PLANNED, WANTED_PLAN_S = 500, 60.0
NOW = from_iso("2026-11-30T10:00:00+07:00")
LEVELS = np.array([-1.645, -1.282, 0.0, 1.282, 1.645])


def run() -> list[Row]:
    """Measure."""
    if not DATA.is_dir():
        print(f"C-MAPSS is not at {DATA}: forecasts of a fleet are left out")
        return [_planning()]
    return [*(_fleet(subset) for subset in ("FD001", "FD002")), _planning()]


def _fleet(subset: str) -> Row:
    data = read_subset(DATA, subset)
    settings = ModelSettings(stack=StackSettings(network=NetworkSettings(steps=STEPS)))
    chosen = data.train.select(np.arange(FITTED_ON))
    fitted = fit_model(chosen, settings, seed=0, jobs=1, progress=lambda done, of: None)
    fleet = repeated(data.test, -(-FLEET // len(data.test.units)))
    begun = process_time()
    told = fitted.model.forecast(fleet)
    took = process_time() - begun
    return Row(
        "rul",
        f"forecast of {len(told.units):,} machines ({subset})",
        took,
        "s of CPU",
        f"at most {WANTED_FLEET_S:g}",
        took <= WANTED_FLEET_S,
        f"{fleet.rows:,} cycles of history read for it, one thread",
    )


def repeated(h: Histories, times: int) -> Histories:
    """The same machines so many times, each with a number of its own."""
    return Histories(
        units=np.arange(len(h.units) * times),
        starts=np.concatenate([[0], np.cumsum(np.tile(h.lengths, times))]),
        cycle=np.tile(h.cycle, times),
        settings=np.tile(h.settings, (times, 1)),
        sensors=np.tile(h.sensors, (times, 1)),
        setting_names=h.setting_names,
        sensor_names=h.sensor_names,
    )


def _planning() -> Row:
    site = read_site(SAMPLE)
    forecasts = _forecasts(site)
    begun, worked = perf_counter(), process_time()
    plan = make_plan(site, forecasts, NOW)
    took, worked = perf_counter() - begun, process_time() - worked
    return Row(
        "rul",
        f"plan for {PLANNED} machines over {site.horizon_weeks} weeks",
        took,
        "s",
        f"under {WANTED_PLAN_S:g}",
        took < WANTED_PLAN_S,
        f"{len(plan.orders)} work orders, {worked:.0f} s of CPU; the best plan there could be saves at most "
        f"{100 * plan.gap:.1f} % more",
    )


def _forecasts(site: Site) -> list[MachineHealth]:
    """Degrading machines of all kinds and tenants of the sample, from days to a year before failure."""
    rng = np.random.default_rng(0)
    told = []
    for number in range(PLANNED):
        kind = site.kinds[number % len(site.kinds)]
        tenant = site.tenants[number % len(site.tenants)]
        job = kind.jobs[int(rng.integers(len(kind.jobs)))]
        life = np.exp(rng.uniform(np.log(48.0), np.log(8000.0)) + rng.uniform(0.15, 0.6) * LEVELS)
        names = ("p05", "p10", "p50", "p90", "p95")
        told.append(
            MachineHealth(
                machine=f"{tenant.prefix}/f1/line{number // 8}/m{number}",
                time=NOW,
                state=HealthState.DEGRADING,
                kind=kind.kind,
                health=0.5,
                remaining=RemainingLife(**dict(zip(names, map(float, life), strict=True))),
                modes=(
                    RankedMode(
                        mode=job.mode, iso14224="VIB", mechanism="2.4 Wear", probability=0.8,
                        name_vi="Mòn", name_en="Wear",
                    ),
                ),
                model=kind.kind,
                model_version="bench",
            )
        )  # fmt: skip
    return told


if __name__ == "__main__":
    print(as_markdown(run()))
