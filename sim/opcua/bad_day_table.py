"""The table of bad days: a new one is a function and a row here."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sim.opcua.address_space import NAMESPACE
from sim.opcua.bad_days import BadDay, BadDayError, End, Parameter, Value
from sim.opcua.batch import Rows
from sim.opcua.certificate import expired, moment
from sim.opcua.parked_nodes import put_back, take_out
from sim.opcua.server import ColumnServer
from sim.opcua.session import MOST_OPERATIONS
from twin.contract.clock import NS_PER_S
from twin.contract.status import BAD_NO_COMMUNICATION

UNCERTAIN_LAST_USABLE_VALUE = 0x40900000
_VENDOR = f"{NAMESPACE}:vendor"
"""A namespace that a server without types gets, to have something to reorder."""


async def _go_down(server: ColumnServer, _: Mapping[str, Value]) -> End:
    await server.stop()

    async def end() -> None:
        await server.rebuild(server.namespaces[2:])
        await server.start()

    return end


async def _restart_reordered(server: ColumnServer, _: Mapping[str, Value]) -> End:
    await server.stop()
    order = [uri for uri in reversed(server.namespaces[2:])]
    await server.rebuild(order if len(order) > 1 else [_VENDOR, *order])
    return server.start


async def _vanish(server: ColumnServer, parameters: Mapping[str, Value]) -> End:
    rows = _share(server, parameters)
    space = server.inner.aspace
    await server.columns.vanish(rows)
    taken = take_out(space, [server.columns.node_of(row) for row in rows.tolist()])

    async def end() -> None:
        if server.inner.aspace is space:  # else it was built anew meanwhile, and they are all there
            put_back(space, taken)
            server.columns.reappear(rows)

    return end


async def _spoil(server: ColumnServer, rows: Rows, status: int) -> End:
    await server.columns.force_status(rows, status)

    async def end() -> None:
        await server.columns.force_status(rows, 0)

    return end


async def _bad_values(server: ColumnServer, parameters: Mapping[str, Value]) -> End:
    return await _spoil(server, _share(server, parameters), BAD_NO_COMMUNICATION)


async def _uncertain_values(server: ColumnServer, parameters: Mapping[str, Value]) -> End:
    # from the other end, so that both can be had at once
    rows = len(server.columns) - 1 - _share(server, parameters)
    return await _spoil(server, rows, UNCERTAIN_LAST_USABLE_VALUE)


def _shift_clock(server: ColumnServer, ahead_s: float) -> End:
    ahead_ns = round(ahead_s * NS_PER_S)
    server.columns.source_ahead_ns += ahead_ns

    async def end() -> None:
        server.columns.source_ahead_ns -= ahead_ns

    return end


async def _clock_ahead(server: ColumnServer, parameters: Mapping[str, Value]) -> End:
    return _shift_clock(server, float(parameters["ahead_s"]))


async def _clock_back(server: ColumnServer, parameters: Mapping[str, Value]) -> End:
    return _shift_clock(server, -float(parameters["back_s"]))


async def _duplicates(server: ColumnServer, parameters: Mapping[str, Value]) -> End:
    delivery, field = server.columns.delivery, f"repeat_{parameters['what']}"
    setattr(delivery, field, True)

    async def end() -> None:
        setattr(delivery, field, False)

    return end


async def _disorder(server: ColumnServer, parameters: Mapping[str, Value]) -> End:
    delivery, field = server.columns.delivery, f"swap_{parameters['what']}"
    setattr(delivery, field, True)

    async def end() -> None:
        setattr(delivery, field, False)

    return end


async def _silence(server: ColumnServer, _: Mapping[str, Value]) -> End:
    server.wire.fall_silent()

    async def end() -> None:
        server.wire.speak()

    return end


async def _slow(server: ColumnServer, parameters: Mapping[str, Value]) -> End:
    server.wire.delay_s = float(parameters["delay_s"])

    async def end() -> None:
        server.wire.delay_s = 0.0

    return end


async def _few_at_once(server: ColumnServer, parameters: Mapping[str, Value]) -> End:
    most = int(float(parameters["most"]))
    server.limit.most = most
    server.limit.announced = most if parameters["announced"] == "yes" else 0
    await server.inner.announce_limit()

    async def end() -> None:
        server.limit.most = server.limit.announced = MOST_OPERATIONS
        await server.inner.announce_limit()

    return end


async def _expired_certificate(server: ColumnServer, _: Mapping[str, Value]) -> End:
    own = server.identity
    if own is None:
        raise BadDayError(
            f"OPC UA server {server.name!r}: has no certificate that could expire; give it a certificate_dir"
        )
    server.show_identity(expired(own, server.uri, server.host, moment(server.clock())))
    server.disconnect()

    async def end() -> None:
        server.show_identity(own)
        server.disconnect()

    return end


def _share(server: ColumnServer, parameters: Mapping[str, Value]) -> Rows:
    """Evenly spread rows, the same whenever the same share is asked for; one at least."""
    n = len(server.columns)
    count = min(max(round(float(parameters["share"]) * n), 1), n)
    return np.unique(np.linspace(0, n - 1, count, dtype=np.intp))


_SHARE = Parameter("share", 0.1, "tỷ lệ biến bị ảnh hưởng", "share of the variables", 0.0, 1.0)
_WHAT = Parameter(
    "what",
    "messages",
    "cả thông điệp hay từng giá trị",
    "whole notification messages, or values in them",
    choices=("messages", "values"),
)
_MOST = Parameter("most", 200, "số nút tối đa mỗi lần gọi", "nodes a call may name", 1, 10_000)
_ANNOUNCED = Parameter(
    "announced", "no", "có báo trong OperationLimits", "said in OperationLimits", choices=("yes", "no")
)

_ROWS = (
    BadDay(
        "down", "Máy chủ ngừng hoạt động rồi chạy lại", "Server is down and comes back", _go_down, seconds=10
    ),
    BadDay(
        "reordered_restart",
        "Máy chủ khởi động lại, chỉ số không gian tên đổi thứ tự",
        "Server restarts with its namespace indices in another order",
        _restart_reordered,
        seconds=5,
    ),
    BadDay(
        "vanishing_nodes",
        "Một số nút biến mất rồi quay lại",
        "Some nodes vanish and come back",
        _vanish,
        (_SHARE,),
    ),
    BadDay("bad_values", "Một số biến mất liên lạc (Bad)", "Some variables are Bad", _bad_values, (_SHARE,)),
    BadDay(
        "uncertain_values",
        "Một số biến chỉ còn giá trị cũ (Uncertain)",
        "Some variables are Uncertain",
        _uncertain_values,
        (_SHARE,),
    ),
    BadDay(
        "clock_ahead",
        "Đồng hồ nguồn chạy nhanh",
        "Source clock is ahead",
        _clock_ahead,
        (Parameter("ahead_s", 300, "nhanh bao nhiêu [s]", "by how much [s]"),),
    ),
    BadDay(
        "clock_back",
        "Đồng hồ nguồn nhảy lùi",
        "Source clock jumps back",
        _clock_back,
        (Parameter("back_s", 120, "lùi bao nhiêu [s]", "by how much [s]"),),
    ),
    BadDay("duplicates", "Thông báo bị lặp", "Notifications come twice", _duplicates, (_WHAT,)),
    BadDay("disorder", "Thông báo sai thứ tự", "Notifications come out of order", _disorder, (_WHAT,)),
    BadDay(
        "silence",
        "Máy chủ treo: không trả lời, không đóng kết nối",
        "Server hangs: answers nothing and closes nothing",
        _silence,
        seconds=60,
    ),
    BadDay(
        "few_at_once",
        "Mỗi lần gọi chỉ nhận một số nút giới hạn",
        "A call may name only so many nodes",
        _few_at_once,
        (_MOST, _ANNOUNCED),
    ),
    BadDay(
        "slow",
        "Trả lời chậm",
        "Answers come late",
        _slow,
        (Parameter("delay_s", 2, "chậm bao nhiêu [s]", "by how much [s]", 0, 600),),
    ),
    BadDay(
        "expired_certificate",
        "Chứng chỉ máy chủ hết hạn",
        "Server's certificate has expired",
        _expired_certificate,
    ),
)

BAD_DAYS: dict[str, BadDay[ColumnServer]] = {row.name: row for row in _ROWS}
