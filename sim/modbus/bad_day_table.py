"""Bad days of meters, as rows for :class:`sim.opcua.bad_days.BadDayControl`."""

from __future__ import annotations

from collections.abc import Mapping

from sim.modbus.server import MeterServer
from sim.opcua.bad_days import BadDay, BadDayError, End, Parameter, Value

_ALL = 0


async def _dead_device(server: MeterServer, parameters: Mapping[str, Value]) -> End:
    unit = int(float(parameters["unit"]))
    if unit not in (_ALL, *server.units):
        raise BadDayError(f"{server.name!r}: has no unit {unit}; it has {', '.join(map(str, server.units))}")
    dying = set(server.units if unit == _ALL else [unit]) - server.dead
    server.dead |= dying

    async def end() -> None:
        server.dead -= dying

    return end


async def _down(server: MeterServer, _: Mapping[str, Value]) -> End:
    await server.stop()
    return server.start


_ROWS = (
    BadDay(
        "dead_device",
        "Đồng hồ không trả lời",
        "Meter answers nothing",
        _dead_device,
        (Parameter("unit", _ALL, "địa chỉ trạm, 0 = tất cả", "unit id, 0 = all", 0, 247),),
    ),
    BadDay(
        "down",
        "Cổng Modbus ngừng hoạt động rồi chạy lại",
        "Gateway is down and comes back",
        _down,
        seconds=10,
    ),
)

METER_BAD_DAYS: dict[str, BadDay[MeterServer]] = {row.name: row for row in _ROWS}
