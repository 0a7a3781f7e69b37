"""A plan of forecasts that are stored in a ledger, without the service."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from maintenance.errors import DataSetError
from maintenance.live.ledger import Ledger
from maintenance.plan.orders import MaintenancePlan
from maintenance.plan.planner import make_plan
from maintenance.plan.site_file import SAMPLE, Site, read_site
from maintenance.plan.spans import SiteClock
from maintenance.spares.reorder import PartNeed, spares
from twin.contract.clock import from_iso
from twin.service.database import open_database


@dataclass(frozen=True)
class StoredPlan:
    """A plan with what it was made of."""

    ledger: Ledger
    site: Site
    plan: MaintenancePlan
    needs: list[PartNeed]

    @property
    def today(self) -> date:
        """Date on the site's clock when the plan is made."""
        return SiteClock(self.plan.now_ns, self.site.zone).today


@contextmanager
def stored_plan(database: str, site_file: Path | None, at: str) -> Iterator[StoredPlan]:
    """Plan as of a moment ("" = the newest forecast) from a database of the service, a file or a URL.

    Raises:
        DataSetError: there is no such file, or no forecast in it until then.
        SiteFileError, PlanError, ContractError: of the site file, the solver, the moment.
    """
    site = read_site(site_file or SAMPLE)
    if "://" not in database and not Path(database).is_file():
        raise DataSetError(f"{database}: no such file; give the health.sqlite3 of the service's data folder")
    engine = open_database(database if "://" in database else f"sqlite:///{database}")
    try:
        ledger = Ledger(engine)
        kept = ledger.newest()
        now_ns = from_iso(at) if at else max((one.health.time for one in kept), default=0)
        newest = [one.health for one in kept if one.health.time <= now_ns]
        later = [one.health.machine for one in kept if one.health.time > now_ns]
        for machine in later:
            newest += [one.health for one in ledger.history(machine, limit=1, until=now_ns)]
        if not newest:
            raise DataSetError(f"{database}: no forecast{f' until {at}' if at else ''}; nothing to plan by")
        plan = make_plan(site, newest, now_ns)
        yield StoredPlan(ledger, site, plan, spares(site, newest, plan))
    finally:
        engine.dispose()
