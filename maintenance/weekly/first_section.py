"""What to do first: the few things of the week that cannot wait, before everything else in the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from maintenance.plan.orders import MaintenancePlan, WorkOrder
from maintenance.plan.site_file import Site
from maintenance.plan.spans import SiteClock
from maintenance.plan.words import day, kind_name, money, what_is_done
from maintenance.spares.reorder import PartNeed
from maintenance.weekly.work_section import SOON_H, troubled
from maintenance.wording import Language, pick

MOST = 3

TEXTS: Mapping[str, tuple[str, str]] = {
    "title": ("Làm trước tiên", "Do first"),
    "job": (
        "{day}, {crew}: {job}, {kind} ({machine}). Để chậm một tuần, chi phí kỳ vọng tăng {more}.",
        "{day}, {crew}: {job}, {kind} ({machine}). A week later, the expected cost is {more} higher.",
    ),
    "decide": (
        "Quyết định về {count} máy chưa xếp được việc (xem «Chưa xếp được»).",
        "Decide on {count} machines that have no date (see “Not placed”).",
    ),
    "parts": (
        "Đặt mua {count} loại phụ tùng, tổng {price}; gấp nhất: {part} (hàng về sau {days} ngày).",
        "Order {count} kinds of parts, {price} in all; the most pressing: {part} (comes after {days} days).",
    ),
    "nothing": ("Không có việc gì gấp trong tuần này.", "Nothing is urgent this week."),
}


def first_section(
    site: Site, plan: MaintenancePlan, needs: Sequence[PartNeed], language: Language
) -> list[str]:
    """Write the section, as lines of Markdown."""

    def say(name: str, **values: str | int) -> str:
        return pick(TEXTS[name], language).format(**values)

    told = [_job(site, plan, order, language) for order in _pressing(plan)]
    if count := len(troubled(plan)) + len(plan.broken_pins):
        told.append(say("decide", count=count))
    if now := [one for one in needs if one.order]:
        worst = min(now, key=lambda one: one.meets)
        told.append(
            say("parts", count=len(now), price=money(sum(one.price for one in now), site.currency, language),
                part=pick((worst.part.name_vi, worst.part.name_en), language), days=worst.part.lead_days)
        )  # fmt: skip
    numbered = [f"{number}. {line}" for number, line in enumerate(told, 1)] or [say("nothing")]
    return [f"## {say('title')}", "", *numbered, ""]


def _pressing(plan: MaintenancePlan) -> list[WorkOrder]:
    """Orders of the next two weeks whose delay costs most."""
    soon = [
        one
        for one in plan.orders
        if one.wait_week > 0.0 and one.begin_ns - plan.now_ns < SOON_H * 3600 * 10**9
    ]
    return sorted(soon, key=lambda one: (-one.wait_week, one.health.machine))[:MOST]


def _job(site: Site, plan: MaintenancePlan, order: WorkOrder, language: Language) -> str:
    begin = SiteClock(plan.now_ns, site.zone).local(order.begin_ns)
    crew = next(one for one in site.crews if one.id == order.crew)
    when = f"{day(begin, language)} {begin:%H:%M}"
    return pick(TEXTS["job"], language).format(
        day=when[:1].upper() + when[1:],
        crew=pick((crew.name_vi, crew.name_en), language),
        job=what_is_done(order, language),
        kind=kind_name(site, order.health.kind, language),
        machine=order.health.machine,
        more=money(order.wait_week, site.currency, language),
    )
