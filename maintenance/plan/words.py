"""Money, times and reasons of a plan in Vietnamese and English, for people who maintain machines."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from maintenance.plan.orders import Left, OrderState, Task, Why, WorkOrder
from maintenance.plan.site_file import Site
from maintenance.wording import Language, pick, share

_DAYS_VI = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
_DAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

WHY: Mapping[Why, tuple[str, str]] = {
    Why.HEALTHY: ("khỏe, chưa cần làm gì", "healthy, nothing to do yet"),
    Why.NOT_ENOUGH_DATA: ("chưa đủ dữ liệu để dự báo", "not enough data for a forecast"),
    Why.LATER_IS_CHEAPER: (
        "chạy tiếp rẻ hơn thay sớm; theo dõi thêm",
        "running on is cheaper than replacing early; keep watching",
    ),
    Why.NO_ROOM: (
        "nên làm, nhưng những ca đáng làm đã kín việc: cần thêm người, thêm ca, hoặc chấp nhận dừng máy "
        "trong giờ sản xuất",
        "worth doing, but the shifts in which it is are full: more people, one more shift, or a stop during "
        "production",
    ),
    Why.NO_PARTS: (
        "nên làm, nhưng trong kho chưa có phụ tùng: cần đặt gấp",
        "worth doing, but the part is not in the store: order it with urgency",
    ),
    Why.TOO_LONG: (
        "không tổ nào có tay nghề này lại có ca đủ dài cho việc này: cần xếp ca riêng",
        "no crew with the skill has a shift long enough: arrange one",
    ),
    Why.REJECTED: ("có người đã từ chối làm lúc này", "somebody decided against it for now"),
    Why.STALE: (
        "dự báo đã cũ, máy không gửi dữ liệu: kiểm tra kết nối",
        "the forecast is old, the machine sends nothing: check the connection",
    ),
    Why.UNKNOWN_KIND: (
        "loại máy này chưa khai trong tệp cấu hình bảo trì: thêm vào mục kinds",
        "this kind of machine is not in the site file: add it under 'kinds'",
    ),
    Why.UNKNOWN_TENANT: (
        "chưa khai doanh nghiệp của máy trong tệp cấu hình bảo trì: thêm vào mục tenants",
        "the site file does not know whose machine it is: add it under 'tenants'",
    ),
}

_TEXTS: Mapping[str, tuple[str, str]] = {
    "repair": ("Xử lý: {mode}", "Repair: {mode}"),
    "repair_unknown": ("Sửa chữa", "Repair"),
    "inspect": ("Kiểm tra trước khi sửa: {mode}", "Inspect before repairing: {mode}"),
    "inspect_unknown": ("Kiểm tra trước khi sửa", "Inspect before repairing"),
    "risk": (
        "Xác suất hỏng trước khi làm xong là {risk}; để hỏng tốn khoảng {failed}, "
        "làm theo kế hoạch tốn {planned}.",
        "It fails before the job is over with a probability of {risk}; a failure costs about {failed}, "
        "the planned job {planned}.",
    ),
    "wait": (
        "Hoãn một tuần: chi phí kỳ vọng tăng {more}.",
        "Postponed by a week, the expected cost rises by {more}.",
    ),
    "together": (
        "Nên để muộn hơn nếu làm riêng; lần này làm chung một lần dừng với: {others}.",
        "Alone it would rather be done later; this way it is done in one stop with: {others}.",
    ),
    "early": (
        "Làm lúc này vì sau đó không còn ca phù hợp rẻ hơn.",
        "Done then because no later shift that suits is cheaper.",
    ),
    "stop": ("Máy phải dừng trong giờ sản xuất.", "The machine must stop during production."),
    "no_stop": ("Làm ngoài giờ sản xuất.", "Done outside production hours."),
    "indicative": (
        "Dự báo chỉ để tham khảo ({note}), nên kiểm tra trước khi tháo máy.",
        "The forecast is indicative only ({note}), so look before taking the machine apart.",
    ),
    "by_age": (
        "dự báo chỉ theo tuổi máy, không rõ sẽ hỏng gì: cử người đến kiểm tra",
        "forecast by its age alone, and nobody knows what will fail: have it inspected",
    ),
    "indicative_brief": (
        "Dự báo chỉ để tham khảo, nên kiểm tra trước khi tháo máy.",
        "The forecast is indicative only, so look before taking the machine apart.",
    ),
}


def money(amount: float, currency: str, language: Language) -> str:
    """An amount to two or three digits, as people say it.

    >>> money(33_740_000.0, "VND", "vi"), money(33_740_000.0, "VND", "en"), money(1234.0, "USD", "en")
    ('33,7 triệu đồng', 'VND 33.7 million', 'USD 1,234')
    """
    if currency != "VND":
        return f"{currency} {amount:,.0f}"
    if abs(amount) >= 1e9:
        number, vi, en = amount / 1e9, "tỷ", "billion"
    else:
        number, vi, en = amount / 1e6, "triệu", "million"
    text = f"{number:.0f}" if abs(number) >= 100 else f"{number:.1f}".removesuffix(".0")
    return f"{text.replace('.', ',')} {vi} đồng" if language == "vi" else f"VND {text} {en}"


def day(moment: date, language: Language) -> str:
    """A day as people write it.

    >>> day(date(2026, 11, 30), "vi"), day(date(2026, 11, 30), "en")
    ('thứ Hai 30/11', 'Mon 30 Nov')
    """
    if language == "vi":
        return f"{_DAYS_VI[moment.weekday()]} {moment.day}/{moment.month}"
    return f"{_DAYS_EN[moment.weekday()]} {moment.day} {moment:%b}"


def kind_name(site: Site, kind: str, language: Language) -> str:
    """What a kind of machine is called, its id if the site file does not know it."""
    known = site.kind(kind)
    return kind if known is None else pick((known.name_vi, known.name_en), language)


def what_is_done(order: WorkOrder, language: Language) -> str:
    """The job in a few words."""
    name = "inspect" if order.task is Task.INSPECT else "repair"
    if order.mode is None:
        return pick(_TEXTS[f"{name}_unknown"], language)
    mode = pick((order.mode.name_vi, order.mode.name_en), language)
    return pick(_TEXTS[name], language).format(mode=mode[:1].lower() + mode[1:])


def why_then(site: Site, order: WorkOrder, language: Language, *, brief: bool = False) -> str:
    """Why this job at this time, and what postponing it costs, in a few sentences; ``brief`` leaves out why a
    forecast is indicative. Machines are told by their whole ids, which the page knows the names of."""

    def say(name: str, **values: str) -> str:
        return pick(_TEXTS[name], language).format(**values)

    def amount(value: float) -> str:
        return money(value, site.currency, language)

    sentences = [
        say("risk", risk=share(order.fails_before, language), failed=amount(order.cost_failed),
            planned=amount(order.cost_planned))
    ]  # fmt: skip
    if order.wait_week > 0.0:
        sentences.append(say("wait", more=amount(order.wait_week)))
    elif order.shares_stop:
        sentences.append(say("together", others="; ".join(order.shares_stop)))
    else:
        sentences.append(say("early"))
    sentences.append(say("stop" if order.stops_production else "no_stop"))
    if order.task is Task.INSPECT and brief:
        sentences.append(say("indicative_brief"))
    elif order.task is Task.INSPECT:
        note = pick((order.health.note_vi, order.health.note_en), language)
        sentences.append(say("indicative", note=note[:1].lower() + note[1:]))
    return " ".join(sentences)


def why_not(left: Left, language: Language) -> str:
    """Why a machine has no work order."""
    if left.why is Why.UNKNOWN_KIND and not left.health.kind:
        return pick(_TEXTS["by_age"], language)
    return pick(WHY[left.why], language)


STATE: Mapping[OrderState, tuple[str, str]] = {
    OrderState.PROPOSED: ("đề xuất", "proposed"),
    OrderState.ACCEPTED: ("đã duyệt", "accepted"),
}
