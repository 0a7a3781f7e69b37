from __future__ import annotations

import numpy as np
import pytest

from sim.machines.cnc_machine import KC11, KIND, MC, TAYLOR_C, TAYLOR_N
from sim.physics.bearing import SPINDLE_7014
from tests.sim.fleet_rig import FleetRig


def test_an_edge_lasts_as_long_as_taylor_says() -> None:
    """Minutes of cutting between two changes of tool against (C/v)^(1/n): the load tells when it cuts."""
    rig = FleetRig(KIND, n=4)
    reads = rig.run(9000, 2.0)
    cutting = np.array([read["spindle_load"] > 8.0 for read in reads]) * 2.0 / 60.0
    changes = np.array([read["tools_changed"] for read in reads])
    life = (TAYLOR_C / 180.0) ** (1 / TAYLOR_N)
    for unit in range(4):
        first, *_, last = np.flatnonzero(np.diff(changes[:, unit]))
        lives = changes[last + 1, unit] - changes[first + 1, unit]
        assert cutting[first:last, unit].sum() / lives == pytest.approx(life, rel=0.35)


def test_roughing_takes_the_power_that_kienzle_gives() -> None:
    rig = FleetRig(KIND, n=1)
    most = max(float(read["spindle_load"][0]) for read in rig.run(200, 1.0))
    sharp_kw = KC11 * 3.6 * 0.25 ** (1 - MC) * 180.0 / 60_000.0
    assert sharp_kw / 15.0 < most / 100.0 < 1.28 * sharp_kw / 15.0 + 0.05


def test_the_bearing_sounds_at_its_frequency_and_louder_when_it_spalls() -> None:
    sound, spalled = FleetRig(KIND, n=1), FleetRig(KIND, n=1)
    spalled.severity["spindle_bearing"][:] = 0.7
    for healthy, worn in zip(sound.run(60, 1.0), spalled.run(60, 1.0), strict=True):
        rpm = healthy["spindle_speed"][0]
        assert healthy["bpfo_frequency"][0] == pytest.approx(SPINDLE_7014.bpfo * rpm / 60.0)
        if rpm > 200:
            assert worn["vibration_bpfo"][0] > 10 * healthy["vibration_bpfo"][0]


def test_it_waits_for_air() -> None:
    rig = FleetRig(KIND, n=1)
    assert rig.step(1.0)["ready"][0] == 1.0
    rig.inputs["air_bar"][:] = 3.0
    assert rig.step(1.0)["ready"][0] == 0.0
