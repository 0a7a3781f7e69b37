"""What people decided about work orders: accepted, moved, rejected until a day; the plan is made around it.

A machine has one work order at a time, so the newest decision about a machine counts. It is over when an
outcome of the machine is reported: then the job is done, or something else came first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy import BigInteger, Column, Engine, Integer, MetaData, Row, String, Table, select

from maintenance.live.ledger import Ledger
from maintenance.plan.orders import Pin
from twin.service.database import create_tables, writing

TABLES = MetaData()
DECISIONS = Table(
    "work_order_decisions",
    TABLES,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("machine", String(255), nullable=False, index=True),
    Column("what", String(16), nullable=False),
    Column("crew", String(120), nullable=False),
    Column("begin", BigInteger, nullable=False),
    Column("reason", String(400), nullable=False),
    Column("decided_by", String(120), nullable=False),
    Column("decided_at", BigInteger, nullable=False),
)

DecisionKind = Literal["accept", "move", "reject", "withdraw"]


@dataclass(frozen=True)
class Decision:
    """A person's decision about the work order of a machine.

    Args:
        machine: equipment id.
        what: withdraw = leave it to the plan again.
        crew, begin_ns: of an accepted or moved one; of a rejected one, until when, and no crew.
        reason: in the person's words.
        decided_by, decided_at_ns: who, when.
        number: in the database.
    """

    machine: str
    what: DecisionKind
    crew: str
    begin_ns: int
    reason: str
    decided_by: str
    decided_at_ns: int
    number: int = 0

    @property
    def pin(self) -> Pin:
        """What it asks of the plan."""
        return Pin(self.machine, self.crew, self.begin_ns)


class Decisions:
    """Decisions in the database of the service.

    Args:
        engine: of :func:`twin.service.database.open_database`.
        ledger: for outcomes, which end decisions.
    """

    def __init__(self, engine: Engine, ledger: Ledger) -> None:
        self._engine = engine
        self._ledger = ledger
        create_tables(engine, TABLES)

    def write(self, decision: Decision) -> Decision:
        """Keep a decision; nothing is ever changed or deleted."""
        row = {
            "machine": decision.machine,
            "what": decision.what,
            "crew": decision.crew,
            "begin": decision.begin_ns,
            "reason": decision.reason,
            "decided_by": decision.decided_by,
            "decided_at": decision.decided_at_ns,
        }
        with writing(self._engine) as connection:
            number = connection.execute(DECISIONS.insert(), row).inserted_primary_key
        return replace(decision, number=int(number[0]) if number else 0)

    def all(self, machine: str | None = None) -> list[Decision]:
        """Decisions, oldest first; about one machine or all."""
        query = select(DECISIONS).order_by(DECISIONS.c.number)
        if machine is not None:
            query = query.where(DECISIONS.c.machine == machine)
        with self._engine.connect() as connection:
            return [_decision(row) for row in connection.execute(query)]

    def pins(self, now_ns: int) -> list[Pin]:
        """What the plan is to keep to now, by machine."""
        newest = {one.machine: one for one in self.all()}
        done = {one.machine: one.time for one in self._ledger.outcomes()}
        return [
            one.pin
            for machine, one in sorted(newest.items())
            if one.what != "withdraw"
            and one.decided_at_ns > done.get(machine, -1)
            and (one.what != "reject" or one.begin_ns > now_ns)
        ]


def with_decision(pins: Sequence[Pin], decision: Decision) -> list[Pin]:
    """The pins as they would be after a decision."""
    others = [pin for pin in pins if pin.machine != decision.machine]
    return others if decision.what == "withdraw" else [*others, decision.pin]


def _decision(row: Row[tuple[object, ...]]) -> Decision:
    return Decision(
        row.machine, row.what, row.crew, row.begin, row.reason, row.decided_by, row.decided_at, row.number
    )
