"""Commands on real OPC UA servers: the simulator's, a plain asyncua one, and node-opcua's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from connectors.write_back.course import Course
from sim.kind import STATE, Setpoint, Signal
from sim.opcua.equipment_node import EquipmentNode
from sim.opcua.operation import InvalidStateError, NotAllowedError
from sim.opcua.plant_space import TYPES, plant_space
from sim.opcua.server import ColumnServer
from tests.connectors.opcua.servers.process import NAMESPACE as PLAIN
from tests.connectors.opcua.servers.process import NodeOpcUaProcess, ServerProcess
from tests.connectors.rig import BreakableBus, until
from tests.connectors.write_back.commands import (
    EQUIPMENT,
    SOURCE,
    WriteBackRig,
    command,
    config_for,
    final,
    outcomes_on,
    publish,
    write_command,
)
from tests.sim.opcua.serving import NAMESPACE as SIM
from tests.sim.opcua.serving import serving, tags_of
from tests.support.ports import free_port
from twin.bus.base import Message
from twin.contract.clock import NS_PER_S, system_clock
from twin.contract.command import Command, CommandTarget, ReadBack
from twin.contract.topics import COMMANDS

SPEED = Setpoint("speed", "rpm", 0.0, 400.0, 100.0, "Spindle speed")
FEED = Setpoint("feed", "m/min", 0.0, 10.0, 2.0)
SPEED_NODE = f"nsu={SIM};s={EQUIPMENT}:speed"
STATE_NODE = f"nsu={SIM};s={EQUIPMENT}:state"


@dataclass
class Plant:
    """The simulator's server with one machine that obeys, unless a test says otherwise."""

    server: ColumnServer
    done: list[tuple[object, ...]] = field(default_factory=list)
    refusal: Exception | None = None
    obeys: bool = True
    _tasks: set[asyncio.Task[Any]] = field(default_factory=set)

    def start(self, equipment_id: str) -> None:
        self._do("start", equipment_id)
        self._show("Execute")

    def stop(self, equipment_id: str) -> None:
        self._do("stop", equipment_id)
        self._show("Stopped")

    def reset(self, equipment_id: str) -> None:
        self._do("reset", equipment_id)

    def set(self, equipment_id: str, setpoint: str, value: float) -> None:
        self._do("set", equipment_id, setpoint, value)
        if setpoint == "speed" and self.obeys:
            self._later(self.server.show_setpoint(equipment_id, setpoint, value))

    def _do(self, *what: object) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.done.append(what)

    def _show(self, state: str) -> None:
        if self.obeys:
            self._later(write_state(self.server, state))

    def _later(self, what: Any) -> None:
        task = asyncio.ensure_future(what)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def write_state(server: ColumnServer, state: str) -> None:
    """Show a state."""
    await server.columns.write(
        np.array([0]), np.array([np.nan]), np.zeros(1, np.uint32), system_clock(), [state]
    )


@asynccontextmanager
async def plant_served(port: int = 0) -> AsyncIterator[Plant]:
    """Serve the machine."""
    node = EquipmentNode(EQUIPMENT, "lathe", setpoints=(SPEED, FEED), operated=True)
    fill = plant_space(tags_of(EQUIPMENT, STATE, Signal("feed", "Feed", "m/min", 0.0, 10.0)), [node])
    async with serving(fill, port=port) as server:
        plant = Plant(server)
        server.operation.operator = plant
        await write_state(server, "Execute")
        yield plant


@pytest.fixture
def bus() -> BreakableBus:
    """A bus of the test's own."""
    return BreakableBus("write-back")


def stop_command(**changes: Any) -> Command:
    """Stop the machine and see that its state says so."""
    target = CommandTarget(
        action="call",
        node=f"nsu={TYPES};s=lathe.Stop",
        object=f"nsu={SIM};s={EQUIPMENT}",
        read_back=ReadBack(node=STATE_NODE, values=("Stopping", "Stopped"), within_ms=3000),
    )
    return command(target, **{"name": "stop", **changes})


def set_command(value: float, read_back: ReadBack | None = None, **changes: Any) -> Command:
    """Call the method that sets the speed."""
    holder = f"{EQUIPMENT}.Setpoints.speed"
    target = CommandTarget(
        action="call",
        node=f"nsu={SIM};s={holder}.Set",
        object=f"nsu={SIM};s={holder}",
        data_type="Double",
        read_back=read_back or ReadBack(node=SPEED_NODE, hold_ms=300, within_ms=3000),
    )
    return command(target, value, **changes)


