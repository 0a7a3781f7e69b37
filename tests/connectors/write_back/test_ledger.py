"""The ledger: what was noted once is known, whatever happens to the process or the disk."""

from __future__ import annotations

from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from connectors.opcua.security import SecurityKit
from connectors.write_back.ledger import KEEP_NS, Ledger, Phase
from connectors.write_back.make_device import make_device
from connectors.write_back.write_back import COMMANDS_OFF, close_write_back, open_write_back
from tests.connectors.rig import BreakableBus
from tests.connectors.write_back.commands import write_command
from twin.contract.clock import system_clock
from twin.contract.command import CommandOutcome, CommandState

ONE, OTHER = write_command("i=1", 1.0), write_command("i=1", 2.0)


def outcome(state: CommandState) -> CommandOutcome:
    return CommandOutcome(
        command=ONE.id, number=0, source="s", equipment="p/m", name="n", state=state, code="x", time=1
    )


def test_an_id_is_new_once_and_begun_once(tmp_path: Path) -> None:
    path = tmp_path / "commands.sqlite3"
    ledger = Ledger(path, clock=system_clock)
    assert ledger.receive([ONE, OTHER, ONE]) == [ONE, OTHER]
    assert ledger.begin(ONE)
    assert not ledger.begin(ONE)
    ledger.close()
    again = Ledger(path, clock=system_clock)
    assert again.receive([ONE]) == []
    assert again.unfinished() == [(ONE, Phase.BEGUN), (OTHER, Phase.RECEIVED)]
    again.close()


def test_a_command_that_was_never_received_is_not_begun(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "commands.sqlite3", clock=system_clock)
    assert not ledger.begin(ONE)
    ledger.close()


def test_outcomes_are_numbered_and_wait_until_they_are_sent(tmp_path: Path) -> None:
    path = tmp_path / "commands.sqlite3"
    ledger = Ledger(path, clock=system_clock)
    ledger.receive([ONE])
    numbers = [ledger.say(outcome(state)).number for state in (CommandState.ACCEPTED, CommandState.HELD)]
    assert numbers == [0, 1]
    assert ledger.unfinished() == []
    unsent = ledger.unsent()
    ledger.sent(unsent[:1])
    ledger.close()
    again = Ledger(path, clock=system_clock)
    assert [one.outcome.state for one in again.unsent()] == ["held"]
    again.close()


def test_what_is_older_than_the_bus_keeps_is_forgotten_once_it_is_told(tmp_path: Path) -> None:
    path, now = tmp_path / "commands.sqlite3", [10**18]
    ledger = Ledger(path, clock=lambda: now[0])
    ledger.receive([ONE, OTHER])
    ledger.say(outcome(CommandState.HELD))
    ledger.sent(ledger.unsent())
    ledger.close()
    now[0] += KEEP_NS + 1
    again = Ledger(path, clock=lambda: now[0])
    assert again.receive([ONE, OTHER]) == [ONE]
    again.close()


@pytest.mark.parametrize("content", [b"this is no database" * 1000])
async def test_a_damaged_ledger_stops_commands_and_nothing_else(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "commands.sqlite3"
    path.write_bytes(content)
    kit = SecurityKit(tmp_path / "pki", system_clock, {})
    opened, conditions = open_write_back(
        path,
        BreakableBus("ledger"),
        lambda _: None,
        lambda config: make_device(config, kit=kit, clock=system_clock),
        clock=system_clock,
        reads=lambda _: True,
        share="1/1",
        registry=CollectorRegistry(),
    )
    await close_write_back(opened)
    assert opened is None
    assert [condition.code for condition in conditions] == [COMMANDS_OFF]
    assert "damaged" in conditions[0].detail
