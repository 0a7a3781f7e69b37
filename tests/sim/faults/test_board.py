from __future__ import annotations

import pytest

from sim.faults.errors import NoSuchFaultError, UnknownTargetError
from sim.faults.order import FaultOrder
from sim.sensors.status import BAD_OUT_OF_SERVICE, GOOD
from tests.sim.degradation.kinds import BREAKERS, PRESSES, PUMPS
from tests.sim.faults.park import PLANT, START_NS, Park, make_park
from twin.contract.clock import NS_PER_S

FLOW = f"{PUMPS[0]}:flow"


@pytest.fixture
def park() -> Park:
    return make_park()


def order(fault: str, equipment: str, **more: float) -> FaultOrder:
    return FaultOrder(fault=fault, equipment=equipment, **more)  # type: ignore[arg-type]


def numbers(park: Park) -> list[int]:
    """Of the faults that are on."""
    return [fault.number for fault in park.board.active]


def test_a_disturbance_rises_over_its_ramp_stays_and_is_over(park: Park) -> None:
    fault = park.board.inject(order("pipe_leak", PUMPS[0], strength=0.8, ramp=100, lasts=300), park.now_ns)
    assert park.severity(PUMPS[0], "pipe_leak") == 0.0
    park.run(50)
    assert park.severity(PUMPS[0], "pipe_leak") == pytest.approx(0.4)
    park.run(200)
    assert park.severity(PUMPS[0], "pipe_leak") == 0.8
    assert numbers(park) == [fault.number]
    park.run(50)
    assert park.severity(PUMPS[0], "pipe_leak") == 0.0
    assert numbers(park) == []
    begun, ended = park.told("fault_begin", "fault_end")
    assert (begun.equipment, begun.fault, begun.fault_id, begun.strength) == (PUMPS[0], "pipe_leak", 1, 0.8)
    assert (ended.fault_id, ended.reason) == (1, "over")
    assert (begun.time[11:19], ended.time[11:19]) == ("14:13:20", "14:18:20")


def test_a_trip_stops_a_machine_until_it_is_cleared(park: Park) -> None:
    fault = park.board.inject(order("breaker_trip", BREAKERS[0], lasts=0), park.now_ns)
    park.run(7200)
    assert park.wear.stopped[PLANT.unit[BREAKERS[0]]]
    park.board.clear(fault.number, park.now_ns)
    assert not park.wear.stopped.any()
    assert park.told("fault_end")[0].reason == "cleared"
    with pytest.raises(NoSuchFaultError, match="neither active nor to come"):
        park.board.clear(fault.number, park.now_ns)


def test_of_several_on_one_thing_the_strongest_counts(park: Park) -> None:
    for strength, lasts in ((0.3, 600), (0.9, 300)):
        park.board.inject(order("pipe_leak", PUMPS[0], strength=strength, lasts=lasts), park.now_ns)
    assert park.severity(PUMPS[0], "pipe_leak") == 0.9
    park.run(300)
    assert park.severity(PUMPS[0], "pipe_leak") == 0.3
    park.run(300)
    assert park.severity(PUMPS[0], "pipe_leak") == 0.0


def test_wear_hurries_to_its_severity_and_the_machine_is_repaired_at_the_end(park: Park) -> None:
    park.board.inject(order("bearing_wear", PUMPS[0], strength=0.7, ramp=600, lasts=3600), park.now_ns)
    park.run(600)
    assert park.severity(PUMPS[0], "bearing_wear") == pytest.approx(0.7)
    park.run(3000)
    assert park.severity(PUMPS[0], "bearing_wear") == pytest.approx(0.0, abs=1e-3)
    assert [(event.event, event.reason) for event in park.told("fault_end", "repair")] == [
        ("fault_end", "over"),
        ("repair", ""),
    ]


def test_wear_to_the_end_fails_and_is_over_when_repaired(park: Park) -> None:
    park.board.inject(order("bearing_wear", PUMPS[0], strength=1.0, ramp=60), park.now_ns)
    park.run(60)
    assert [event.fault for event in park.told("failure")] == ["bearing_wear"]
    assert len(park.board.active) == 1
    park.run(20 * 3600, dt_s=600)
    assert numbers(park) == []
    assert park.told("fault_end")[0].reason == "repaired"


def test_a_repair_by_hand_heals_the_fault(park: Park) -> None:
    park.board.inject(order("bearing_wear", PUMPS[0], strength=0.5, ramp=0), park.now_ns)
    park.run(60)
    events = park.board.repair(PUMPS[0], park.now_ns, "bearing_wear")
    assert [event.mode for event in events] == ["bearing_wear"]
    assert numbers(park) == []
    assert len(park.told("repair")) == 1
    with pytest.raises(UnknownTargetError, match="not in the plant"):
        park.board.repair("park/nowhere", park.now_ns)


