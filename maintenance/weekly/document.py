"""The whole weekly report, from the ledger and the site file."""

from __future__ import annotations

from maintenance.live.ledger import Ledger
from maintenance.plan.orders import MaintenancePlan
from maintenance.plan.site_file import Site
from maintenance.plan.spans import SiteClock
from maintenance.report import gather_week, weekly_report
from maintenance.spares.reorder import PartNeed
from maintenance.weekly.first_section import first_section
from maintenance.weekly.spares_section import spares_section
from maintenance.weekly.work_section import work_section
from maintenance.wording import Language, pick


def weekly_document(
    ledger: Ledger, site: Site, plan: MaintenancePlan, needs: list[PartNeed], language: Language
) -> str:
    """Write the report of the week before a plan, with the plan and its spares, as Markdown."""
    today = SiteClock(plan.now_ns, site.zone).today
    sections = [
        *work_section(site, plan, language),
        "",
        *spares_section(site, needs, today, language),
    ]
    kinds = {one.kind: pick((one.name_vi, one.name_en), language) for one in site.kinds}
    week = gather_week(ledger, plan.now_ns)
    return weekly_report(
        week,
        language,
        first=first_section(site, plan, needs, language),
        sections=sections,
        kinds=kinds,
        signals=site.signals,
        zone=site.zone,
    )
