"""The part of the weekly report about spare parts: what to order now, and what soon."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from maintenance.plan.site_file import Site
from maintenance.plan.words import day, money
from maintenance.spares.reorder import PartNeed
from maintenance.wording import Language, pick, share

SOON_DAYS = 30
_MOST_MACHINES = 3

TEXTS: Mapping[str, tuple[str, str]] = {
    "title": ("Phụ tùng", "Spare parts"),
    "now": ("Đặt mua ngay, tổng {price}", "Order now, {price} in all"),
    "now_none": ("Không phải đặt mua gì ngay.", "Nothing needs to be ordered now."),
    "heads": (
        "phụ tùng | đặt | tiền | kho + đang về | cần đến khi hàng về | đủ với xác suất | cho máy",
        "part | order | price | in store + coming | wanted until it comes | enough with probability | for",
    ),
    "wanted": ("khoảng {expected}; nên có {enough}", "about {expected}; have {enough} to be safe"),
    "lead": ("{count} (hàng về sau {days} ngày)", "{count} (comes after {days} days)"),
    "soon": ("Sắp phải đặt", "To be ordered soon"),
    "soon_row": ("{part}: trước {day}", "{part}: by {day}"),
    "random": ("các máy chưa có dự báo hoặc còn khỏe", "machines without a forecast, or healthy"),
    "few": (
        "Tính chung một kho cho cả khu: từ dự báo của từng máy, các việc đã xếp, và tần suất thông thường "
        "của những máy chưa có dự báo.",
        "One store for the whole park: from the forecast of each machine, the jobs that are planned, and the "
        "usual rate of machines without a forecast.",
    ),
}


def spares_section(site: Site, needs: Sequence[PartNeed], today: date, language: Language) -> list[str]:
    """Write the section, as lines of Markdown."""

    def say(name: str, **values: str | int) -> str:
        return pick(TEXTS[name], language).format(**values)

    now = [one for one in needs if one.order]
    lines = [f"## {say('title')}", ""]
    if now:
        total = money(sum(one.price for one in now), site.currency, language)
        lines += [f"{say('now', price=total)}:", ""]
        heads = say("heads")
        lines += [f"| {heads} |", "|" + " --- |" * (heads.count("|") + 1)]
        for one in now:
            named = [f"{machine} ({share(p, language)})" for machine, p in one.machines[:_MOST_MACHINES]]
            expected = f"{one.expected:.1f}"
            cells = (
                pick((one.part.name_vi, one.part.name_en), language),
                say("lead", count=one.order, days=one.part.lead_days),
                money(one.price, site.currency, language),
                f"{one.part.on_hand} + {one.coming}",
                say(
                    "wanted",
                    expected=expected.replace(".", ",") if language == "vi" else expected,
                    enough=one.enough,
                ),
                share(one.meets, language),
                ", ".join(named) or say("random"),
            )
            lines.append("| " + " | ".join(cells) + " |")
    else:
        lines.append(say("now_none"))
    soon = [
        one for one in needs if one.order_by is not None and one.order_by <= today + timedelta(days=SOON_DAYS)
    ]
    if soon:
        lines += ["", f"### {say('soon')}", ""]
        for one in soon:
            name = pick((one.part.name_vi, one.part.name_en), language)
            assert one.order_by is not None
            lines.append(f"- {say('soon_row', part=name, day=day(one.order_by, language))}")
    return [*lines, "", say("few")]
