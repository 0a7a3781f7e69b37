"""The part of the weekly report about work: what to do in the next two weeks, what later, what cannot be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from maintenance.plan.orders import Left, MaintenancePlan, Why, WorkOrder
from maintenance.plan.site_file import Site
from maintenance.plan.spans import SiteClock
from maintenance.plan.words import (
    STATE,
    day,
    kind_name,
    money,
    what_is_done,
    why_not,
    why_then,
)
from maintenance.wording import Language, pick, share

SOON_H = 14 * 24
MOST_ROWS = 40
_TROUBLE = (
    Why.NO_PARTS,
    Why.NO_ROOM,
    Why.TOO_LONG,
    Why.REJECTED,
    Why.STALE,
    Why.UNKNOWN_KIND,
    Why.UNKNOWN_TENANT,
)

TEXTS: Mapping[str, tuple[str, str]] = {
    "title": ("Việc cần làm trong hai tuần tới", "Work for the next two weeks"),
    "none": (
        "Không có việc nào đáng làm trong hai tuần tới.",
        "Nothing is worth doing in the next two weeks.",
    ),
    "heads": (
        "khi nào | tổ | máy | việc | mang theo | vì sao lúc này",
        "when | crew | machine | job | bring along | why then",
    ),
    "no_parts": ("không cần phụ tùng", "no parts"),
    "later": ("Đã xếp cho sau đó", "Placed after that"),
    "later_row": (
        "tuần từ {monday}: {count} việc, {hours} giờ công: {machines}",
        "week of {monday}: jobs {count}, crew hours {hours}: {machines}",
    ),
    "wait": ("Đang xuống cấp nhưng nên chạy tiếp", "Degrading, but better left to run"),
    "wait_row": (
        "{machine} ({kind}): xác suất hỏng trong {weeks} tuần tới {risk}",
        "{machine} ({kind}): fails within {weeks} weeks with a probability of {risk}",
    ),
    "wait_few": (
        "Thay sớm các máy này tốn hơn số tiền tránh được; mỗi tuần kế hoạch được tính lại theo dự báo mới.",
        "Replacing them early costs more than it avoids; the plan is made anew with every week's forecasts.",
    ),
    "trouble": ("Chưa xếp được, cần người quyết định", "Not placed: somebody has to decide"),
    "broken": (
        "{machine}: ngày đã duyệt không còn giữ được (thiếu người, phụ tùng, hoặc đã qua); đã xếp lại",
        "{machine}: the accepted date can no longer be held (crew, parts, or it is past); placed anew",
    ),
    "saved": (
        "Kế hoạch {weeks} tuần có {count} việc; so với để đến cuối kỳ mới làm, tính trung bình tiết kiệm "
        "{saved}. Không cách xếp nào khác tiết kiệm thêm quá {gap}.",
        "The plan of {weeks} weeks has {count} jobs and lowers the expected cost by {saved} against leaving "
        "everything until its end; the best plan there could be saves less than {gap} more.",
    ),
    "example": (
        "Đơn giá, tồn kho và chi phí dừng máy là số liệu ví dụ, chưa phải của nhà máy: "
        "thay bằng số thật trong tệp cấu hình bảo trì.",
        "Prices, stocks and costs of stops are examples, not this site's: put the true ones into the "
        "site file.",
    ),
}


def work_section(site: Site, plan: MaintenancePlan, language: Language) -> list[str]:
    """Write the section, as lines of Markdown."""

    def say(name: str, **values: str | int) -> str:
        return pick(TEXTS[name], language).format(**values)

    clock = SiteClock(plan.now_ns, site.zone)
    soon = [one for one in plan.orders if (one.begin_ns - plan.now_ns) < SOON_H * 3600 * 10**9]
    lines = [f"## {say('title')}", ""]
    if site.example:
        lines += [f"**{say('example')}**", ""]
    if soon:
        heads = say("heads")
        lines += [f"| {heads} |", "|" + " --- |" * (heads.count("|") + 1)]
        lines += [_row(site, clock, order, language) for order in soon[:MOST_ROWS]]
    else:
        lines.append(say("none"))
    if plan.orders:
        saved, gap = money(plan.saved, site.currency, language), f"{max(100 * plan.gap, 0.1):.1f} %"
        if language == "vi":
            gap = gap.replace(".", ",")
        lines += ["", say("saved", weeks=site.horizon_weeks, count=len(plan.orders), saved=saved, gap=gap)]
    lines += _later(site, clock, [one for one in plan.orders if one not in soon], language)
    waiting = sorted(
        (one for one in plan.left if one.why is Why.LATER_IS_CHEAPER),
        key=lambda one: (-(one.risk or 0.0), one.health.machine),
    )
    if waiting:
        lines += ["", f"### {say('wait')}", ""]
        lines += [
            "- "
            + say("wait_row", machine=one.health.machine, kind=kind_name(site, one.health.kind, language),
                  weeks=site.horizon_weeks, risk=share(one.risk or 0.0, language))
            for one in waiting[:MOST_ROWS]
        ]  # fmt: skip
        lines += ["", say("wait_few")]
    undecided = troubled(plan)
    if undecided or plan.broken_pins:
        lines += ["", f"### {say('trouble')}", ""]
        lines += [f"- {say('broken', machine=machine)}" for machine in plan.broken_pins]
        lines += [f"- {_trouble(site, one, language)}" for one in undecided[:MOST_ROWS]]
    return lines


def troubled(plan: MaintenancePlan) -> list[Left]:
    """Machines without a work order about which somebody has to decide."""
    return [one for one in plan.left if one.why in _TROUBLE]


def _row(site: Site, clock: SiteClock, order: WorkOrder, language: Language) -> str:
    begin, end = clock.local(order.begin_ns), clock.local(order.end_ns)
    crew = next(one for one in site.crews if one.id == order.crew)
    parts = ", ".join(
        f"{count} × {pick((part.name_vi, part.name_en), language)}" for part, count in order.parts
    )
    cells = (
        f"{day(begin, language)} {begin:%H:%M}–{end:%H:%M} ({pick(STATE[order.state], language)})",
        pick((crew.name_vi, crew.name_en), language),
        f"{kind_name(site, order.health.kind, language)}, {order.health.machine}",
        what_is_done(order, language),
        parts or pick(TEXTS["no_parts"], language),
        why_then(site, order, language, brief=True),
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _later(site: Site, clock: SiteClock, orders: Sequence[WorkOrder], language: Language) -> list[str]:
    if not orders:
        return []
    weeks: dict[int, list[WorkOrder]] = {}
    for order in orders:
        begin = clock.local(order.begin_ns).date()
        weeks.setdefault(begin.toordinal() - begin.weekday(), []).append(order)
    lines = ["", f"### {pick(TEXTS['later'], language)}", ""]
    for monday in sorted(weeks):
        hours = sum(order.end_ns - order.begin_ns for order in weeks[monday]) / 3600e9
        moment = clock.today.fromordinal(monday)
        row = pick(TEXTS["later_row"], language)
        # whole ids, by which the page finds the names; these have commas
        machines = "; ".join(order.health.machine for order in weeks[monday])
        count, monday_is = len(weeks[monday]), day(moment, language)
        lines.append(
            "- " + row.format(monday=monday_is, count=count, hours=f"{hours:.0f}", machines=machines)
        )
    return lines


def _trouble(site: Site, left: Left, language: Language) -> str:
    kind = kind_name(site, left.health.kind, language)
    where = f"{left.health.machine} ({kind})" if kind else left.health.machine
    return f"{where}: {why_not(left, language)}"
