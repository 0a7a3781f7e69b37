"""The ledger of forecasts: every one is kept with its model's version and its inputs' hash, and scored when
the machine is serviced or fails.

A row is written once: the same forecast told again, after a restart, changes nothing. What a person reports
of a machine, an *outcome*, closes the forecasts made since the one before.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    Engine,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    and_,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

from maintenance.errors import MaintenanceError
from twin.contract.health import MachineHealth
from twin.service.database import create_tables, writing

TABLES = MetaData()
FORECASTS = Table(
    "health_forecasts",
    TABLES,
    Column("machine", String(255), primary_key=True),
    Column("time", BigInteger, primary_key=True),
    Column("model", String(80), nullable=False),
    Column("version", String(64), nullable=False),
    Column("running_h", Float, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
OUTCOMES = Table(
    "health_outcomes",
    TABLES,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("machine", String(255), nullable=False, index=True),
    Column("time", BigInteger, nullable=False),
    Column("what", String(16), nullable=False),
    Column("mode", String(80), nullable=False),
    Column("overhauled", Integer, nullable=False),
    Column("reported_by", String(120), nullable=False),
    Column("reported_at", BigInteger, nullable=False),
)

What = Literal["failed", "serviced"]


class OutcomeError(MaintenanceError, ValueError):
    """What is reported of a machine cannot be."""

    code = "maintenance.outcome"


@dataclass(frozen=True)
class Outcome:
    """What became of a machine.

    Args:
        machine: equipment id.
        time: when, ns.
        what: it failed, or it was serviced before that.
        mode: what was found, "" for nothing.
        overhauled: it is as new in all that wears; its own healthy level is learned anew.
        reported_by: who says so.
        reported_at: when, ns.
        number: in the ledger.
    """

    machine: str
    time: int
    what: What
    mode: str
    overhauled: bool
    reported_by: str
    reported_at: int
    number: int = 0


@dataclass(frozen=True)
class KeptForecast:
    """A forecast and how long the machine had run by then [h]."""

    health: MachineHealth
    running_h: float


class Ledger:
    """Forecasts and outcomes in a database.

    Args:
        engine: of :func:`twin.service.database.open_database`.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        create_tables(engine, TABLES)

    def write(self, forecasts: Sequence[KeptForecast]) -> None:
        """Keep forecasts; those that are there already stay as they are. Of a machine that no model knows
        only the newest word is kept: there is nothing to score."""
        if not forecasts:
            return
        nameless = [one.health.machine for one in forecasts if not one.health.model]
        rows = [
            {
                "machine": one.health.machine,
                "time": one.health.time,
                "model": one.health.model,
                "version": one.health.model_version,
                "running_h": one.running_h,
                "body": zlib.compress(msgspec.json.encode(one.health)),
            }
            for one in forecasts
        ]
        dialect = sqlite if self._engine.dialect.name == "sqlite" else postgresql
        with writing(self._engine) as connection:
            if nameless:
                gone = and_(FORECASTS.c.machine.in_(nameless), FORECASTS.c.model == "")
                connection.execute(FORECASTS.delete().where(gone))
            connection.execute(dialect.insert(FORECASTS).on_conflict_do_nothing(), rows)

    def newest(self) -> list[KeptForecast]:
        """The newest forecast of every machine, by machine."""
        last = (
            select(FORECASTS.c.machine, func.max(FORECASTS.c.time).label("time"))
            .group_by(FORECASTS.c.machine)
            .subquery()
        )
        query = (
            select(FORECASTS)
            .join(last, and_(FORECASTS.c.machine == last.c.machine, FORECASTS.c.time == last.c.time))
            .order_by(FORECASTS.c.machine)
        )
        with self._engine.connect() as connection:
            return [_kept(row.body, row.running_h) for row in connection.execute(query)]

    def history(
        self, machine: str, *, limit: int, since: int = -(2**63), until: int = 2**63 - 1
    ) -> list[KeptForecast]:
        """The newest ``limit`` forecasts of a machine after ``since`` and up to ``until`` [ns], oldest
        first."""
        query = (
            select(FORECASTS)
            .where(FORECASTS.c.machine == machine, FORECASTS.c.time > since, FORECASTS.c.time <= until)
            .order_by(FORECASTS.c.time.desc())
            .limit(limit)
        )
        with self._engine.connect() as connection:
            found = [_kept(row.body, row.running_h) for row in connection.execute(query)]
        return found[::-1]

    def report(self, outcome: Outcome) -> Outcome:
        """Write down what became of a machine.

        Raises:
            OutcomeError: it is not later than what was reported before.
        """
        with writing(self._engine) as connection:
            newest = connection.execute(
                select(func.max(OUTCOMES.c.time)).where(OUTCOMES.c.machine == outcome.machine)
            ).scalar()
            if newest is not None and outcome.time <= newest:
                raise OutcomeError(
                    f"outcome of {outcome.machine!r} at {outcome.time}: must be after the last one that was "
                    f"reported, {newest}; forecasts up to there are scored already"
                )
            row = {
                "machine": outcome.machine,
                "time": outcome.time,
                "what": outcome.what,
                "mode": outcome.mode,
                "overhauled": int(outcome.overhauled),
                "reported_by": outcome.reported_by,
                "reported_at": outcome.reported_at,
            }
            number = connection.execute(OUTCOMES.insert(), row).inserted_primary_key
        return replace(outcome, number=int(number[0]) if number else 0)

    def outcomes(self, machine: str | None = None) -> list[Outcome]:
        """What was reported, oldest first; of one machine or of all."""
        query = select(OUTCOMES).order_by(OUTCOMES.c.machine, OUTCOMES.c.time)
        if machine is not None:
            query = query.where(OUTCOMES.c.machine == machine)
        with self._engine.connect() as connection:
            return [
                Outcome(
                    machine=row.machine,
                    time=row.time,
                    what=row.what,
                    mode=row.mode,
                    overhauled=bool(row.overhauled),
                    reported_by=row.reported_by,
                    reported_at=row.reported_at,
                    number=row.number,
                )
                for row in connection.execute(query)
            ]


def _kept(body: bytes, running_h: float) -> KeptForecast:
    return KeptForecast(msgspec.json.decode(zlib.decompress(body), type=MachineHealth), running_h)
