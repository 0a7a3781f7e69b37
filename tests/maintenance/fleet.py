"""A made-up fleet whose wear is known: three sensors drift with it, one stands still, in two regimes."""

from __future__ import annotations

import numpy as np

from maintenance.histories import Histories, histories

SENSORS = ("temperature", "pressure", "vibration", "constant")


def wearing_fleet(units: int, *, seed: int, regimes: int = 2) -> Histories:
    """Machines that run to failure after 60 to 140 cycles; wear is (age / life) squared."""
    rng = np.random.default_rng(seed)
    lives = rng.integers(60, 141, units)
    unit = np.repeat(np.arange(1, units + 1), lives)
    age = np.concatenate([np.arange(1.0, life + 1) for life in lives])
    wear = (age / np.repeat(lives, lives)) ** 2
    load = rng.integers(0, regimes, len(unit)).astype(np.float64)
    sensors = np.column_stack(
        [
            20.0 + 50.0 * load + 4.0 * wear + 0.4 * rng.standard_normal(len(unit)),
            5.0 - 2.0 * load - 1.0 * wear + 0.1 * rng.standard_normal(len(unit)),
            1.0 + 0.3 * load + 0.6 * wear + 0.05 * rng.standard_normal(len(unit)),
            np.full(len(unit), 7.0),
        ]
    )
    settings = load[:, None] + 0.001 * rng.standard_normal((len(unit), 1))
    return histories(unit, age, settings, sensors, setting_names=("load",), sensor_names=SENSORS)
