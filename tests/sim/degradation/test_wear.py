from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats  # type: ignore[import-untyped,unused-ignore]

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.pair import USUAL_UPKEEP, Upkeep, WearEvent
from sim.degradation.wear import NS_PER_H, Wear
from sim.degradation.wear_error import WearError
from tests.sim.degradation.kinds import BEARING, BREAKERS, GROUPS, PUMP, PUMPS
from twin.contract.clock import NS_PER_S

START_NS = 1_790_000_000 * NS_PER_S


def made(*, new: bool = True, seed: int = 5, upkeep: Upkeep = USUAL_UPKEEP) -> Wear:
    return Wear(GROUPS, seed=seed, upkeep=upkeep, new=new)


def run(wear: Wear, hours: float, *, dt_s: float = 600.0, from_h: float = 0.0) -> list[WearEvent]:
    """Run all machines; returns what happened."""
    running = np.ones(len(wear.units), np.bool_)
    events = []
    for step in range(1, round(hours * 3600 / dt_s) + 1):
        now_ns = START_NS + round(from_h * NS_PER_H) + round(step * dt_s * NS_PER_S)
        events += wear.advance(now_ns, dt_s, running & ~wear.stopped)
    return events


def test_pairs_are_by_mode_then_machine_so_that_a_mode_of_a_fleet_is_a_slice() -> None:
    wear = made()
    assert [(p.equipment[-5:], p.mode.name) for p in wear.pairs[:4]] == [
        ("pump1", "bearing_wear"),
        ("pump2", "bearing_wear"),
        ("pump3", "bearing_wear"),
        ("pump1", "winding_short"),
    ]
    assert wear.unit_of[:4].tolist() == [0, 1, 2, 0]
    assert len(wear.pairs) == 3 * 4 + 2 * 1 + 1 * 1


def test_only_what_runs_ages() -> None:
    wear = made()
    running = np.zeros(len(wear.units), np.bool_)
    running[1] = True
    wear.advance(START_NS, 1800.0, running)
    assert wear.age_h[wear.unit_of == 1].tolist() == [0.5] * 4
    assert not wear.age_h[wear.unit_of != 1].any()


def test_machines_at_the_start_are_of_all_ages_that_a_park_which_is_looked_after_has() -> None:
    units = [f"park/hall/pump{number}" for number in range(1000)]
    wear = Wear([(PUMP, units)], seed=3)
    shares = (wear.age_h / wear.life_h)[np.isfinite(wear.life_h)]
    young = shares[shares < 0.35]
    assert float(stats.kstest(young / 0.35, stats.uniform.cdf).pvalue) > 0.01
    assert ((shares < 0.35) | ((shares >= 0.8) & (shares <= 0.95))).all()
    assert 0.005 < np.mean(shares >= 0.8) < 0.025


def test_another_machine_in_the_plant_changes_nothing_for_this_one() -> None:
    alone, with_others = Wear([(PUMP, PUMPS[1:2])], seed=5), made(new=False)
    for mode in ("bearing_wear", "winding_short", "strainer_fouling"):
        one, other = (wear.number[PUMPS[1], mode] for wear in (alone, with_others))
        assert alone.life_h[one] == with_others.life_h[other]
        assert alone.age_h[one] == with_others.age_h[other]


def test_the_same_seed_gives_the_same_lives_and_another_seed_others() -> None:
    first, second, other = made(new=False), made(new=False), made(new=False, seed=6)
    events = [run(wear, 3000.0, dt_s=3600.0) for wear in (first, second, other)]
    assert events[0] == events[1] != events[2]
    assert first.severity.tobytes() == second.severity.tobytes()


def test_a_failure_that_stops_keeps_the_machine_standing_until_it_is_repaired() -> None:
    wear = made(upkeep=Upkeep(delay_h=2.0, spread=0.0))
    pair = wear.number[PUMPS[0], "bearing_wear"]
    wear.accelerate(pair, 1.0, within_h=1.0)
    events = run(wear, 1.0)
    assert [(event.what, event.equipment, event.mode) for event in events] == [
        ("failure", PUMPS[0], "bearing_wear")
    ]
    assert wear.severity[pair] == 1.0
    assert wear.stopped.tolist() == [True, False, False, False, False, False]
    aged_h = wear.age_h[wear.unit_of == 0].copy()
    assert run(wear, 7.0, from_h=1.0) == []  # two hours until somebody comes, six of repair
    assert np.array_equal(wear.age_h[wear.unit_of == 0], aged_h)
    (repaired,) = run(wear, 1.0, from_h=8.0)
    assert (repaired.what, repaired.pair, repaired.severity) == ("repair", pair, 1.0)
    assert repaired.time_ns == START_NS + 9 * NS_PER_H
    assert not wear.stopped.any()
    assert wear.severity[pair] < 0.01


def test_a_repaired_machine_has_a_new_life() -> None:
    wear = made()
    pair = wear.number[PUMPS[0], "bearing_wear"]
    lives_h = []
    for _ in range(500):
        lives_h.append(float(wear.life_h[pair]))
        wear.repair(PUMPS[0], START_NS, "bearing_wear")
    law = BEARING.law
    assert isinstance(law, ExponentialGrowth)
    assert float(stats.kstest(lives_h, stats.lognorm(s=law.spread, scale=law.median_h).cdf).pvalue) > 0.01


