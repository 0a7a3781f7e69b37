"""What cameras said of pieces, kept by station, for the quality that inspection sees."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, Column, Engine, Index, MetaData, String, Table, func, select

from twin.contract.inspection import Inspection, InspectionReview, Truth, Verdict
from twin.kpi.corrections import LATEST
from twin.service.database import writing

TABLES = MetaData()
"""For :func:`twin.service.database.create_tables`."""

INSPECTIONS = Table(
    "kpi_inspections",
    TABLES,
    Column("id", String(64), primary_key=True),
    Column("station", String(700), nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("verdict", String(20), nullable=False),
    Index("kpi_inspections_by_time", "station", "time"),
)
REVIEWS = Table(
    "kpi_inspection_reviews",
    TABLES,
    Column("inspection", String(64), primary_key=True),
    Column("truth", String(20), nullable=False),
    Column("time", BigInteger, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Inspected:
    """What a station's camera said in an interval.

    Args:
        station: equipment id.
        passed, rejected, review, cannot_judge: pieces by verdict.
        overruled: of the passed and rejected, those of which a person said otherwise.
        quality: good pieces by judged ones, a person's word before the camera's; None where none was judged.
    """

    station: str
    passed: int
    rejected: int
    review: int
    cannot_judge: int
    overruled: int
    quality: float | None


_CAMERA = {Verdict.PASS.value: Truth.GOOD.value, Verdict.REJECT.value: Truth.DEFECTIVE.value}
"""What a verdict says that a piece is; the others say nothing."""


def keep(engine: Engine, told: Iterable[Inspection | InspectionReview]) -> None:
    """Write down inspections and reviews; one told twice is one, and of two reviews of a piece the later
    counts."""
    with writing(engine) as connection:
        for one in told:
            if isinstance(one, Inspection):
                known = select(INSPECTIONS.c.id).where(INSPECTIONS.c.id == one.id)
                if connection.execute(known).first() is None:
                    row = {
                        "id": one.id,
                        "station": one.station,
                        "time": one.received if one.captured is None else one.captured,
                        "verdict": one.verdict.value,
                    }
                    connection.execute(INSPECTIONS.insert().values(row))
            else:
                of = REVIEWS.c.inspection == one.inspection
                before = connection.execute(select(REVIEWS.c.time).where(of)).scalar()
                values = {"inspection": one.inspection, "truth": one.truth.value, "time": one.time}
                if before is None:
                    connection.execute(REVIEWS.insert().values(values))
                elif before <= one.time:
                    connection.execute(REVIEWS.update().where(of).values(values))


def inspected(
    engine: Engine, stations: Sequence[str], start: int, end: int, *, known_at: int = LATEST
) -> list[Inspected]:
    """Return what cameras of stations said in ``[start, end)``, by the time the picture was taken; stations
    that said nothing are left out. Of what people said of a picture, the last word counts if it fell by
    ``known_at`` [ns], else the camera's."""
    columns = INSPECTIONS.c
    reviewed = (REVIEWS.c.inspection == columns.id) & (REVIEWS.c.time <= known_at)
    joined = INSPECTIONS.outerjoin(REVIEWS, reviewed)
    query = (
        select(columns.station, columns.verdict, REVIEWS.c.truth, func.count())
        .select_from(joined)
        .where(columns.station.in_(stations), columns.time >= start, columns.time < end)
        .group_by(columns.station, columns.verdict, REVIEWS.c.truth)
    )
    counts: dict[str, dict[tuple[str, str | None], int]] = {}
    with engine.connect() as connection:
        for station, verdict, truth, n in connection.execute(query):
            counts.setdefault(station, {})[verdict, truth] = n
    return [_inspected(station, counts[station]) for station in stations if station in counts]


def _inspected(station: str, counts: dict[tuple[str, str | None], int]) -> Inspected:
    of = dict.fromkeys((verdict.value for verdict in Verdict), 0)
    good = judged = overruled = 0
    for (verdict, truth), n in counts.items():
        of[verdict] += n
        camera = {Verdict.PASS.value: Truth.GOOD.value, Verdict.REJECT.value: Truth.DEFECTIVE.value}.get(
            verdict
        )
        said = truth or camera
        judged += n if said is not None else 0
        good += n if said == Truth.GOOD.value else 0
        overruled += n if camera is not None and truth not in (None, camera) else 0
    return Inspected(
        station,
        of[Verdict.PASS.value],
        of[Verdict.REJECT.value],
        of[Verdict.REVIEW.value],
        of[Verdict.CANNOT_JUDGE.value],
        overruled,
        good / judged if judged else None,
    )
