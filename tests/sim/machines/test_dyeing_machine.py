"""A dyeing machine through a whole batch: phases in order, water out as in, heat paid for."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import pytest

from sim.kind import F64, Site, Tick
from sim.machines.dyeing_machine import KIND
from sim.physics.dye_bath import WATER_KJ_L_K
from sim.physics.dye_recipe import PHASES, RECIPE


def batch(dt_s: float = 10.0, hours: float = 4.1, **severity: float) -> list[Mapping[str, F64]]:
    """One batch in an empty machine, as its line would have it: it enters in the first second."""
    fleet = KIND.create([KIND.parameters()], Site(7.0, ("rig/dye1",), (1,)))
    one, on, rng = np.ones(1), np.ones(1, np.bool_), np.random.default_rng(1)
    worn = {mode.name: one * severity.get(mode.name, 0.0) for mode in KIND.modes}
    fed = {"steam_bar": 7.0 * one, "water_bar": 4.0 * one}

    def tick(step_s: float, begun: float) -> Tick:
        return Tick(0, step_s, 9.0, rng, fed, worn, {}, on, on, one, begun * one, one, 0.0 * one)

    fleet.step(tick(0.0, 1.0))
    steps = int(hours * 3600.0 / dt_s)
    return [
        {name: np.array(values) for name, values in fleet.step(tick(dt_s, float(number == 0))).items()}
        for number in range(steps)
    ]


def test_phases_come_in_the_order_of_the_recipe() -> None:
    shown = [int(read["phase"][0]) for read in batch()]
    changes = [shown[0], *(now for before, now in pairwise(shown) if now != before)]
    wanted = [PHASES.index(phase.name) for phase in RECIPE if phase.minutes]
    assert [one for one in changes if one != PHASES.index("Idle")] == wanted


def test_six_baths_run_in_and_out() -> None:
    reads = batch()
    taken = sum(float(read["water_m3_h"][0]) for read in reads) * 10.0 / 3600.0
    dropped = sum(float(read["sewage_m3_h"][0]) for read in reads) * 10.0 / 3600.0
    assert taken == pytest.approx(6 * 3.2, rel=1e-6)
    assert dropped == pytest.approx(taken, rel=1e-6)
    acid = sum(float(read["acid_mol_h"][0]) for read in reads)
    assert acid < 0.0  # alkaline, as reactive dyeing is


def test_the_scour_reaches_its_temperature_and_steam_pays_for_it() -> None:
    reads = batch()
    scour = [read for read in reads if PHASES[int(read["phase"][0])] == "Scour"]
    assert scour[-1]["bath_temperature"][0] == pytest.approx(98.0, abs=0.2)
    start_c = float(scour[0]["bath_temperature"][0])
    heat_kj = sum(float(read["steam_flow"][0]) for read in scour) * 10.0 / 3600.0 * 2047.0
    stored_kj = (3200.0 * WATER_KJ_L_K + 400.0 * 1.34 + 2300.0 * 0.5) * (98.0 - start_c)
    assert heat_kj == pytest.approx(stored_kj, rel=0.06)  # and the rest went to the hall


def test_a_fouled_heater_lags_and_slows_the_line() -> None:
    sound, fouled = (batch(heater_fouling=amount) for amount in (0.0, 1.0))
    assert max(float(read["temperature_lag"][0]) for read in sound) < 2.0
    assert max(float(read["temperature_lag"][0]) for read in fouled) > 5.0
    assert sound[-1]["pace"][0] == 1.0
    assert fouled[-1]["pace"][0] == pytest.approx(0.72)


def test_heat_of_dropped_baths_warms_the_next() -> None:
    reads = batch()
    hot = [read for read in reads if read["sewage_m3_h"][0] > 0.0]
    for read in hot:
        assert read["heat_c_m3_h"][0] == pytest.approx(
            read["sewage_m3_h"][0] * read["effluent_temperature"][0]
        )
        assert read["effluent_temperature"][0] <= max(0.5 * (read["bath_temperature"][0] + 27.0) + 2.5, 30.0)
