"""Every code an outcome can carry, with its sentence in Vietnamese and English.

Placeholders are keys of ``CommandOutcome.params``. A status of the device has its OPC UA name as its code;
one that is not in the table is told as ``device_refused``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class CommandText:
    """A sentence in both languages, with ``{places}`` for params."""

    vi: str
    en: str


_STEPS: Final[Mapping[str, CommandText]] = {
    "accepted": CommandText("Bộ kết nối đã nhận lệnh.", "The connector has taken the command."),
    "written": CommandText(
        "Thiết bị đã nhận; đang đọc lại để kiểm tra.", "The device has taken it; it is being read back."
    ),
    "held": CommandText("Đã thực hiện; đọc lại được {value}.", "Carried out; read back {value}."),
    "held_unanswered": CommandText(
        "Thiết bị không trả lời, nhưng đọc lại được {value} như đã ghi.",
        "The device did not answer, but {value} as written was read back.",
    ),
    "held_after_restart": CommandText(
        "Bộ kết nối khởi động lại giữa chừng; đọc lại được {value} như đã ghi.",
        "The connector was restarted in the middle; {value} as written was read back.",
    ),
    "done": CommandText(
        "Thiết bị đã nhận; lệnh này không có giá trị đọc lại.",
        "The device has taken it; this command has nothing to read back.",
    ),
    "nothing_against_it": CommandText(
        "Chạy thử: thiết bị sẽ nhận lệnh này; chưa ghi gì.",
        "Dry run: nothing at the device stands against it; nothing was written.",
    ),
    "not_held": CommandText(
        "Thiết bị đã nhận, nhưng sau {seconds} s đọc lại vẫn là {value}, không phải {wanted}; xem tại máy.",
        "The device took it, but {seconds} s later {value} was read back, not {wanted}; look at the machine.",
    ),
    "answer_lost": CommandText(
        "Lệnh đã gửi nhưng không có trả lời ({why}), đọc lại cũng không rõ ({value}); xem tại máy.",
        "It was sent and no answer came ({why}), and reading back does not tell ({value}); look at the "
        "machine.",
    ),
    "restarted_while_writing": CommandText(
        "Bộ kết nối khởi động lại khi đang ghi; đọc lại được {value}, không rõ đã ghi chưa; xem tại máy.",
        "The connector was restarted while it wrote; read back {value}; whether it was written is not known; "
        "look at the machine.",
    ),
}

_REFUSALS: Final[Mapping[str, CommandText]] = {
    "expired": CommandText(
        "Lệnh đã hết hạn {late_s} s trước khi thực hiện; nếu vẫn cần, hãy yêu cầu lại.",
        "It expired {late_s} s before it could be carried out; ask again if it is still wanted.",
    ),
    "from_the_future": CommandText(
        "Lệnh phát hành sau đồng hồ bộ kết nối {ahead_s} s; chỉnh đồng hồ các máy.",
        "It was issued {ahead_s} s ahead of the connector's clock; set the clocks of the machines.",
    ),
    "lives_too_long": CommandText(
        "Hạn của lệnh là {life_s} s; tối đa {most_s} s; không lệnh nào được giữ cho sau này.",
        "It would live {life_s} s; at most {most_s} s: no command is kept for later.",
    ),
    "not_approved": CommandText(
        "Lệnh thuộc nhóm rủi ro cao mà chưa có người thứ hai phê duyệt.",
        "It is of the high risk class and no second person has approved it.",
    ),
    "self_approved": CommandText(
        "{person} vừa yêu cầu vừa phê duyệt; cần hai người khác nhau.",
        "{person} both asked for it and approved it; it takes two people.",
    ),
    "no_reason": CommandText("Lệnh không có lý do.", "It has no reason."),
    "unknown_source": CommandText(
        "Bộ kết nối không có nguồn {source}; kiểm tra tệp khu.",
        "The connector has no source {source}; look at the park file.",
    ),
    "commands_not_allowed": CommandText(
        "Nguồn {source} chỉ đọc; đặt 'commands: true' cho nguồn trong tệp khu nếu muốn ghi.",
        "Source {source} is read only; give it 'commands: true' in the park file if it may be written.",
    ),
    "bad_target": CommandText(
        "Đích của lệnh không dùng được: {why}", "The command's target cannot be used: {why}"
    ),
    "not_a_number": CommandText(
        "Giá trị {value} không phải số hữu hạn.", "The value {value} is no finite number."
    ),
    "out_of_range": CommandText(
        "Giá trị {value} phải từ {low} đến {high} {unit}.",
        "The value {value} must be {low} to {high} {unit}.",
    ),
    "outside_device_range": CommandText(
        "Giá trị {value} ngoài dải mà thiết bị tự khai (EURange {low} đến {high}).",
        "The value {value} is outside the range the device states itself (EURange {low} to {high}).",
    ),
    "wrong_type": CommandText(
        "Giá trị {value} không phải kiểu {data_type} mà thiết bị cần.",
        "The value {value} is not of the type {data_type} that the device takes.",
    ),
    "other_type": CommandText(
        "Nút có kiểu {found}, lệnh cần {data_type}; sửa tệp khu hoặc thiết bị.",
        "The node is of type {found}, the command expects {data_type}; correct the park file or the device.",
    ),
    "not_a_variable": CommandText(
        "Nút {node} không phải biến ghi được.", "Node {node} is not a variable that can be written."
    ),
    "not_writable": CommandText(
        "Nút {node} không cho phép ghi.", "Node {node} does not let itself be written."
    ),
    "not_a_method": CommandText("Nút {node} không phải phương thức.", "Node {node} is no method."),
    "not_executable": CommandText(
        "Phương thức {node} hiện không cho phép gọi.", "Method {node} may not be called now."
    ),
    "wrong_arguments": CommandText(
        "Phương thức {node} cần {wanted} tham số, lệnh có {given}.",
        "Method {node} takes {wanted} arguments, the command has {given}.",
    ),
    "device_refused": CommandText(
        "Thiết bị từ chối: {status}; không có gì được ghi.",
        "The device refuses: {status}; nothing was written.",
    ),
    "source_down": CommandText(
        "Không kết nối được thiết bị ({why}); không có gì được ghi, lệnh không được giữ lại cho sau.",
        "The device cannot be reached ({why}); nothing was written, and nothing is kept for later.",
    ),
    "restarted_before_writing": CommandText(
        "Bộ kết nối khởi động lại trước khi ghi; không có gì được ghi; hãy yêu cầu lại.",
        "The connector was restarted before it wrote; nothing was written; ask again.",
    ),
    "connector_error": CommandText(
        "Bộ kết nối gặp lỗi trước khi ghi ({why}); không có gì được ghi.",
        "The connector failed before it wrote ({why}); nothing was written.",
    ),
}

_STATUSES: Final[Mapping[str, CommandText]] = {
    "BadUserAccessDenied": CommandText(
        "Thiết bị không cho điều khiển lúc này (BadUserAccessDenied): đang ở chế độ tại chỗ, bị khóa, hoặc "
        "thiếu quyền.",
        "The device does not let us do that now (BadUserAccessDenied): local control, a lock-out, or missing "
        "rights.",
    ),
    "BadNotWritable": CommandText(
        "Thiết bị không cho ghi nút này (BadNotWritable).",
        "The device does not let the node be written (BadNotWritable).",
    ),
    "BadTypeMismatch": CommandText(
        "Thiết bị không nhận kiểu dữ liệu này (BadTypeMismatch); sửa 'data_type' trong tệp khu.",
        "The device does not take that type (BadTypeMismatch); correct 'data_type' in the park file.",
    ),
    "BadOutOfRange": CommandText(
        "Thiết bị không nhận giá trị {value}: ngoài dải của nó (BadOutOfRange).",
        "The device does not take the value {value}: outside its range (BadOutOfRange).",
    ),
    "BadInvalidArgument": CommandText(
        "Thiết bị không nhận tham số {value} (BadInvalidArgument).",
        "The device does not take the argument {value} (BadInvalidArgument).",
    ),
    "BadInvalidState": CommandText(
        "Trạng thái hiện tại của thiết bị không cho phép (BadInvalidState): sửa lỗi hoặc đặt lại trước.",
        "The device cannot do that in the state it is in (BadInvalidState): repair or reset it first.",
    ),
    "BadNodeIdUnknown": CommandText(
        "Thiết bị không có nút {node} (BadNodeIdUnknown); sửa tệp khu.",
        "The device has no node {node} (BadNodeIdUnknown); correct the park file.",
    ),
    "BadMethodInvalid": CommandText(
        "Đối tượng không có phương thức {node} (BadMethodInvalid); sửa tệp khu.",
        "The object has no method {node} (BadMethodInvalid); correct the park file.",
    ),
    "BadNotSupported": CommandText(
        "Thiết bị không hỗ trợ thao tác này (BadNotSupported).",
        "The device does not support that (BadNotSupported).",
    ),
    "BadNotExecutable": CommandText(
        "Phương thức hiện không cho phép gọi (BadNotExecutable).",
        "The method may not be called now (BadNotExecutable).",
    ),
    "BadOutOfService": CommandText(
        "Thiết bị đang ngừng phục vụ (BadOutOfService).", "The device is out of service (BadOutOfService)."
    ),
    "BadNoCommunication": CommandText(
        "Máy chủ không liên lạc được với thiết bị phía sau (BadNoCommunication).",
        "The server cannot reach the device behind it (BadNoCommunication).",
    ),
    "BadDeviceFailure": CommandText(
        "Thiết bị báo hỏng (BadDeviceFailure).", "The device reports a failure (BadDeviceFailure)."
    ),
}

COMMAND_TEXTS: Final[Mapping[str, CommandText]] = {**_STEPS, **_REFUSALS, **_STATUSES}


def command_text(code: str, params: Mapping[str, str]) -> CommandText:
    """Fill in a code's sentence; one that this version does not know is told by its name.

    >>> command_text("not_writable", {"node": "s=speed"}).en
    'Node s=speed does not let itself be written.'
    >>> command_text("of_another_version", {}).en
    'of_another_version'
    """
    text = COMMAND_TEXTS.get(code)
    if text is None:
        return CommandText(code, code)
    values = _Given(params)
    return CommandText(*(sentence.format_map(values).replace(" .", ".") for sentence in (text.vi, text.en)))


class _Given(dict[str, str]):
    """Params in which what is missing shows as a question mark: an outcome of another version is no crash."""

    def __missing__(self, key: str) -> str:
        return "?"
