"""What every history store keeps, whatever the engine."""

from __future__ import annotations

import numpy as np
import pytest

from tests.twin.historian.frames import SECOND, START, frame, tag_set
from twin.contract.errors import FrameError
from twin.contract.messages import Gap, GapReason
from twin.contract.status import BAD_NO_COMMUNICATION, UNCERTAIN
from twin.historian.base import NO_TIME, Points, QueryError, ReadingTimeError, UnknownTagError
from twin.historian.schema import LATEST_NS
from twin.historian.store import EngineHistory

NAN = float("nan")


def everything(history: EngineHistory, tag: str) -> Points:
    """All readings of a tag, joined."""
    pages = list(history.export(tag, 0, LATEST_NS))
    return Points(
        np.concatenate([p.time for p in pages]),
        np.concatenate([p.value for p in pages]),
        np.concatenate([p.status for p in pages]),
        sum((p.text or (None,) * len(p) for p in pages), ()),
    )


def test_every_number_comes_back_as_it_was_told(history: EngineHistory, source: str) -> None:
    of = tag_set(source)
    values = [0.1, -0.0, 1e308, -1e-308, 5e-324, 2**53 + 1.0, float("inf"), NAN]
    times = [START + 100 * i for i in range(len(values))]
    status = [0, 0x40900000, 0x80310000, 0xFFFFFFFF, 0x480, 1, 2, 3]
    assert history.append([frame(of, times, values, status=status)]) == len(values)
    stored = everything(history, of.tags[0])
    assert stored.time.tolist() == times
    assert stored.value.tobytes() == np.array(values).tobytes()
    assert stored.status.tolist() == status


def test_telling_again_changes_nothing(history: EngineHistory, source: str) -> None:
    of = tag_set(source)
    told = [
        frame(of, [START + i * SECOND for i in range(50)], list(range(50))),
        frame(of, [START + 60 * SECOND], [1.0]),
    ]
    for _ in range(3):
        history.append(told)
        history.append(told[:1])
    trend = history.trend(of.tags[0], START, START + 100 * SECOND, 10)
    assert trend.count.sum() == 51
    assert trend.mean[0] == 4.5
    assert len(everything(history, of.tags[0])) == 51
    history.optimize()
    assert len(everything(history, of.tags[0])) == 51


def test_readings_fall_into_the_days_of_the_clock_that_is_asked_for(
    history: EngineHistory, source: str
) -> None:
    of = tag_set(source)
    day, hour = 86_400 * SECOND, 3600 * SECOND
    midnight = START // day * day - 7 * hour
    history.append(
        [frame(of, [midnight - 1, midnight, midnight + day - 1, midnight + day], [1.0, 2.0, 3.0, 4.0])]
    )
    local = history.trend(of.tags[0], midnight - day, midnight + 2 * day, 3, 7 * hour)
    assert (local.bucket_start[1], local.count.tolist()) == (midnight, [1, 2, 1])
    utc = history.trend(of.tags[0], midnight - day, midnight + 2 * day, 4)
    assert utc.count.tolist() == [0, 2, 2, 0]


def test_of_two_values_for_one_moment_the_last_told_wins(history: EngineHistory, source: str) -> None:
    of = tag_set(source)
    history.append([frame(of, [START, START], [1.0, 2.0])])
    assert everything(history, of.tags[0]).value.tolist() == [2.0]
    history.append([frame(of, [START], [3.0]), frame(of, [START], [4.0])])
    assert everything(history, of.tags[0]).value.tolist() == [4.0]
    history.append([frame(of, [START], [5.0])])
    assert everything(history, of.tags[0]).value.tolist() == [5.0]


def test_late_and_unordered_readings_find_their_place(history: EngineHistory, source: str) -> None:
    of = tag_set(source)
    order = np.random.default_rng(4).permutation(200)
    for part in np.split(order, 8):
        history.append([frame(of, (START + part * SECOND).tolist(), part.tolist())])
    stored = everything(history, of.tags[0])
    assert stored.value.tolist() == list(range(200))
    assert (np.diff(stored.time) > 0).all()


