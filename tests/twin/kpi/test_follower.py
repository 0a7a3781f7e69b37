"""What follows the bus: the last hours of the lines, and what cameras said, on a real bus and a real
database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine

from tests.twin.kpi.small_park import DAY, HOUR, LINE1, MINUTE, Kept, line1, small_plan
from twin.bus.base import Bus, Message
from twin.bus.connect import open_bus
from twin.contract.codec import encode_message, frame_headers
from twin.contract.frame import Frame, encode_frame
from twin.contract.inspection import Inspection, InspectionReview, Truth, Verdict
from twin.contract.messages import Gap, GapReason, Payload, TagSet
from twin.contract.topics import GAPS, INSPECTION_REVIEWS, INSPECTIONS, READINGS
from twin.kpi.follower import InspectionFollower, LiveFollower
from twin.kpi.inspections import TABLES, inspected
from twin.kpi.live import LiveReadings
from twin.kpi.report import worked
from twin.service.database import create_tables, open_database

M2 = f"{LINE1}/m2"


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[Bus]:
    opened = open_bus(f"embedded:{tmp_path / 'bus'}")
    yield opened
    opened.close()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = open_database(f"sqlite:///{tmp_path / 'kpi.sqlite'}")
    create_tables(opened, TABLES)
    yield opened
    opened.dispose()


def tell(bus: Bus, topic: str, key: str, payload: Payload, name: str) -> None:
    value, headers = encode_message(payload, message_id=name, source="test", time_ns=DAY)
    bus.publish([Message(topic, key, value, headers)])


def test_the_running_shift_is_known_without_the_history(bus: Bus) -> None:
    plan = small_plan()
    tags = plan.live_tags()
    clock = [DAY]
    live = LiveReadings(dict.fromkeys(tags, "plc"))
    tag_set = TagSet(source="plc", tags=(f"{M2}:state",), units=("",), data_types=("String",))
    follower = LiveFollower(bus, live, Kept(line1()), tags, lookup=lambda _: tag_set, clock=lambda: clock[0])
    follower.step(0.0)
    assert not live.has(tags, DAY), "what was before is not here yet"
    frame = Frame(
        source="plc",
        sequence=1,
        tag_set=tag_set.id,
        index=np.zeros(3, "<u4"),
        source_time=np.array([DAY + minute * MINUTE for minute in (20, 10, 30)], "<i8"),
        status=np.zeros(3, "<u4"),
        value=np.full(3, np.nan),
        text=("Execute", "Held", "Nonsense"),
    )
    bus.publish([Message(READINGS.name, "plc", encode_frame(frame), frame_headers(frame, DAY))])
    bus.publish([Message(READINGS.name, "plc", b"no frame", {})])
    gap = Gap(
        id="1", source="plc", start=DAY + 40 * MINUTE, end=DAY + 46 * MINUTE, reason=GapReason.SOURCE_LOST
    )
    tell(bus, GAPS.name, "plc", gap, "1")
    clock[0] = DAY + HOUR
    for _ in range(3):
        follower.step(0.2)
    assert live.has(tags, DAY)
    assert not live.has(tags, DAY - 1)
    found = worked(plan, live, LINE1, DAY, DAY + HOUR)[0]
    assert found.effort.unknown_ns == 30 * MINUTE, "a state that nobody knows, and the gap within"
    assert found.oee.availability == pytest.approx(20 / 30)
    follower.stop()


def inspection(name: str, verdict: Verdict, minute: int, station: str = M2) -> Inspection:
    return Inspection(
        id=name,
        recorder="r",
        sequence=1,
        station=station,
        product="board",
        serial=name,
        recipe="board",
        recipe_version=1,
        recipe_sha256="0",
        network="n",
        network_sha256="0",
        software="0",
        verdict=verdict,
        score=0.1,
        review_from=1.0,
        reject_from=2.0,
        picture_sha256="0",
        picture_kept=False,
        width=1,
        height=1,
        captured=DAY + minute * MINUTE,
        received=DAY + HOUR,
    )


def test_quality_as_cameras_and_persons_see_it(bus: Bus, engine: Engine) -> None:
    told = [
        ("a", Verdict.PASS),
        ("b", Verdict.PASS),
        ("c", Verdict.REJECT),
        ("d", Verdict.REVIEW),
        ("e", Verdict.CANNOT_JUDGE),
    ]
    follower = InspectionFollower(bus, engine, lambda: DAY)
    follower.step(0.0)
    for name, verdict in (*told, told[0]):  # one is told twice
        tell(bus, INSPECTIONS.name, M2, inspection(name, verdict, 10), name)
    tell(bus, INSPECTIONS.name, M2, inspection("z", Verdict.REJECT, 70), "z")
    for name, truth in (("c", Truth.GOOD), ("d", Truth.DEFECTIVE)):
        review = InspectionReview(
            id=f"r{name}", inspection=name, station=M2, serial=name, recorder="r", sequence=2, truth=truth,
            by="Lan", time=DAY,
        )  # fmt: skip
        tell(bus, INSPECTION_REVIEWS.name, M2, review, review.id)
    bus.publish([Message(INSPECTIONS.name, M2, b"nothing", {})])
    for _ in range(3):
        follower.step(0.2)
    follower.stop()
    again = InspectionFollower(bus, engine, lambda: DAY)
    assert again.step(0.2) == 0, "what was written down is committed"
    (one,) = inspected(engine, [M2, f"{LINE1}/m1"], DAY, DAY + HOUR)
    assert (one.passed, one.rejected, one.review, one.cannot_judge, one.overruled) == (2, 1, 1, 1, 1)
    assert one.quality == pytest.approx(3 / 4)
