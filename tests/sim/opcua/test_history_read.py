"""Raw history out of the rings: what the standard's own example says, and what a plain client reads."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from asyncua import ua
from asyncua.common.node import Node
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.status_codes import StatusCodes

from sim.kind import Signal
from sim.opcua.batch import Batch
from sim.opcua.history_read import MOST_VALUES, RawRequest, select
from sim.opcua.history_ring import HistoryRing, Samples
from sim.opcua.node_attributes import standard_id
from tests.sim.opcua.serving import Told, client_of, double, moment, served, write

SIGNALS = [double("a"), Signal("s", "state", data_type="String"), Signal("n", "count", "", 0, 1e9, "Int64")]
START_NS = 1_790_000_000 * 10**9
SECOND = 10**9
CAPABILITY = standard_id(ObjectIds.HistoryServerCapabilities_AccessHistoryDataCapability)
BOUND_NOT_FOUND = StatusCodes.BadBoundNotFound


def at(second: int) -> datetime:
    return moment(START_NS + second * SECOND)


async def raw(
    node: Node,
    start: datetime | None,
    end: datetime | None,
    most: int = 0,
    *,
    bounds: bool = False,
    point: bytes | None = None,
    release: bool = False,
) -> ua.HistoryReadResult:
    """One HistoryRead, without what asyncua's client adds by itself."""
    none = datetime(1601, 1, 1, tzinfo=UTC)
    details = ua.ReadRawModifiedDetails()
    details.IsReadModified = False
    details.StartTime = start or none
    details.EndTime = end or none
    details.NumValuesPerNode = most
    details.ReturnBounds = bounds
    value = ua.HistoryReadValueId(node.nodeid)
    value.ContinuationPoint = point
    params = ua.HistoryReadParameters()
    params.HistoryReadDetails = details
    params.TimestampsToReturn = ua.TimestampsToReturn.Both
    params.ReleaseContinuationPoints = release
    params.NodesToRead = [value]
    (result,) = await node.session.history_read(params)
    return result


async def history(node: Node) -> list[Told]:
    """All that is kept, as asyncua's client reads it."""
    return [Told.of(one) for one in await node.read_raw_history(at(0), at(60), return_bounds=False)]


def values(result: ua.HistoryReadResult) -> list[object]:
    return [one.Value.Value for one in result.HistoryData.DataValues]


def samples(*minutes: int) -> Samples:
    """Values at minutes after five, as in the example of OPC 10000-11."""
    time = np.array(minutes, np.int64) + 300
    return Samples((time - 300).astype(np.float64), np.zeros(len(time), np.uint32), time, time, None)


@pytest.mark.parametrize(
    ("start", "end", "most", "bounds", "expected"),
    [
        # OPC 10000-11 §6.5.3, table of bounding values; data at 5:00, 5:02, 5:03, 5:05, 5:06
        (0, 5, 0, True, [0, 2, 3, 5]),
        (0, 5, 0, False, [0, 2, 3]),
        (1, 4, 0, True, [0, 2, 3, 5]),
        (1, 4, 0, False, [2, 3]),
        (5, 0, 0, True, [5, 3, 2, 0]),
        (5, 0, 0, False, [5, 3, 2]),
        (4, 1, 0, True, [5, 3, 2, 0]),
        (4, 1, 0, False, [3, 2]),
        (4, 5, 0, True, [3, 5]),
        (4, 5, 0, False, []),
        (4, 3, 0, True, [5, 3]),
        (4, 3, 0, False, []),
        (3, 4, 0, True, [3, 5]),
        (3, 4, 0, False, [3]),
        (3, 3, 0, False, [3]),
        (1, None, 3, False, [2, 3, 5]),
        (None, 5, 3, False, [5, 3, 2]),
        (0, 6, 2, False, [0, 2]),
        (6, 0, 2, False, [6, 5]),
        (7, 9, 0, False, []),
    ],
)
def test_the_example_of_the_standard(
    start: int | None, end: int | None, most: int, bounds: bool, expected: list[int]
) -> None:
    request = RawRequest(
        0 if start is None else start + 300, 0 if end is None else end + 300, most, bounds, 0
    )
    found = select(samples(0, 2, 3, 5, 6), request)
    assert found.value.tolist()[: most or None] == expected


def test_a_bound_that_is_not_there_is_said_at_its_end() -> None:
    found = select(samples(0, 2, 3), RawRequest(299, 309, 0, True, 0))
    assert found.source_time.tolist() == [299, 300, 302, 303, 309]
    assert found.status.tolist() == [BOUND_NOT_FOUND, 0, 0, 0, BOUND_NOT_FOUND]


async def test_a_client_reads_what_was_written_with_type_status_and_time() -> None:
    async with served(SIGNALS, history_depth=100) as server, client_of(server.endpoint) as client:
        for step in range(5):
            await write(server, float(step), f"S{step}", step, time_ns=START_NS + step * SECOND)
        await write(server, 5.0, "S5", 5, time_ns=START_NS + 5 * SECOND, status=0x40900000)
        await write(server, 6.0, "S6", 6, time_ns=START_NS + 6 * SECOND, status=0x80310000)
        for name, expected in (("a", [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, None]),
                               ("s", ["S0", "S1", "S2", "S3", "S4", "S5", None]),
                               ("n", [0, 1, 2, 3, 4, 5, None])):  # fmt: skip
            found = await history(client.node(name))
            assert [one.value for one in found] == expected
            assert [one.status for one in found] == [0] * 5 + [0x40900000, 0x80310000]
            assert [one.source_time for one in found] == [at(step) for step in range(7)]
        newest = await raw(client.node("a"), at(60), at(0), 2)
        assert [one.SourceTimestamp for one in newest.HistoryData.DataValues] == [at(6), at(5)]
        assert all(one.ServerTimestamp is not None for one in newest.HistoryData.DataValues)