def test_tags_of_one_frame_keep_apart(history: EngineHistory, source: str) -> None:
    of = tag_set(source)
    history.append([frame(of, [START] * 3, [1.0, 2.0, 3.0], index=[2, 0, 1])])
    assert [everything(history, tag).value.tolist() for tag in of.tags] == [[2.0], [3.0], [1.0]]


def test_bad_and_missing_values_stay_out_of_the_statistics(history: EngineHistory, source: str) -> None:
    of = tag_set(source, simulated=True)
    values = [1.0, 1e9, 3.0, NAN, 8.0, -1e9, float("inf")]
    status = [0, BAD_NO_COMMUNICATION, UNCERTAIN, 0, 0, BAD_NO_COMMUNICATION, 0]
    history.append([frame(of, [START + i for i in range(7)], values, status=status)])
    trend = history.trend(of.tags[0], START, START + SECOND, 1)
    assert (trend.min[0], trend.max[0], trend.mean[0]) == (1.0, 8.0, 4.0)
    assert (trend.count[0], trend.bad[0]) == (3, 2)
    assert (trend.unit, trend.simulated) == ("bar", True)


def test_a_bucket_of_only_bad_readings_has_no_value(history: EngineHistory, source: str) -> None:
    of = tag_set(source)
    history.append([frame(of, [START, START + 1], [0.0, 0.0], status=BAD_NO_COMMUNICATION)])
    trend = history.trend(of.tags[0], START, START + SECOND, 1)
    assert np.isnan([trend.min[0], trend.max[0], trend.mean[0]]).all()
    assert (trend.count[0], trend.bad[0]) == (0, 2)