def test_a_failure_that_does_not_stop_grows_on_until_it_is_serviced() -> None:
    wear = made(upkeep=Upkeep(service_delay_h=24.0, spread=0.0))
    pair = wear.number[PUMPS[1], "strainer_fouling"]
    wear.accelerate(pair, 1.0, within_h=0.0)
    run(wear, 20.0)
    assert wear.failed[pair]
    assert not wear.stopped.any()
    assert wear.severity[pair] > 1.0
    assert [event.what for event in run(wear, 6.0, from_h=20.0)] == ["repair"]


def test_without_upkeep_what_failed_stays() -> None:
    wear = made(upkeep=Upkeep(automatic=False))
    wear.accelerate(wear.number[PUMPS[0], "bearing_wear"], 1.0, within_h=0.0)
    assert len(run(wear, 200.0, dt_s=3600.0)) == 1
    assert wear.stopped[0]


def test_true_remaining_life_is_the_running_time_that_is_left() -> None:
    wear = made()
    pair = wear.number[PUMPS[2], "bearing_wear"]
    left_h = wear.rul_h()[pair]
    assert left_h == wear.life_h[pair]
    run(wear, 10.0)
    assert wear.rul_h()[pair] == pytest.approx(left_h - 10.0)
    assert np.isinf(wear.rul_h()[wear.number[PUMPS[2], "pipe_leak"]])
    wear.accelerate(pair, 1.0, within_h=5.0)
    assert wear.rul_h()[pair] == pytest.approx(5.0)
    run(wear, 2.0, from_h=10.0)
    assert wear.rul_h()[pair] == pytest.approx(3.0)
    run(wear, 4.0, from_h=12.0)
    assert wear.rul_h()[pair] == 0.0


def test_accelerated_to_a_severity_it_then_goes_on_at_its_own_pace() -> None:
    wear = made()
    pair = wear.number[PUMPS[0], "bearing_wear"]
    wear.accelerate(pair, 0.6, within_h=2.0)
    said_h = wear.rul_h()[pair]
    run(wear, 1.0)
    assert 0.0 < wear.severity[pair] < 0.6
    run(wear, 1.0, from_h=1.0)
    assert wear.severity[pair] == pytest.approx(0.6)
    aged_h = wear.age_h[pair]
    run(wear, 3.0, from_h=2.0)
    assert wear.age_h[pair] == pytest.approx(aged_h + 3.0)
    assert wear.rul_h()[pair] == pytest.approx(said_h - 5.0)


def test_within_a_long_step_acceleration_ends_where_it_should() -> None:
    wear = made()
    pair = wear.number[PUMPS[0], "bearing_wear"]
    wear.accelerate(pair, 0.6, within_h=0.5)
    said_h = wear.rul_h()[pair]
    run(wear, 4.0, dt_s=4 * 3600.0)
    assert wear.rul_h()[pair] == pytest.approx(said_h - 4.0)


def test_wear_cannot_be_asked_for_what_is_there_already() -> None:
    wear = made()
    pair = wear.number[PUMPS[0], "bearing_wear"]
    wear.accelerate(pair, 0.5, within_h=0.0)
    run(wear, 0.2)
    with pytest.raises(WearError, match=r"severity is 0\.5\d already, 0\.4 asked for; ask for more"):
        wear.accelerate(pair, 0.4, within_h=0.0)
    with pytest.raises(WearError, match="above 0 and at most 1"):
        wear.accelerate(pair, 1.2, within_h=0.0)
    with pytest.raises(WearError, match="does not wear"):
        wear.accelerate(wear.number[PUMPS[0], "pipe_leak"], 0.5, within_h=0.0)
    with pytest.raises(WearError, match="nothing there wears"):
        wear.repair(BREAKERS[0], START_NS)
    with pytest.raises(WearError, match="nothing there wears"):
        wear.repair(PUMPS[0], START_NS, "rust")


def test_a_disturbance_is_imposed_and_taken_away() -> None:
    wear = made()
    trip, leak = wear.number[BREAKERS[0], "breaker_trip"], wear.number[PUMPS[0], "pipe_leak"]
    wear.impose(leak, 0.4)
    wear.impose(trip, 1.0)
    run(wear, 1.0)
    assert wear.severity[leak] == 0.4
    assert wear.stopped.tolist() == [False, False, False, True, False, False]
    wear.impose(trip, 0.0)
    assert not wear.stopped.any()
    assert run(wear, 200.0, from_h=1.0, dt_s=3600.0) == []  # nobody repairs what is no wear


def test_a_plant_without_modes_wears_nothing() -> None:
    wear = Wear([(replace(PUMP, modes=()), PUMPS)], seed=1)
    assert wear.advance(START_NS, 1.0, np.ones(3, np.bool_)) == []
    assert wear.stopped.tolist() == [False] * 3
