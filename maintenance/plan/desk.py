"""The desk: the plan of the newest forecasts, made when somebody asks and kept for a while."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock

from maintenance.plan.orders import MaintenancePlan, Pin
from maintenance.plan.planner import make_plan
from maintenance.plan.site_file import Site
from maintenance.spares.reorder import PartNeed, spares
from twin.contract.clock import NS_PER_S, Clock
from twin.contract.health import MachineHealth

KEPT_NS = 600 * NS_PER_S
ANSWER_WITHIN_S = 20.0
"""Nobody waits longer for an answer: the plan is then as good as that time allows, and says by how much."""


@dataclass(frozen=True)
class Planned:
    """A plan, and the spares that go with it."""

    plan: MaintenancePlan
    needs: list[PartNeed]


class PlanDesk:
    """Plans for whoever asks; any thread may.

    Args:
        site: the site file.
        newest: the newest forecast of every machine.
        pins: what people have decided.
        clock: ns since the epoch.
    """

    def __init__(
        self,
        site: Site,
        newest: Callable[[], Sequence[MachineHealth]],
        pins: Callable[[], Sequence[Pin]],
        clock: Clock,
    ) -> None:
        self.site = site
        self._newest = newest
        self._pins = pins
        self._clock = clock
        self._lock = Lock()
        self._kept: tuple[Sequence[Pin], Planned] | None = None

    def planned(self, *, anew: bool = False) -> Planned:
        """The plan, made anew after ten minutes, when a person has decided, or when asked to.

        Raises:
            PlanError: none was found in time.
        """
        with self._lock:
            pins, now = self._pins(), self._clock()
            if self._kept is not None and not anew:
                known, planned = self._kept
                if known == pins and now - planned.plan.now_ns < KEPT_NS:
                    return planned
            newest = self._newest()
            plan = make_plan(self.site, newest, now, pins=pins, time_limit_s=ANSWER_WITHIN_S)
            planned = Planned(plan, spares(self.site, newest, plan))
            self._kept = (pins, planned)
            return planned
