"""Commands on real Modbus devices: pymodbus' server with registers that can be written, and the simulator's
meters."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sim.modbus.meters_file import Meter, RegisterMap
from sim.modbus.register import Register
from sim.modbus.server import MeterServer
from tests.connectors.modbus.meters import Meters
from tests.connectors.rig import BreakableBus
from tests.connectors.write_back.commands import WriteBackRig, command, config_for, write_command
from twin.contract.command import CommandTarget, Scalar

PUMP = 3


@pytest.fixture
def bus() -> BreakableBus:
    """A bus of the test's own."""
    return BreakableBus("write-back-modbus")


@pytest.fixture
async def pump() -> AsyncIterator[Meters]:
    """A pump: whole numbers in holding registers 0 to 9, and coils."""
    meters = Meters({PUMP: dict.fromkeys(range(10), 7)})
    await meters.start()
    yield meters
    await meters.stop()


@pytest.mark.parametrize(
    ("node", "value", "words"),
    [
        (f"unit={PUMP};holding=0;type=uint16;scale=0.1", 42.5, {0: 425}),
        (f"unit={PUMP};holding=2;type=float32", -1.5, {2: 0xBFC0, 3: 0}),
        (f"unit={PUMP};holding=4;type=int32;word_order=little", 65_537, {4: 1, 5: 1}),
        (f"unit={PUMP};holding=6;type=bit;bit=3", True, {6: 15}),
        (f"unit={PUMP};holding=6;type=bit;bit=0", False, {6: 6}),
    ],
)
async def test_a_register_is_written_and_read_back(
    tmp_path: Path, bus: BreakableBus, pump: Meters, node: str, value: Scalar, words: dict[int, int]
) -> None:
    async with WriteBackRig(tmp_path, bus, config_for(pump.endpoint, "modbus")) as rig:
        last = await rig.outcome(write_command(node, value))
    assert last.state == "held"
    assert last.value == pytest.approx(float(value))
    assert {address: pump.units[PUMP][address] for address in words} == words
    assert len(pump.writes) == 1


async def test_a_coil_is_switched(tmp_path: Path, bus: BreakableBus, pump: Meters) -> None:
    async with WriteBackRig(tmp_path, bus, config_for(pump.endpoint, "modbus")) as rig:
        last = await rig.outcome(write_command(f"unit={PUMP};coil=4", True))
    assert (last.state, last.before, last.value) == ("held", 0.0, 1.0)


async def test_a_value_between_two_steps_of_a_register_is_right_within_half_a_step(
    tmp_path: Path, bus: BreakableBus, pump: Meters
) -> None:
    async with WriteBackRig(tmp_path, bus, config_for(pump.endpoint, "modbus")) as rig:
        last = await rig.outcome(write_command(f"unit={PUMP};holding=0;type=uint16;scale=0.5", 10.2))
    assert (last.state, last.value) == ("held", 10.0)


@pytest.mark.parametrize(
    ("node", "value", "code"),
    [
        (f"unit={PUMP};input=0;type=uint16", 1.0, "not_writable"),
        (f"unit={PUMP};discrete=0", True, "not_writable"),
        (f"unit={PUMP};holding=0;type=uint16", 70_000, "bad_target"),
        (f"unit={PUMP};holding=0;type=uint16", "on", "wrong_type"),
        (f"unit={PUMP};holding=90;type=uint16", 1, "device_refused"),
        ("holding=0", 1, "bad_target"),
    ],
)
async def test_what_a_device_cannot_take_is_refused(
    tmp_path: Path, bus: BreakableBus, pump: Meters, node: str, value: Scalar, code: str
) -> None:
    async with WriteBackRig(tmp_path, bus, config_for(pump.endpoint, "modbus")) as rig:
        last = await rig.outcome(write_command(node, value))
    assert (last.state, last.code) == ("refused", code)
    assert pump.writes == []


async def test_modbus_has_no_methods(tmp_path: Path, bus: BreakableBus, pump: Meters) -> None:
    async with WriteBackRig(tmp_path, bus, config_for(pump.endpoint, "modbus")) as rig:
        last = await rig.outcome(command(CommandTarget(action="call", node="unit=1;coil=0")))
    assert (last.state, last.code) == ("refused", "bad_target")


async def test_a_dead_unit_fails_at_once(tmp_path: Path, bus: BreakableBus, pump: Meters) -> None:
    pump.dead.add(PUMP)
    async with WriteBackRig(tmp_path, bus, config_for(pump.endpoint, "modbus")) as rig:
        last = await rig.outcome(write_command(f"unit={PUMP};holding=0;type=uint16", 1))
    assert (last.state, last.code) == ("failed", "source_down")


async def test_a_unit_that_dies_as_it_is_written_leaves_it_unknown(
    tmp_path: Path, bus: BreakableBus, pump: Meters
) -> None:
    pump.dies_on_write = True
    async with WriteBackRig(tmp_path, bus, config_for(pump.endpoint, "modbus")) as rig:
        last = await rig.outcome(write_command(f"unit={PUMP};holding=0;type=uint16", 1))
    assert (last.state, last.code) == ("unknown", "answer_lost")
    assert len(pump.writes) == 1


async def test_an_answer_that_is_lost_is_made_up_by_reading_back(
    tmp_path: Path, bus: BreakableBus, pump: Meters
) -> None:
    pump.mute_on_write = True
    async with WriteBackRig(tmp_path, bus, config_for(pump.endpoint, "modbus")) as rig:
        last = await rig.outcome(write_command(f"unit={PUMP};holding=0;type=uint16", 1))
    assert (last.state, last.code, last.value) == ("held", "held_unanswered", 1.0)
    assert len(pump.writes) == 1


async def test_a_meter_of_the_simulator_only_measures(tmp_path: Path, bus: BreakableBus) -> None:
    registers = (Register(signal="power", address=0, type="float32"),)
    meter = Meter(
        unit=1, equipment="park/test/meter", map=RegisterMap(id="m", vi="m", en="m", registers=registers)
    )
    server = MeterServer(name="meters", host="127.0.0.1", port=0, meters=[meter])
    await server.start()
    try:
        endpoint = f"modbus.tcp://127.0.0.1:{server.port}"
        async with WriteBackRig(tmp_path, bus, config_for(endpoint, "modbus")) as rig:
            last = await rig.outcome(write_command("unit=1;holding=0;type=float32", 5.0))
    finally:
        await server.stop()
    assert (last.state, last.code) == ("refused", "device_refused")
    assert last.params["status"] == "Modbus exception 1"