def test_an_instrument_goes_wrong_and_the_machine_does_not(park: Park) -> None:
    fault = park.board.inject(order("sensor_bias", FLOW, strength=0.5, ramp=100), park.now_ns)
    row = PLANT.row[FLOW]
    park.run(100)
    assert park.value[row] == pytest.approx(51.0, abs=1.0)
    assert not park.wear.severity[park.wear.unit_of == 0].max() > 0.01
    park.board.clear(fault.number, park.now_ns)
    park.run(10)
    assert park.value[row] == pytest.approx(1.0, abs=1.0)
    begun, _ = park.told("sensor_begin", "sensor_end")
    assert (begun.equipment, begun.signal, begun.fault) == (PUMPS[0], "flow", "sensor_bias")


def test_any_station_can_be_short_of_material_slow_and_bad(park: Park) -> None:
    unit = PLANT.unit[PRESSES[0]]
    disturbed = park.board.disturbances
    unusual = [disturbed.any]
    park.board.inject(order("material_shortage", PRESSES[0], lasts=60), park.now_ns)
    park.board.inject(order("quality_excursion", PRESSES[0], strength=0.2, lasts=60), park.now_ns)
    park.board.inject(order("slow_running", PRESSES[0], strength=0.4, lasts=60), park.now_ns)
    park.board.inject(order("trip", PUMPS[0], lasts=60), park.now_ns)
    unusual.append(disturbed.any)
    assert (disturbed.short[unit], disturbed.reject_share[unit], disturbed.pace[unit]) == (True, 0.2, 0.6)
    assert disturbed.tripped.tolist() == [True, *[False] * 5]
    park.run(60)
    assert [*unusual, disturbed.any] == [False, True, False]
    assert (disturbed.short[unit], disturbed.reject_share[unit], disturbed.pace[unit]) == (False, 0.0, 1.0)


def test_what_is_scheduled_begins_at_its_moment(park: Park) -> None:
    checked = park.board.check(order("pipe_leak", PUMPS[1], lasts=100))
    later_ns = START_NS + 305 * NS_PER_S
    first, second = park.board.schedule([(later_ns, checked), (START_NS + 100 * NS_PER_S, checked)])
    assert [row[1] for row in park.board.coming] == [second, first]
    park.run(90)
    assert numbers(park) == []
    park.run(10)
    assert numbers(park) == [second]
    park.run(210)
    assert [fault.begun_ns for fault in park.board.active] == [later_ns]
    assert not park.board.coming


def test_what_is_to_come_can_be_struck(park: Park) -> None:
    checked = park.board.check(order("pipe_leak", PUMPS[1]))
    given = park.board.schedule((START_NS + n * NS_PER_S, checked) for n in (100, 200, 300))
    park.board.clear(given[0], park.now_ns)
    assert [row[1] for row in park.board.coming] == given[1:]


def test_wear_that_is_worse_already_is_passed_over_in_a_scenario(
    park: Park, caplog: pytest.LogCaptureFixture
) -> None:
    park.board.inject(order("bearing_wear", PUMPS[0], strength=0.9, ramp=0), park.now_ns)
    park.board.schedule(
        [(START_NS + NS_PER_S, park.board.check(order("bearing_wear", PUMPS[0], strength=0.2)))]
    )
    park.run(20)
    assert len(park.board.active) == 1
    assert "0.9" in caplog.text
    assert "passed over" in caplog.text


def test_calibrations_are_told() -> None:
    park = make_park(calibrated=True)
    park.run(200)
    assert park.status[PLANT.row[FLOW]] == BAD_OUT_OF_SERVICE
    park.run(400)
    assert park.status[PLANT.row[FLOW]] == GOOD
    begun, ended = park.told("sensor_begin", "sensor_end")
    assert (begun.event, ended.event) == ("sensor_begin", "sensor_end")
    assert (begun.signal, begun.fault, begun.time[14:16], ended.time[14:16]) == (
        "flow",
        "calibration",
        "15",
        "20",
    )


def test_the_same_orders_at_the_same_times_give_the_same_park() -> None:
    def played(seed: int) -> tuple[bytes, list[object]]:
        park = make_park(seed=seed)
        park.board.inject(order("noise_burst", FLOW, lasts=200), park.now_ns)
        park.board.inject(order("winding_short", PUMPS[2], strength=1.0, ramp=300), park.now_ns)
        park.run(600)
        return park.value.tobytes() + park.wear.severity.tobytes(), list(park.log.recent())

    assert played(5) == played(5)
    assert played(5)[0] != played(6)[0]