async def test_a_machine_is_stopped_and_its_state_read_back(tmp_path: Path, bus: BreakableBus) -> None:
    async with plant_served() as plant, WriteBackRig(tmp_path, bus, config_for(plant.server.endpoint)) as rig:
        one = stop_command()
        last = await rig.outcome(one)
    assert [outcome.state for outcome in outcomes_on(bus, of=one.id)] == ["accepted", "written", "held"]
    assert [outcome.number for outcome in outcomes_on(bus, of=one.id)] == [0, 1, 2]
    assert (last.before, last.value, last.value_status) == ("Execute", "Stopped", 0)
    assert plant.done == [("stop", EQUIPMENT)]


@pytest.mark.parametrize("make", [set_command, lambda value: write_command(SPEED_NODE, value)])
async def test_a_set_point_is_called_or_written(
    tmp_path: Path, bus: BreakableBus, make: Callable[[float], Command]
) -> None:
    async with plant_served() as plant, WriteBackRig(tmp_path, bus, config_for(plant.server.endpoint)) as rig:
        last = await rig.outcome(make(250.0))
    assert (last.state, last.before, last.value) == ("held", 100.0, 250.0)
    assert plant.done == [("set", EQUIPMENT, "speed", 250.0)]


async def test_a_dry_run_looks_and_writes_nothing(tmp_path: Path, bus: BreakableBus) -> None:
    async with plant_served() as plant, WriteBackRig(tmp_path, bus, config_for(plant.server.endpoint)) as rig:
        last = await rig.outcome(set_command(250.0, dry_run=True))
        refused = await rig.outcome(write_command(SPEED_NODE, 900.0, dry_run=True))
    assert (last.state, last.code, last.before, last.dry_run) == ("done", "nothing_against_it", 100.0, True)
    assert (refused.state, refused.code) == ("refused", "outside_device_range")
    assert plant.done == []


REFUSED: dict[str, Callable[[], Command]] = {
    "expired": lambda: set_command(1.0, issued=1, expires=2),
    "from_the_future": lambda: set_command(
        1.0, issued=system_clock() + 60 * NS_PER_S, expires=system_clock() + 90 * NS_PER_S
    ),
    "lives_too_long": lambda: set_command(1.0, expires=system_clock() + 7200 * NS_PER_S),
    "no_reason": lambda: set_command(1.0, reason=" "),
    "not_approved": lambda: set_command(1.0, risk="high"),
    "self_approved": lambda: set_command(1.0, risk="high", approved_by="Lan"),
    "unknown_source": lambda: set_command(1.0, source="nowhere"),
    "out_of_range": lambda: command(
        CommandTarget(action="write", node=SPEED_NODE, low=50.0, high=300.0, unit="rpm"), 301.0
    ),
    "outside_device_range": lambda: write_command(SPEED_NODE, 401.0),
    "wrong_type": lambda: write_command(SPEED_NODE, "fast"),
    "other_type": lambda: command(CommandTarget(action="write", node=SPEED_NODE, data_type="Float"), 100.0),
    "bad_target": lambda: write_command("ns=2;s=x", 1.0),
    "BadNodeIdUnknown": lambda: write_command(f"nsu={SIM};s=none", 1.0),
    "not_writable": lambda: write_command(STATE_NODE, "Stopped"),
    "not_a_variable": lambda: write_command(f"nsu={SIM};s={EQUIPMENT}", 1.0),
    "not_a_method": lambda: command(
        CommandTarget(action="call", node=SPEED_NODE, object=f"nsu={SIM};s={EQUIPMENT}")
    ),
    "wrong_arguments": lambda: stop_command(value=1.0),
}


async def test_what_may_not_be_is_refused_by_name_and_writes_nothing(
    tmp_path: Path, bus: BreakableBus
) -> None:
    found = {}
    async with plant_served() as plant, WriteBackRig(tmp_path, bus, config_for(plant.server.endpoint)) as rig:
        for reason, make in REFUSED.items():
            last = await rig.outcome(make())
            assert last.state == "refused", (reason, last)
            assert "{" not in last.detail
            assert "?" not in last.detail
            found[reason] = last.code
    assert found == {reason: reason for reason in REFUSED}
    assert plant.done == []