def test_buckets_without_readings_stay_empty(history: EngineHistory, source: str) -> None:
    of = tag_set(source)
    history.append([frame(of, [START, START + 9 * SECOND], [1.0, 2.0])])
    trend = history.trend(of.tags[0], START, START + 10 * SECOND, 10)
    assert trend.count.tolist() == [1, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    assert np.isnan(trend.mean[1:9]).all()
    assert trend.bucket_start.tolist() == [START + i * SECOND for i in range(10)]


def test_readings_outside_the_interval_are_not_counted(history: EngineHistory, source: str) -> None:
    of = tag_set(source)
    history.append([frame(of, [START - 1, START, START + SECOND - 1, START + SECOND], [1.0, 2.0, 3.0, 4.0])])
    trend = history.trend(of.tags[0], START, START + SECOND, 5)
    assert (trend.count.sum(), np.nanmin(trend.min), np.nanmax(trend.max)) == (2, 2.0, 3.0)


def test_raw_readings_come_when_they_are_few(history: EngineHistory, source: str) -> None:
    of = tag_set(source)
    times = [START + i for i in range(20)]
    history.append([frame(of, times, list(range(20)), status=[0] * 19 + [BAD_NO_COMMUNICATION])])
    few = history.trend(of.tags[0], START, START + SECOND, 20).raw
    assert few is not None
    assert (few.time.tolist(), few.status[-1]) == (times, BAD_NO_COMMUNICATION)
    assert few.text is None
    assert history.trend(of.tags[0], START, START + SECOND, 19).raw is None
    nothing = history.trend(of.tags[0], START + SECOND, START + 2 * SECOND, 19)
    assert nothing.raw is not None
    assert len(nothing.raw) == 0


def test_text_comes_back_and_absent_is_not_empty(history: EngineHistory, source: str) -> None:
    of = tag_set(source)
    texts = ("lô hàng số 7", None, "", "'; DROP TABLE readings --", "\\n\0")
    history.append([frame(of, [START + i for i in range(5)], [NAN] * 5, text=texts)])
    history.append([frame(of, [START], [1.0], index=1)])
    assert everything(history, of.tags[0]).text == texts
    raw = history.trend(of.tags[0], START, START + SECOND, 10).raw
    assert raw is not None
    assert raw.text == texts
    assert everything(history, of.tags[1]).text == (None,)


def test_last_before_is_where_the_line_comes_in(history: EngineHistory, source: str) -> None:
    of = tag_set(source)
    history.append([frame(of, [START, START + 5], [1.0, 2.0])])
    history.append([frame(of, [START + 5], [3.0])])
    history.append([frame(of, [START + 3], [9.0], index=1)])
    assert history.last_before(of.tags[0], START + 5).value.tolist() == [1.0]
    assert history.last_before(of.tags[0], START + 6).value.tolist() == [3.0]
    assert len(history.last_before(of.tags[0], START)) == 0


def test_gaps_of_the_source_and_of_the_tag_come_with_the_trend(history: EngineHistory, source: str) -> None:
    of = tag_set(source)
    history.append([frame(of, [START], [1.0])])

    def gap(name: str, start: int, end: int, *, tags: tuple[str, ...] = (), whose: str = source) -> Gap:
        return Gap(
            id=f"{whose}:{name}", source=whose, start=start, end=end, reason=GapReason.SOURCE_LOST, tags=tags
        )

    whole = gap("whole", START + 10, START + 20)
    mine = gap("mine", START + 5, START + 8, tags=(of.tags[2], of.tags[0]))
    history.append_gaps([whole, mine, whole])
    history.append_gaps([
        gap("other tag", START, START + 50, tags=(of.tags[1],)),
        gap("other source", START, START + 50, whose=f"not-{source}"),
        gap("before", START - 9, START),
        gap("after", START + 100, START + 200),
        whole,
    ])  # fmt: skip
    assert history.trend(of.tags[0], START, START + 100, 10).gaps == (mine, whole)
    history.append_gaps([gap("whole", START + 10, START + 10)])  # withdrawn: it was filled later
    assert history.trend(of.tags[0], START, START + 100, 10).gaps == (mine,)


def test_export_pages_without_losing_or_repeating(
    history: EngineHistory, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("twin.historian.store._PAGE_ROWS", 7)
    of = tag_set(source)
    history.append([frame(of, [START + i for i in range(21)], list(range(21)))])
    pages = list(history.export(of.tags[0], START, START + 21))
    assert [len(page) for page in pages] == [7, 7, 7]
    assert np.concatenate([page.value for page in pages]).tolist() == list(range(21))
    assert sum(len(page) for page in history.export(of.tags[0], START + 3, START + 13)) == 10


def test_a_tag_nobody_told_is_unknown(history: EngineHistory, source: str) -> None:
    tag = f"park/{source}/machine1:a"
    for ask in (
        lambda: history.trend(tag, START, START + 1, 1),
        lambda: history.last_before(tag, START),
        lambda: list(history.export(tag, START, START + 1)),
    ):
        with pytest.raises(UnknownTagError, match="holds no reading of it"):
            ask()


@pytest.mark.parametrize(
    ("start", "end", "points", "rule"),
    [
        (START, START, 10, "is not before"),
        (START + 1, START, 10, "is not before"),
        (START, START + 1, 0, "points 0: must be 1 to 10000"),
        (START, START + 1, 10_001, "points 10001"),
        (-1, START, 10, "1970 to 2080"),
        (START, LATEST_NS + 1, 10, "1970 to 2080"),
    ],
)
def test_senseless_questions_are_refused(
    history: EngineHistory, source: str, start: int, end: int, points: int, rule: str
) -> None:
    with pytest.raises(QueryError, match=rule):
        history.trend(f"park/{source}/machine1:a", start, end, points)


def test_what_no_history_can_hold_is_refused_whole(history: EngineHistory, source: str) -> None:
    of = tag_set(source)
    fine = frame(of, [START], [1.0])
    for time in (-1, LATEST_NS, np.iinfo(np.int64).max, np.iinfo(np.int64).min):
        with pytest.raises(ReadingTimeError, match="set the device's clock"):
            history.append([fine, frame(of, [START + 1, int(time)], [1.0, 2.0])])
    with pytest.raises(FrameError, match="index 3 in a tag set of 3"):
        history.append([fine, frame(of, [START], [1.0], index=3)])
    assert len(list(history.export(of.tags[0], 0, LATEST_NS))) == 0


def test_the_edges_of_time_are_held(history: EngineHistory, source: str) -> None:
    of = tag_set(source)
    times = [0, 1, 1_262_304_000 * SECOND - 1, 1_262_304_000 * SECOND, START, LATEST_NS - 1]
    history.append([frame(of, times[::-1], list(range(6)))])
    assert everything(history, of.tags[0]).time.tolist() == times


def test_one_insert_may_span_years(history: EngineHistory, source: str) -> None:
    week = 7 * 86_400 * SECOND
    of = tag_set(source)
    times = [START - i * week for i in range(110)]  # the engine's own limit is 100 partitions an insert
    history.append([frame(of, times, list(range(110)))])
    assert everything(history, of.tags[0]).time.tolist() == times[::-1]


def test_nothing_is_nothing(history: EngineHistory, source: str) -> None:
    assert history.append([]) == 0
    assert history.append([frame(tag_set(source), [], [])]) == 0
    history.append_gaps([])


def test_a_changed_unit_is_the_one_told_last(history: EngineHistory, source: str) -> None:
    of = tag_set(source)
    history.append([frame(of, [START], [1.0])])
    assert history.trend(of.tags[0], START, START + 1, 1).unit == "bar"
    changed = type(of)(source=source, tags=of.tags, units=("kPa",) * 3, data_types=of.data_types)
    history.append([frame(changed, [START], [1.0])])
    assert history.trend(of.tags[0], START, START + 1, 1).unit == "kPa"


def test_stats_count_what_is_there(history: EngineHistory, source: str) -> None:
    before = history.stats()
    of = tag_set(source)
    history.append([frame(of, [START + i for i in range(1000)], list(range(1000)))])
    history.optimize()
    after = history.stats()
    assert after.tags == before.tags + 3
    assert after.readings >= 1000
    assert after.parts > 0
    assert after.bytes_per_reading == after.bytes_on_disk / after.readings > 0


def test_the_last_readings_up_to_a_moment(history: EngineHistory, source: str) -> None:
    of = tag_set(source)
    year = 365 * 86_400 * SECOND
    history.append(
        [
            frame(of, [START - year], [1.0], index=0),
            frame(of, [START - SECOND, START, START + SECOND], [2.0, 3.0, 4.0], index=1, status=UNCERTAIN),
            frame(of, [START - SECOND], [NAN], index=2, text=("Execute",)),
        ]
    )
    history.append([frame(of, [START], [3.5], index=1)])
    asked = [*of.tags, "nobody/ever:told"]
    found = history.last_readings(asked, START)
    assert found.time.tolist() == [START - year, START, START - SECOND, NO_TIME]
    assert (found.value[:2].tolist(), found.text) == ([1.0, 3.5], {2: "Execute"})
    assert found.status[:3].tolist() == [0, 0, 0]
    assert not found.gap.any()
    before = history.last_readings(asked, START - 1)
    assert (before.time[1], before.value[1], before.status[1]) == (START - SECOND, 2.0, UNCERTAIN)
    gap = Gap(id=source, source=source, start=START - 5, end=START + 5, reason=GapReason.SOURCE_LOST)
    history.append_gaps([gap])
    assert history.last_readings(asked, START).gap.tolist() == [True, True, True, False]
    assert not history.last_readings(asked, START + 5).gap.any()
    with pytest.raises(QueryError):
        history.last_readings(asked, 0)


def test_the_last_readings_of_more_tags_than_can_be_named(history: EngineHistory, source: str) -> None:
    of = tag_set(source, [f"s{n}" for n in range(2_500)])
    history.append([frame(of, [START] * 2_400, list(range(2_400)), index=list(range(2_400)))])
    history.append([frame(of, [START - 86_400 * SECOND] * 50, [7.0] * 50, index=list(range(2_400, 2_450)))])
    found = history.last_readings(of.tags, START + SECOND)
    assert found.value[:2_400].tolist() == list(range(2_400))
    assert found.value[2_400:2_450].tolist() == [7.0] * 50
    assert (found.time[2_450:] == NO_TIME).all()


def test_more_tag_sets_than_are_kept_cost_only_time(
    history: EngineHistory, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("twin.historian.store._TAG_SETS_KEPT", 2)
    sets = [tag_set(f"{source}-{number}") for number in range(5)]
    for second in range(2):
        told = [frame(of, [START + second * SECOND], [float(number)]) for number, of in enumerate(sets)]
        assert history.append(told) == len(sets)
    for number, of in enumerate(sets):
        stored = everything(history, of.tags[0])
        assert stored.time.tolist() == [START, START + SECOND]
        assert stored.value.tolist() == [number, number]
