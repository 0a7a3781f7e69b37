"""Identities on SQLite and on a real PostgreSQL, with a clock that stands and hashes that cost nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from tests.support.postgres import database_url, postgres
from twin.contract.clock import NS_PER_S
from twin.identity.identities import Identities

__all__ = ["database_url", "postgres"]

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass
class Clock:
    """Stands until it is moved."""

    now: int = 1_790_000_000 * NS_PER_S

    def __call__(self) -> int:
        return self.now

    def pass_s(self, seconds: float) -> None:
        """Let time pass."""
        self.now += int(seconds * NS_PER_S)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def identities(database_url: str, clock: Clock, tmp_path: Path) -> Iterator[Identities]:
    made = Identities(database_url, clock=clock, hasher=CHEAP, seed_key=str(tmp_path / "seed.key"))
    yield made
    made.close()
