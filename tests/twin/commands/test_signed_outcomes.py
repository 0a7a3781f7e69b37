"""What no connector of ours has said changes no request, and is in the audit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.twin.commands.hall import Hall
from twin.bus.base import Message
from twin.bus.refusals import STANDS_NS, Refusals
from twin.bus.signatures import Sign, Signer, Trust, make_keys, read_private
from twin.commands.desk import Desk
from twin.commands.follower import Follower
from twin.commands.interlock import look
from twin.commands.queries import list_lines
from twin.commands.request import Request, RequestState
from twin.contract.clock import NS_PER_S
from twin.contract.command import CommandState
from twin.contract.topics import COMMANDS


def secured(hall: Hall, keys: Path) -> tuple[Sign, Refusals]:
    """Give a hall keys; return how a connector of it signs, and what is refused."""
    make_keys(keys)
    refusals = Refusals("parktwin", hall.clock)
    trust = Trust(keys / "trust")
    hall.follower = Follower(
        hall.bus, hall.engine, "p1", clock=hall.clock, check=trust.check, refusals=refusals
    )
    twin = Signer(read_private(keys / "twin.key.pem"))
    hall.desk = Desk(
        hall.engine,
        hall.bus,
        "p1",
        hall.catalogue,
        lambda offer: look(hall.state, offer.guards),
        clock=hall.clock,
        sign=twin.sign,
    )
    return Signer(read_private(keys / "connectors.key.pem")).sign, refusals


class Sealing:
    """The bus of a hall, for one who signs."""

    def __init__(self, hall: Hall, sign: Sign) -> None:
        self._bus, self._sign = hall.bus, sign

    def publish(self, messages: Sequence[Message]) -> None:
        self._bus.publish([self._sign(message) for message in messages])


def say(hall: Hall, sign: Sign, request: Request, *states: CommandState, first: int = 0) -> None:
    """Say outcomes signed, and let the follower take them in."""
    bus = hall.bus
    hall.bus = Sealing(hall, sign)  # type: ignore[assignment]
    hall.say(request, *states, first=first)
    hall.bus = bus
    hall.follower.step(0.0)


def events(hall: Hall) -> list[str]:
    """What the audit has."""
    return [line.event for line in list_lines(hall.engine, after=0, limit=100)]


def test_a_forged_outcome_is_refused_and_written_down(hall: Hall, tmp_path: Path) -> None:
    sign, refusals = secured(hall, tmp_path / "keys")
    made = hall.desk.request(hall.wish())
    (command,) = hall.bus.consumer([COMMANDS.name]).poll(0.0)
    Trust(tmp_path / "keys" / "trust").check(command.message)
    for _ in range(3):
        hall.answer(made, CommandState.ACCEPTED, CommandState.HELD)
    assert hall.found(made).state is RequestState.ISSUED
    assert events(hall) == ["requested", "issued", "message refused"]  # once for an alarm, not for each
    assert "is not signed" in hall.follower.troubles()["signatures"]
    (family,) = refusals.collect()
    assert [sample.value for sample in family.samples if sample.name.endswith("_total")] == [6]

    say(hall, sign, made, CommandState.ACCEPTED, CommandState.HELD)
    assert hall.found(made).state is RequestState.HELD
    hall.now += STANDS_NS
    assert hall.follower.troubles() == {}


def test_a_replayed_outcome_is_seen_and_one_said_again_at_once_is_not(hall: Hall, tmp_path: Path) -> None:
    sign, _ = secured(hall, tmp_path / "keys")
    made = hall.desk.request(hall.wish())
    say(hall, sign, made, CommandState.ACCEPTED, CommandState.HELD)
    say(hall, sign, made, CommandState.ACCEPTED, CommandState.HELD)  # the bus was away for a moment
    assert hall.follower.troubles() == {}
    begun = hall.now
    recorded = [entry.message for entry in hall.bus.consumer(["command_outcomes"]).poll(0.0)]
    hall.now = begun + 3600 * NS_PER_S
    hall.bus.publish(recorded[:1])
    hall.follower.step(0.0)
    assert "came again" in hall.follower.troubles()["signatures"]
    assert hall.found(made).state is RequestState.HELD
    hall.follower.step(0.0)
    assert events(hall)[-1] == "message refused"
