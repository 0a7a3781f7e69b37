"""Why a machine stood in planned time: a tree of reasons, from loss to cause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from twin.park.name import Name


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason.

    Args:
        id: stable.
        parent: what it is part of; "" at the top.
        display: for people.
        guessed: True if it can be guessed from signals; the others are for people to choose.
    """

    id: str
    parent: str
    display: Name
    guessed: bool = False


_TABLE = (
    Reason("breakdown", "", Name("Hỏng máy", "Breakdown"), guessed=True),
    Reason("mechanical", "breakdown", Name("Cơ khí", "Mechanical")),
    Reason("electrical", "breakdown", Name("Điện", "Electrical")),
    Reason("control", "breakdown", Name("Điều khiển, cảm biến", "Control and sensors")),
    Reason("tooling", "breakdown", Name("Khuôn, dao, đồ gá", "Tooling")),
    Reason("setup", "", Name("Chuẩn bị và chuyển đổi", "Setup and changeover"), guessed=True),
    Reason("changeover", "setup", Name("Chuyển đổi sản phẩm", "Changeover to another product")),
    Reason("no_order", "setup", Name("Không có lệnh sản xuất", "No order")),
    Reason("adjustment", "setup", Name("Hiệu chỉnh, chạy thử", "Adjustment and trial run")),
    Reason("minor", "", Name("Dừng ngắn của máy", "Short stops of its own"), guessed=True),
    Reason("micro_stop", "minor", Name("Dừng rất ngắn", "Micro-stop"), guessed=True),
    Reason("held", "minor", Name("Tạm giữ lâu hơn", "Held for longer"), guessed=True),
    Reason("waiting", "", Name("Chờ do bên ngoài", "Waiting for others"), guessed=True),
    Reason("starved", "waiting", Name("Thiếu phôi", "Starved"), guessed=True),
    Reason("upstream", "starved", Name("Do công đoạn trước", "Because of a station before"), guessed=True),
    Reason("no_material", "starved", Name("Kho chưa cấp vật tư", "No material from the store")),
    Reason("blocked", "waiting", Name("Bị chặn đầu ra", "Blocked"), guessed=True),
    Reason("downstream", "blocked", Name("Do công đoạn sau", "Because of a station after"), guessed=True),
    Reason("stopped", "", Name("Dừng trong giờ kế hoạch", "Stopped in planned time"), guessed=True),
    Reason("no_power", "stopped", Name("Mất điện", "No power"), guessed=True),
    Reason("no_operator", "stopped", Name("Không có người vận hành", "No operator")),
    Reason("maintenance", "stopped", Name("Bảo trì theo kế hoạch", "Planned maintenance")),
    Reason("cleaning", "stopped", Name("Vệ sinh", "Cleaning")),
    Reason("meeting", "stopped", Name("Họp, đào tạo", "Meeting or training")),
)

REASONS: Mapping[str, Reason] = {reason.id: reason for reason in _TABLE}
"""Every reason by id, parents before children."""


def path(reason: str) -> tuple[str, ...]:
    """Return a reason and what it is part of, from the top.

    >>> path("upstream")
    ('waiting', 'starved', 'upstream')
    """
    found: list[str] = []
    while reason:
        found.append(reason)
        reason = REASONS[reason].parent
    return tuple(reversed(found))
