"""What people say of stops: reasons that stand in for the first guess, kept for ever with who and when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import BigInteger, Column, Engine, Index, Integer, MetaData, String, Table, Text, select

from twin.contract.clock import Clock
from twin.kpi.errors import ReasonError
from twin.kpi.reasons import REASONS
from twin.kpi.stops import Stop
from twin.service.database import writing

TABLES = MetaData()
"""For :func:`twin.service.database.create_tables`."""

CORRECTIONS = Table(
    "kpi_corrections",
    TABLES,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("station", String(700), nullable=False),
    Column("start", BigInteger, nullable=False),
    Column("end", BigInteger, nullable=False),
    Column("reason", String(40), nullable=False),
    Column("by", String(200), nullable=False),
    Column("comment", Text, nullable=False),
    Column("recorded", BigInteger, nullable=False),
    Index("kpi_corrections_by_time", "station", "start"),
)

LONGEST_NS = 31 * 86_400 * 1_000_000_000
LATEST = 2**62
"""A moment [ns] by which everything is known."""


@dataclass(frozen=True, slots=True)
class Correction:
    """The reason of what began at a station in ``[start, end)``.

    Args:
        number: of the row; of two that fit, the later counts.
        station: equipment id.
        start, end: [ns].
        reason: id.
        by: who says so.
        comment: in words.
        recorded: when, ns.
    """

    number: int
    station: str
    start: int
    end: int
    reason: str
    by: str
    comment: str
    recorded: int


def correct(
    engine: Engine, station: str, start: int, end: int, reason: str, by: str, comment: str, clock: Clock
) -> Correction:
    """Write down a reason; nothing is ever written over.

    Raises:
        ReasonError: there is no such reason, or the interval is empty or too long.
    """
    if reason not in REASONS:
        raise ReasonError(f"reason {reason!r}: must be one of {', '.join(REASONS)}")
    if not start < end or end - start > LONGEST_NS:
        raise ReasonError(f"stop {start} to {end} ns: must begin before it ends, within 31 days")
    row = {
        "station": station, "start": start, "end": end, "reason": reason, "by": by, "comment": comment,
        "recorded": clock(),
    }  # fmt: skip
    with writing(engine) as connection:
        number = connection.execute(CORRECTIONS.insert().values(row)).inserted_primary_key
    assert number is not None
    return Correction(int(number[0]), station, start, end, reason, by, comment, int(str(row["recorded"])))


def read_corrections(
    engine: Engine, stations: Sequence[str], start: int, end: int, *, known_at: int = LATEST
) -> list[Correction]:
    """Return the corrections of stations that touch an interval, in the order in which they were made; only
    those that were made by ``known_at`` [ns]."""
    columns = CORRECTIONS.c
    query = (
        select(CORRECTIONS)
        .where(columns.station.in_(stations), columns.start < end, columns.end > start)
        .where(columns.recorded <= known_at)
        .order_by(columns.number)
    )
    with engine.connect() as connection:
        return [Correction(**row) for row in connection.execute(query).mappings()]


def apply(stops: Iterable[Stop], corrections: Sequence[Correction]) -> list[Stop]:
    """Return the stops with the reasons that people gave: a correction is of every stop of its station whose
    middle lies within it, so that a stop that came out a second longer keeps it."""
    by_station: dict[str, list[Correction]] = {}
    for one in corrections:
        by_station.setdefault(one.station, []).append(one)
    corrected = []
    for stop in stops:
        middle = (stop.start + stop.end) // 2
        fitting = [one for one in by_station.get(stop.station, ()) if one.start <= middle < one.end]
        if fitting:
            last = fitting[-1]
            stop = replace(stop, reason=last.reason, by=last.by, comment=last.comment)
        corrected.append(stop)
    return corrected
