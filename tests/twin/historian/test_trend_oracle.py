"""The trend against numpy on whatever hypothesis thinks of."""

from __future__ import annotations

import math
from itertools import count

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.twin.historian.frames import SECOND, START, frame, tag_set
from twin.historian.store import EngineHistory

_NAMES = count(1)

READING = st.tuples(
    st.integers(0, 20 * SECOND).map(lambda ns: START + ns // 7 * 7),
    st.floats(-1e12, 1e12) | st.just(math.nan) | st.just(math.inf),
    st.sampled_from([0, 0, 0, 0x40900000, 0x80310000, 0xC0000000]),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    inserts=st.lists(st.lists(READING, min_size=1, max_size=30), min_size=1, max_size=4),
    start=st.integers(0, 10 * SECOND),
    span=st.integers(1, 15 * SECOND),
    points=st.integers(1, 40),
)
def test_trend_is_what_numpy_says(
    history: EngineHistory,
    inserts: list[list[tuple[int, float, int]]],
    start: int,
    span: int,
    points: int,
) -> None:
    of = tag_set(f"oracle{next(_NAMES)}", ("a",))
    told: dict[int, tuple[float, int]] = {}
    for rows in inserts:
        times, values, statuses = (list(column) for column in zip(*rows, strict=True))
        history.append([frame(of, times, values, status=statuses)])
        told.update({time: (value, status) for time, value, status in rows})
    begin, end = START + start, START + start + span
    trend = history.trend(of.tags[0], begin, end, points)

    assert len(trend) <= points
    assert trend.bucket_start[0] <= begin
    assert trend.bucket_start[-1] < end <= trend.bucket_start[-1] + trend.width_ns
    inside = sorted((time, *told[time]) for time in told if begin <= time < end)
    for i, low_edge in enumerate(trend.bucket_start.tolist()):
        mine = [(v, s) for t, v, s in inside if low_edge <= t < low_edge + trend.width_ns]
        fine = np.array([v for v, s in mine if s < 0x80000000 and math.isfinite(v)])
        assert trend.count[i] == len(fine)
        assert trend.bad[i] == sum(s >= 0x80000000 for _, s in mine)
        if len(fine):
            assert (trend.min[i], trend.max[i]) == (fine.min(), fine.max())
            assert math.isclose(trend.mean[i], fine.mean(), rel_tol=1e-9, abs_tol=1e-3)
        else:
            assert np.isnan([trend.min[i], trend.max[i], trend.mean[i]]).all()
    if len(inside) <= points:
        assert trend.raw is not None
        assert trend.raw.time.tolist() == [time for time, _, _ in inside]
        assert trend.raw.status.tolist() == [status for _, _, status in inside]
        assert np.array_equal(trend.raw.value, [value for _, value, _ in inside], equal_nan=True)
    else:
        assert trend.raw is None
