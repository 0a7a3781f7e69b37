"""Meters over a real pymodbus server: values, groups, dead units, absent registers, lost connections."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from pymodbus.constants import ExcCodes

from connectors.metrics import ConnectorMetrics
from connectors.modbus.device import Device
from connectors.modbus.source import BAD_DEVICE_FAILURE
from tests.connectors.modbus.meters import Meters, meters, words
from tests.connectors.rig import EQUIPMENT, BreakableBus, OnBus, Rig, until
from twin.contract.messages import Connection, GapReason, SourceConfig, SourceItem
from twin.contract.status import BAD_DATA_UNAVAILABLE, BAD_NO_COMMUNICATION, BAD_NODE_ID_UNKNOWN

POWER = {0: 0, 1: 0, 2: 0, 3: 0}


def config_of(server: Meters, nodes: dict[str, str], **changes: Any) -> SourceConfig:
    """A configuration that polls these registers fast."""
    settings: dict[str, Any] = {
        "source": "plant",
        "protocol": "modbus",
        "endpoint": server.endpoint,
        "sampling_interval_ms": 50.0,
        "items": tuple(SourceItem(tag=f"{EQUIPMENT}:{name}", node=node) for name, node in nodes.items()),
    }
    return SourceConfig(**{**settings, **changes})


def last(found: OnBus, name: str) -> tuple[float, int]:
    """Value and status of the last reading of a tag."""
    readings = found.of(name)
    return (readings[-1].value, readings[-1].status) if readings else (math.nan, -1)


async def test_every_layout_arrives_as_the_number_it_is(tmp_path: Path) -> None:
    unit = dict(
        enumerate([*words("f", 12.5), *words("I", 123_456)[::-1], *words("h", -5), 0b1000, *words("q", -7)])
    )
    unit |= {20: 0xFFFF}
    nodes = {
        "float": "unit=1;input=0;type=float32",
        "swapped": "unit=1;holding=2;type=uint32;word_order=little;scale=0.1",
        "signed": "unit=1;holding=4;type=int16;scale=0.5;offset=10",
        "flag": "unit=1;holding=5;type=bit;bit=3",
        "long": "unit=1;input=6;type=int64",
        "none": "unit=1;holding=20;type=uint16;missing=65535",
        "coil": "unit=1;coil=3",
        "input_bit": "unit=1;discrete=4",
    }
    async with meters({1: unit}) as server, Rig(tmp_path, BreakableBus("layouts")) as rig:
        await rig.manager.apply(config_of(server, nodes))
        found = await rig.arrived(lambda on_bus: len(on_bus.readings()) >= len(nodes), "all arrive")
        (state,) = rig.manager.states()
        assert state.connection is Connection.CONNECTED
        assert (state.requested, state.monitored, state.failed) == (8, 8, ())
    values = {name: last(found, name) for name in nodes}
    expected = {
        "float": 12.5, "swapped": 12_345.6, "signed": 7.5, "flag": 1.0, "long": -7.0, "coil": 1.0,
        "input_bit": 0.0,
    }  # fmt: skip
    assert {name: value for name, (value, _) in values.items() if name != "none"} == pytest.approx(expected)
    assert values["none"][1] == BAD_DATA_UNAVAILABLE
    # input 0 to 9 and holding 2 to 20 in one request each, though nobody asked for what lies between; the
    # registers between 10 and 19 do not exist, so holding is parted once
    asked = {request[1:] for request in server.requests}
    assert asked == {(0, 10), (2, 19), (2, 4), (20, 1), (3, 1), (4, 1)}


async def test_what_changes_is_told_and_what_does_not_is_not(tmp_path: Path) -> None:
    nodes = {"a": "unit=1;holding=0", "b": "unit=1;holding=1"}
    async with meters({1: POWER}) as server, Rig(tmp_path, BreakableBus("changes")) as rig:
        await rig.manager.apply(config_of(server, nodes))
        await rig.arrived(lambda found: last(found, "b")[1] == 0, "the first values arrive")
        for number in range(1, 6):
            server.set(1, 0, [number])
            await rig.arrived(lambda found, n=number: last(found, "a") == (n, 0), "the change arrives")  # type: ignore[misc]
        found = await rig.arrived(lambda _: True, "")
    assert [entry.value for entry in found.of("a")] == [0, 1, 2, 3, 4, 5]
    assert len(found.of("b")) == 1
    assert found.gaps == []


async def test_a_dead_unit_turns_its_own_tags_bad_and_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.modbus.source.Device", lambda url: Device(url, answer_s=0.2))
    monkeypatch.setattr("connectors.modbus.units.FIRST_WAIT_S", 0.2)
    monkeypatch.setattr("connectors.modbus.units.LAST_WAIT_S", 0.2)
    nodes = {f"u{unit}": f"unit={unit};holding=0" for unit in range(1, 9)}
    units = {unit: dict(POWER) for unit in range(1, 9)}
    async with meters(units) as server, Rig(tmp_path, BreakableBus("dead")) as rig:
        await rig.manager.apply(config_of(server, nodes))
        await rig.arrived(lambda found: len(found.readings()) == 8, "all arrive")
        server.dead |= {2, 3, 4, 5, 6}
        await rig.arrived(lambda found: last(found, "u6")[1] == BAD_NO_COMMUNICATION, "the dead are Bad")
        source = rig.source()
        assert source.supervisor.connection is Connection.CONNECTED
        registry = CollectorRegistry()
        registry.register(ConnectorMetrics(rig.manager, rig.outbox, rig.sender))
        figures = generate_latest(registry).decode()
        assert 'parktwin_connector_items{source="plant",state="failed"} 5.0' in figures
        assert 'parktwin_connector_refused_requests_total{reason="timeout",source="plant"}' in figures
        assert sorted(item.tag[-2:] for item in source.link.failed) == ["u2", "u3", "u4", "u5", "u6"]
        (state,) = rig.manager.states()
        assert state.monitored + len(state.failed) == state.requested == 8
        assert {condition.code for condition in state.conditions} == {"device_silent"}
        server.set(1, 0, [77])
        await rig.arrived(lambda found: last(found, "u1") == (77, 0), "the living are read on")
        server.dead.clear()
        found = await rig.arrived(
            lambda found: last(found, "u2") == last(found, "u6") == (0, 0), "all are back"
        )
        assert source.supervisor.reconnects == 0
        assert source.link.conditions() == ()
    assert [entry.status for entry in found.of("u2")] == [0, BAD_NO_COMMUNICATION, 0]
    assert [entry.status for entry in found.of("u8")] == [0]
    gaps = {gap.tags: gap.reason for gap in found.gaps}
    assert gaps == {(f"{EQUIPMENT}:u{unit}",): GapReason.SOURCE_LOST for unit in (2, 3, 4, 5, 6)}


async def test_an_absent_register_fails_by_name_and_its_block_is_parted(tmp_path: Path) -> None:
    unit = {0: 10, 1: 11, 9: 19, 12: 22}
    nodes = {f"r{address}": f"unit=1;holding={address}" for address in (0, 1, 2, 9, 12)}
    nodes["bad"] = "unit=1;register=7"
    async with meters({1: unit}) as server, Rig(tmp_path, BreakableBus("absent")) as rig:
        await rig.manager.apply(config_of(server, nodes))
        found = await rig.arrived(lambda found: len(found.readings()) == 6, "all arrive")
        failed = {item.tag.partition(":")[2]: item for item in rig.source().link.failed}
        await until(lambda: len(server.requests) > 40, "it goes on")
        later = server.requests[20:]
    assert {name: last(found, name)[0] for name in ("r0", "r1", "r9", "r12")} == {
        "r0": 10,
        "r1": 11,
        "r9": 19,
        "r12": 22,
    }
    assert last(found, "r2")[1] == BAD_NODE_ID_UNKNOWN
    assert set(failed) == {"r2", "bad"}
    assert "illegal data address" in failed["r2"].reason
    assert "one table" in failed["bad"].reason
    assert (1, 2, 1) not in later, "what is not there is not asked for at every poll"
    assert {(1, 9, 1), (1, 12, 1)} <= set(later)


async def test_a_failing_device_is_bad_and_stays_monitored(tmp_path: Path) -> None:
    async with meters({1: POWER, 2: POWER}) as server, Rig(tmp_path, BreakableBus("failing")) as rig:
        await rig.manager.apply(config_of(server, {"a": "unit=1;holding=0", "b": "unit=2;holding=0"}))
        await rig.arrived(lambda found: last(found, "b")[1] == 0, "the first values arrive")
        server.failing[2] = ExcCodes.DEVICE_FAILURE
        await rig.arrived(lambda found: last(found, "b")[1] == BAD_DEVICE_FAILURE, "it is Bad")
        assert rig.source().link.failed == ()
        server.failing[2] = ExcCodes.GATEWAY_NO_RESPONSE
        await rig.arrived(
            lambda found: last(found, "b")[1] == BAD_NO_COMMUNICATION, "the gateway says it is dead"
        )
        assert [item.tag for item in rig.source().link.failed] == [f"{EQUIPMENT}:b"]
        server.failing.clear()
        await rig.arrived(lambda found: last(found, "b")[1] == 0, "it is back")


async def test_a_lost_connection_is_bad_and_a_gap_and_comes_back(tmp_path: Path) -> None:
    async with meters({1: POWER}) as server, Rig(tmp_path, BreakableBus("lost")) as rig:
        await rig.manager.apply(config_of(server, {"a": "unit=1;holding=0"}))
        await rig.arrived(lambda found: last(found, "a")[1] == 0, "the first value arrives")
        await server.stop()
        await rig.arrived(lambda found: last(found, "a")[1] == BAD_NO_COMMUNICATION, "it is Bad")
        source = rig.source()
        assert source.supervisor.connection is Connection.LOST
        server.set(1, 0, [5])
        await server.start()
        found = await rig.arrived(lambda found: last(found, "a") == (5, 0), "it is back")
        await until(lambda: source.supervisor.connection is Connection.CONNECTED, "it says so")
        assert source.supervisor.reconnects == 1
    (gap,) = found.gaps
    assert gap.reason is GapReason.SOURCE_LOST
    bad = next(entry for entry in found.of("a") if entry.status == BAD_NO_COMMUNICATION)
    assert gap.start <= bad.time <= gap.end


async def test_all_units_dead_is_a_lost_source_and_a_restart_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.modbus.source.Device", lambda url: Device(url, answer_s=0.2))
    bus = BreakableBus("all-dead")
    async with meters({1: POWER}) as server:
        async with Rig(tmp_path, bus) as rig:
            await rig.manager.apply(config_of(server, {"a": "unit=1;holding=0"}))
            await rig.arrived(lambda found: last(found, "a")[1] == 0, "the first value arrives")
            server.dead.add(1)
            await until(lambda: rig.source().supervisor.connection is Connection.LOST, "it is lost")
            assert "no unit answers: unit 1: no answer in time" in rig.source().supervisor.last_error
        server.dead.clear()
        async with Rig(tmp_path, bus) as rig:
            await rig.manager.apply(config_of(server, {"a": "unit=1;holding=0"}))
            found = await rig.arrived(lambda found: last(found, "a")[1] == 0, "it is back")
    assert [gap.reason for gap in found.gaps][-1] is GapReason.CONNECTOR_DOWN
    assert found.sequences() == sorted(set(found.sequences()))