async def test_a_source_that_takes_no_commands_refuses_them(tmp_path: Path, bus: BreakableBus) -> None:
    async with plant_served() as plant:
        config = config_for(plant.server.endpoint, commands=False)
        async with WriteBackRig(tmp_path, bus, config) as rig:
            last = await rig.outcome(stop_command())
    assert (last.state, last.code) == ("refused", "commands_not_allowed")
    assert plant.done == []


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (InvalidStateError("broken"), "BadInvalidState"),
        (NotAllowedError("local control"), "BadUserAccessDenied"),
    ],
)
async def test_the_device_refuses_with_its_status_in_a_sentence(
    tmp_path: Path, bus: BreakableBus, refusal: Exception, code: str
) -> None:
    async with plant_served() as plant, WriteBackRig(tmp_path, bus, config_for(plant.server.endpoint)) as rig:
        plant.refusal = refusal
        last = await rig.outcome(stop_command())
    assert (last.state, last.code) == ("refused", code)
    assert last.status >> 30 == 2
    assert f"({code})" in last.detail


async def test_a_machine_that_says_yes_and_does_nothing_is_told(tmp_path: Path, bus: BreakableBus) -> None:
    async with plant_served() as plant, WriteBackRig(tmp_path, bus, config_for(plant.server.endpoint)) as rig:
        plant.obeys = False
        last = await rig.outcome(stop_command())
    assert (last.state, last.code, last.value) == ("timed_out", "not_held", "Execute")
    assert last.params["wanted"] == "Stopping / Stopped"
    assert plant.done == [("stop", EQUIPMENT)]


async def test_a_value_that_falls_back_does_not_hold(tmp_path: Path, bus: BreakableBus) -> None:
    async with plant_served() as plant, WriteBackRig(tmp_path, bus, config_for(plant.server.endpoint)) as rig:
        read_back = ReadBack(node=SPEED_NODE, hold_ms=1500, within_ms=1500)
        one = set_command(250.0, read_back)
        await asyncio.to_thread(publish, bus, one)
        await until(lambda: bool(plant.done), "it is set")
        await asyncio.sleep(0.7)
        await plant.server.show_setpoint(EQUIPMENT, "speed", 100.0)
        last = await rig.outcome(one, published=True)
    assert (last.state, last.value) == ("timed_out", 100.0)


async def test_a_source_that_is_down_says_so_at_once_and_nothing_is_kept(
    tmp_path: Path, bus: BreakableBus
) -> None:
    port = free_port()
    async with WriteBackRig(tmp_path, bus, config_for(f"opc.tcp://127.0.0.1:{port}/")) as rig:
        one = stop_command()
        last = await rig.outcome(one)
        assert (last.state, last.code) == ("failed", "source_down")
        assert last.time < one.expires
        async with plant_served(port) as plant:
            await asyncio.sleep(1.0)
            assert plant.done == []
            assert (await rig.outcome(stop_command())).state == "held"
            assert plant.done == [("stop", EQUIPMENT)]


async def test_the_same_command_again_is_not_carried_out_again(tmp_path: Path, bus: BreakableBus) -> None:
    async with plant_served() as plant:
        config = config_for(plant.server.endpoint)
        one = set_command(250.0)
        async with WriteBackRig(tmp_path, bus, config) as rig:
            await rig.outcome(one)
            await asyncio.to_thread(publish, bus, one, one)
            await until(lambda: rig.write_back.repeated == 2, "both came again")
        async with WriteBackRig(tmp_path, bus, config) as rig:
            await asyncio.to_thread(publish, bus, one)
            await until(lambda: rig.write_back.repeated == 1, "it came again after a restart")
    assert plant.done == [("set", EQUIPMENT, "speed", 250.0)]
    assert len(outcomes_on(bus, of=one.id)) == 3


async def test_a_topic_played_from_the_past_writes_nothing(tmp_path: Path, bus: BreakableBus) -> None:
    """A new connector without a ledger, and a tool that publishes yesterday's commands under new ids."""
    old = [set_command(float(number)) for number in range(20)]
    await asyncio.to_thread(publish, bus, *old)
    async with plant_served() as plant, WriteBackRig(tmp_path, bus, config_for(plant.server.endpoint)) as rig:
        await asyncio.sleep(0.6)
        assert outcomes_on(bus) == []
        day = 24 * 3600 * NS_PER_S
        again = [
            set_command(
                float(number), issued=system_clock() - day, expires=system_clock() - day + 30 * NS_PER_S
            )
            for number in range(20)
        ]
        await asyncio.to_thread(publish, bus, *again)
        for one in again:
            assert (await rig.outcome(one, published=True)).code == "expired"
    assert plant.done == []


