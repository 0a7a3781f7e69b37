"""How a request stands, in a sentence in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from twin.commands.request import Request, RequestState
from twin.contract.command_texts import CommandText, command_text

_STATES: Final[Mapping[RequestState, CommandText]] = {
    RequestState.WAITING: CommandText(
        "Chờ người thứ hai phê duyệt.", "It waits for a second person to approve it."
    ),
    RequestState.ISSUED: CommandText(
        "Đã phát hành, đang tới bộ kết nối.", "It was let through and is on its way to the connector."
    ),
    RequestState.BLOCKED: CommandText(
        "Không phát hành: điều kiện liên động không đạt hoặc không xác nhận được.",
        "Not let through: an interlock does not hold, or cannot be seen to hold.",
    ),
    RequestState.DECLINED: CommandText("{person} đã từ chối: {why}", "{person} declined it: {why}"),
    RequestState.WITHDRAWN: CommandText("{person} đã rút lại.", "{person} withdrew it."),
    RequestState.LAPSED: CommandText(
        "Quá hạn chờ phê duyệt; hãy yêu cầu lại nếu vẫn cần.",
        "No second person decided in time; ask again if it is still wanted.",
    ),
    RequestState.UNANSWERED: CommandText(
        "Không bộ kết nối nào báo kết quả; lệnh có thể đã được thực hiện: xem tại máy.",
        "No connector said what became of it; it may have been carried out: look at the machine.",
    ),
}


def text_of(request: Request) -> CommandText:
    """Say how a request stands."""
    text = _STATES.get(request.state)
    if text is None:
        return command_text(request.code or request.state.value, request.params or {})
    values = {"person": request.decided_by, "why": request.detail}
    return CommandText(text.vi.format_map(values), text.en.format_map(values))
