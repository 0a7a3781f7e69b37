"""Ring frames and looms: what they make is what their speed says, and wear shows where a mill would look."""

from __future__ import annotations

import numpy as np
import pytest

from sim.kinds import machine_kinds
from tests.sim.fleet_rig import FleetRig

FRAME, LOOM = (machine_kinds()[name] for name in ("ring_spinning_frame", "loom"))


def test_a_frame_makes_what_its_working_spindles_deliver() -> None:
    rig = FleetRig(FRAME, n=6)
    before = rig.step(0.0)["production"].copy()
    reads = rig.run(720, 10.0)
    made = reads[-1]["production"] - before
    expected = np.zeros(6)
    for read in reads:
        tex = 590.5 / read["yarn_count"]
        expected += (1008.0 - read["ends_down"]) * read["delivery_speed"] * 60.0 * tex * 1e-6 * 10.0 / 3600.0
    np.testing.assert_allclose(made, expected, rtol=2e-3)
    assert (made / 2.0 == pytest.approx(np.full(6, 23.5), rel=0.06)) is True


def test_cops_fill_and_are_doffed() -> None:
    reads = FleetRig(FRAME, n=8).run(2000, 10.0)
    doffs = reads[-1]["doffs"]
    assert set(doffs.tolist()) <= {2.0, 3.0}  # 2.3 h a cop, 5.6 h
    stood = np.array([read["spindle_speed"] for read in reads])
    assert (stood.min(axis=0) < 1.0).all()


def test_worn_rings_are_hot_and_break_ends() -> None:
    sound, worn = FleetRig(FRAME, n=4), FleetRig(FRAME, n=4)
    worn.severity["ring_wear"][:] = 1.0
    a, b = sound.run(600, 10.0), worn.run(600, 10.0)
    assert np.mean([read["ends_down"] for read in b]) > 2.0 * np.mean([read["ends_down"] for read in a])
    assert max(read["traveller_temperature"].max() for read in a) < 290.0
    assert max(read["traveller_temperature"].max() for read in b) > 290.0


def test_a_loom_weaves_its_picks_and_stands_for_its_stops() -> None:
    rig = FleetRig(LOOM, n=12)
    first = rig.step(0.0)
    cloth = first["cloth_length"].copy()
    ready = []
    for _ in range(7200):
        read = rig.step(1.0)
        rig.running[:] = read["ready"] > 0.5  # as the simulation does: not ready is Held
        ready.append(read["ready"].mean())
    woven = read["cloth_length"] - cloth
    up = float(np.mean(ready))
    assert 0.9 < up < 0.99
    np.testing.assert_allclose(woven.mean(), 620.0 * 120.0 * up / 2400.0, rtol=0.02)
    assert read["warp_stops"].sum() > 5
    assert read["weft_stops"].sum() > 5


def test_little_air_makes_picks_late_and_stops_more() -> None:
    rich, poor = FleetRig(LOOM), FleetRig(LOOM)
    poor.inputs["air_bar"][:] = 5.6
    a, b = rich.step(0.0), poor.step(0.0)
    assert (b["weft_arrival"] > a["weft_arrival"] + 8.0).all()
    assert (b["weft_stop_rate"] > 2.0 * a["weft_stop_rate"]).all()