async def test_a_command_that_cannot_be_read_is_set_aside_and_the_next_is_done(
    tmp_path: Path, bus: BreakableBus
) -> None:
    async with plant_served() as plant, WriteBackRig(tmp_path, bus, config_for(plant.server.endpoint)) as rig:
        await asyncio.to_thread(bus.publish, [Message(COMMANDS.name, SOURCE, b'{"id": "x"}')])
        assert (await rig.outcome(stop_command())).state == "held"
        letters = bus.consumer(["dead_letters"])
        assert len(letters.poll(0.0)) == 1
        letters.close()


async def test_outcomes_wait_for_the_bus(tmp_path: Path, bus: BreakableBus) -> None:
    async with plant_served() as plant, WriteBackRig(tmp_path, bus, config_for(plant.server.endpoint)) as rig:
        one = stop_command()
        await asyncio.to_thread(publish, bus, one)
        bus.away = True
        await until(lambda: bool(plant.done), "it is stopped")
        await asyncio.sleep(0.5)
        assert final(outcomes_on(bus, of=one.id)) is None
        bus.away = False
        assert (await rig.outcome(one, published=True)).state == "held"


async def test_after_a_restart_what_was_begun_is_read_back_and_not_written(
    tmp_path: Path, bus: BreakableBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stand_still(*_: object) -> None:
        await asyncio.Event().wait()

    async with plant_served() as plant:
        config = config_for(plant.server.endpoint)
        one, other = set_command(250.0), set_command(300.0)
        with monkeypatch.context() as patch:
            patch.setattr(Course, "_follow", stand_still)  # the moment in which the first process dies
            async with WriteBackRig(tmp_path, bus, config):
                await asyncio.to_thread(publish, bus, one, other)
                await until(lambda: len(plant.done) == 2, "both are written")
        async with WriteBackRig(tmp_path, bus, config) as rig:
            assert (await rig.outcome(other, published=True)).code == "held_after_restart"
            lost = await rig.outcome(one, published=True)
    assert (lost.state, lost.code, lost.value) == ("unknown", "restarted_while_writing", 300.0)
    assert len(plant.done) == 2


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[ServerProcess]:
    """A plain asyncua server."""
    process = ServerProcess(tmp_path, [(kind, kind, value) for kind, value in TYPED])
    process.start()
    yield process
    process.kill()


TYPED: list[tuple[str, Any]] = [
    ("Int16", 5),
    ("Boolean", False),
    ("String", "a"),
    ("Float", 1.5),
    ("Double", 1.0),
]
NEW: dict[str, Any] = {"Int16": -7, "Boolean": True, "String": "vải", "Float": 0.1, "Double": 2.5}


@pytest.mark.slow
async def test_types_fit_or_are_refused(tmp_path: Path, bus: BreakableBus, plain: ServerProcess) -> None:
    plain.order("let_write", tags=list(NEW))
    async with WriteBackRig(tmp_path, bus, config_for(plain.endpoint)) as rig:
        for kind, value in NEW.items():
            last = await rig.outcome(write_command(f"nsu={PLAIN};s={kind}", value))
            assert last.state == "held", last
            assert last.value == pytest.approx(value)
        for kind, value in (
            ("Int16", 40_000),
            ("Int16", 1.5),
            ("Boolean", 1),
            ("String", 3),
            ("Float", 1e300),
        ):
            last = await rig.outcome(write_command(f"nsu={PLAIN};s={kind}", value))
            assert (last.state, last.code) == ("refused", "wrong_type"), last


@pytest.mark.node
@pytest.mark.slow
async def test_node_opcua_is_written_and_read_back(tmp_path: Path, bus: BreakableBus) -> None:
    server = NodeOpcUaProcess(tmp_path, [("speed", "Double", 1.0), ("count", "Int32", 3)])
    server.start()
    try:
        async with WriteBackRig(tmp_path, bus, config_for(server.endpoint)) as rig:
            held = await rig.outcome(write_command(f"nsu={PLAIN};s=speed", 77.5))
            whole = await rig.outcome(write_command(f"nsu={PLAIN};s=count", 12))
            gone = await rig.outcome(write_command(f"nsu={PLAIN};s=none", 1.0))
    finally:
        server.kill()
    assert (held.state, held.before, held.value) == ("held", 1.0, 77.5)
    assert (whole.state, whole.value) == ("held", 12)
    assert gone.code == "BadNodeIdUnknown"