async def test_only_the_last_values_are_kept_and_only_changes() -> None:
    async with served(SIGNALS, history_depth=4) as server, client_of(server.endpoint) as client:
        for step in range(10):
            await write(server, float(step // 2), "S", 0, time_ns=START_NS + step * SECOND)
        found = await history(client.node("a"))
        assert [one.value for one in found] == [1.0, 2.0, 3.0, 4.0]
        assert [one.value for one in await history(client.node("s"))] == ["S"]


async def test_values_that_came_out_of_order_are_read_in_order() -> None:
    async with served(SIGNALS, history_depth=10) as server, client_of(server.endpoint) as client:
        for step in (3, 1, 2):
            await write(server, float(step), time_ns=START_NS + step * SECOND)
        found = await history(client.node("a"))
        assert [one.value for one in found] == [1.0, 2.0, 3.0]


async def test_much_history_comes_in_parts() -> None:
    count = 2 * MOST_VALUES + 500
    async with served(SIGNALS, history_depth=count) as server, client_of(server.endpoint) as client:
        for step in range(count):
            await write(server, float(step), time_ns=START_NS + step * SECOND)
        node = client.node("a")
        got: list[object] = []
        parts = 0
        point = None
        while True:
            result = await raw(node, at(0), at(count), point=point)
            got += values(result)
            parts += 1
            point = result.ContinuationPoint
            if not point:
                break
            # what is written meanwhile moves the ring, not what was asked for
            await write(server, -1.0 - parts, time_ns=START_NS + (count + parts) * SECOND)
        assert parts == 3
        assert got[0] in (0.0, 1.0, 2.0)
        assert got[-1] == count - 1.0
        assert len(set(got)) == len(got)


async def test_a_request_for_few_gives_few_and_no_point() -> None:
    async with served(SIGNALS, history_depth=50) as server, client_of(server.endpoint) as client:
        for step in range(20):
            await write(server, float(step), time_ns=START_NS + step * SECOND)
        result = await raw(client.node("a"), at(5), None, 3)
        assert values(result) == [5.0, 6.0, 7.0]
        assert not result.ContinuationPoint
        result = await raw(client.node("a"), None, at(5), 3)
        assert values(result) == [5.0, 4.0, 3.0]


async def test_what_cannot_be_read_is_said() -> None:
    async with served(SIGNALS, history_depth=5) as server, client_of(server.endpoint) as client:
        node = client.node("a")
        await write(server, 1.0, time_ns=START_NS)
        assert (await raw(node, at(1), at(9))).StatusCode.name == "GoodNoData"
        assert (await raw(node, at(0), None)).StatusCode.name == "BadInvalidTimestampArgument"
        assert (await raw(client.node("no"), at(0), at(9))).StatusCode.name == "BadNodeIdUnknown"
        bad = await raw(node, at(0), at(9), point=b"rubbish")
        assert bad.StatusCode.name == "BadContinuationPointInvalid"
        other = RawRequest(0, 1, 1, False, 2).to_point(0)
        assert (await raw(node, at(0), at(9), point=other)).StatusCode.name == "BadContinuationPointInvalid"
        assert (await raw(node, at(0), at(9), release=True)).StatusCode.is_good()
        unit = await node.get_child("0:EngineeringUnits")
        assert (await raw(unit, at(0), at(9))).StatusCode.name == "BadHistoryOperationUnsupported"
        processed = ua.HistoryReadParameters()
        processed.HistoryReadDetails = ua.ReadProcessedDetails()
        processed.ReleaseContinuationPoints = False
        processed.NodesToRead = [ua.HistoryReadValueId(node.nodeid)]
        (result,) = await node.session.history_read(processed)
        assert result.StatusCode.name == "BadHistoryOperationUnsupported"


async def test_attributes_say_whether_there_is_history() -> None:
    for depth, expected in ((5, True), (0, False)):
        async with served(SIGNALS, history_depth=depth) as server, client_of(server.endpoint) as client:
            node = client.node("a")
            historizing = await node.read_attribute(AttributeIds.Historizing)
            assert Told.of(historizing).value is expected
            assert (ua.AccessLevel.HistoryRead in await node.get_access_level()) is expected
            can = client.client.get_node(CAPABILITY)
            assert await can.read_value() is expected
            result = await raw(node, at(0), at(9))
            assert (result.StatusCode.name == "BadHistoryOperationUnsupported") is not expected


def test_memory_is_bounded_and_known() -> None:
    ring = HistoryRing(np.full(100, 11, np.uint8), depth=50)
    before = ring.nbytes
    assert before == 100 * 50 * 24
    rows = np.arange(100)
    for step in range(200):
        time = np.full(100, step, np.int64)
        ring.record(Batch(rows, time.astype(np.float64), np.zeros(100, np.uint32), time, time))
    assert ring.nbytes == before
    assert ring.samples(7).value.tolist() == [float(step) for step in range(150, 200)]
