from __future__ import annotations

import pytest

from sim.faults.errors import ScenarioError
from sim.faults.scenario import Scenario, read_scenario
from tests.sim.degradation.kinds import PUMPS
from tests.sim.faults.park import START_NS, make_park
from twin.contract.clock import NS_PER_S

GOOD = f"""
name: {{vi: Bơm hỏng, en: A pump fails}}
about: The bearing goes, then the pipe.
events:
  - {{at: "+10m", fault: bearing_wear, equipment: {PUMPS[0]}, strength: 1, ramp: 5m}}
  - {{at: "21:20", fault: pipe_leak, equipment: {PUMPS[1]}, strength: 0.4, ramp: 1m, for: 1h}}
  - {{at: "2026-09-21T22:00:00+07:00", fault: noise_burst, equipment: "{PUMPS[1]}:flow", for: 60, seed: 3}}
"""


def read(text: str) -> Scenario:
    return read_scenario(text, "s.yaml", check=make_park().board.check, now_ns=START_NS, utc_offset_h=7.0)


def test_a_scenario_is_read() -> None:
    scenario = read(GOOD)
    assert scenario.name.en == "A pump fails"
    assert [(begins_ns - START_NS) / NS_PER_S for begins_ns, _ in scenario.orders] == [600, 400, 2800]
    assert [(order.kind.id, order.ramp_s, order.duration_s) for _, order in scenario.orders] == [
        ("bearing_wear", 300.0, 0.0),
        ("pipe_leak", 60.0, 3600.0),
        ("noise_burst", 0.0, 60.0),
    ]


def test_a_list_of_events_alone_will_do() -> None:
    assert len(read(f"- {{at: '+1s', fault: trip, equipment: {PUMPS[0]}}}").orders) == 1


def test_a_scenario_plays() -> None:
    park = make_park()
    scenario = read_scenario(GOOD, "s", check=park.board.check, now_ns=START_NS, utc_offset_h=7.0)
    park.board.schedule(scenario.orders)
    park.run(3 * 3600)
    assert [event.fault for event in park.told("fault_begin", "sensor_begin", "failure")] == [
        "pipe_leak",
        "bearing_wear",
        "bearing_wear",
        "noise_burst",
    ]


def test_every_mistake_is_told_at_once() -> None:
    text = f"""
- {{fault: trip, equipment: {PUMPS[0]}}}
- {{at: 18:30, fault: trip, equipment: {PUMPS[0]}}}
- {{at: "+1m", fault: tripp, equipment: {PUMPS[0]}}}
- {{at: "+1m", fault: trip, equipment: {PUMPS[0]}, strenght: 2}}
- {{at: "+1m", fault: pipe_leak, equipment: {PUMPS[0]}, strength: 7}}
- {{at: "+1m", fault: trip, equipment: {PUMPS[0]}}}
"""
    with pytest.raises(ScenarioError) as caught:
        read(text)
    lines = str(caught.value).splitlines()
    assert [line.split(": ")[1] for line in lines] == [f"event {n}" for n in (1, 2, 3, 4, 5)]
    for line, says in zip(
        lines, ("is missing", "in quotes", "did you mean trip", "strenght", "to 1.5"), strict=True
    ):
        assert says in line


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: [", "scenario s.yaml"),
        ("name: {vi: a, en: b}\nevents: []", "at least one"),
        ("name: {vi: a}\nevents: []", "missing required field `en`"),
        ("events: 3", "a scenario is a name"),
        ("", "a scenario is a name"),
        ("[1, 2]", "a scenario is a name"),
    ],
)
def test_what_is_no_scenario_is_refused(text: str, says: str) -> None:
    with pytest.raises(ScenarioError, match=says):
        read(text)
