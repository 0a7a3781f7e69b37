"""The supervisor: one line when lost, one when back, waits that grow, and no harm to others."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable

import pytest

from connectors.errors import SourceLostError
from connectors.supervisor import FIRST_WAIT_S, LAST_WAIT_S, Supervisor
from tests.connectors.rig import until
from twin.contract.clock import system_clock
from twin.contract.messages import Connection


class Scripted:
    """A link that does what a list says: an error to raise, or None to come up and stay."""

    def __init__(self, *script: Exception | None) -> None:
        self.script = list(script)
        self.calls = 0
        self.closed = False

    async def serve(self, up: Callable[[], None]) -> None:
        """Do the next thing."""
        self.calls += 1
        error = self.script.pop(0) if self.script else None
        if error is not None:
            raise error
        up()
        await asyncio.Event().wait()

    async def close(self) -> None:
        """Note it."""
        self.closed = True


class NoChance(random.Random):
    """Always draws the longest wait, and notes it."""

    def __init__(self) -> None:
        super().__init__(0)
        self.longest: list[float] = []

    def uniform(self, a: float, b: float) -> float:
        """Note the bound and do not wait."""
        self.longest.append(b)
        return 0.0


async def settle(supervisor: Supervisor, connection: Connection) -> asyncio.Task[None]:
    """Run until the supervisor says so."""
    task = asyncio.create_task(supervisor.run())
    await until(lambda: supervisor.connection is connection, f"it is {connection}")
    return task


async def test_lost_and_back_are_one_line_each(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    link = Scripted(SourceLostError("gone"), SourceLostError("still gone"), SourceLostError("still"))
    rng = NoChance()
    supervisor = Supervisor("plant", link, clock=system_clock, rng=rng)
    task = await settle(supervisor, Connection.CONNECTED)
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert "gone" in caplog.messages[0]
    assert "back (after" in caplog.messages[1]
    assert supervisor.last_error == "still"
    assert rng.longest == [FIRST_WAIT_S, 2 * FIRST_WAIT_S, 4 * FIRST_WAIT_S]
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert link.closed
    assert supervisor.connection is Connection.STOPPED


async def test_the_waits_have_an_end() -> None:
    rng = NoChance()
    link = Scripted(*[SourceLostError("gone")] * 40)
    task = await settle(Supervisor("plant", link, clock=system_clock, rng=rng), Connection.CONNECTED)
    assert max(rng.longest) == LAST_WAIT_S
    task.cancel()


async def test_an_unforeseen_error_is_the_sources_own(caplog: pytest.LogCaptureFixture) -> None:
    link = Scripted(ZeroDivisionError("nobody thought of this"))
    supervisor = Supervisor("plant", link, clock=system_clock, rng=NoChance())
    task = await settle(supervisor, Connection.CONNECTED)
    assert "nobody thought of this" in supervisor.last_error
    assert "unforeseen" in caplog.text
    task.cancel()
