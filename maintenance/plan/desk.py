"""The desk: the plan of the newest forecasts, made when somebody asks and kept for a while."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock

from maintenance.errors import MaintenanceError
from maintenance.plan.decisions import Decision, Decisions, with_decision
from maintenance.plan.orders import MaintenancePlan, Pin
from maintenance.plan.planner import make_plan
from maintenance.plan.site_file import Site
from maintenance.spares.reorder import PartNeed, spares
from twin.contract.clock import NS_PER_S, Clock, to_iso
from twin.contract.health import MachineHealth

KEPT_NS = 600 * NS_PER_S
ANSWER_WITHIN_S = 20.0
"""Nobody waits longer for an answer: the plan is then as good as that time allows, and says by how much."""


class DecisionError(MaintenanceError, ValueError):
    """A decision about a work order cannot be held."""

    code = "maintenance.decision"


@dataclass(frozen=True)
class Planned:
    """A plan, and the spares that go with it."""

    plan: MaintenancePlan
    needs: list[PartNeed]


class PlanDesk:
    """Plans for whoever asks; any thread may.

    Args:
        site: the site file.
        newest: asked for the newest forecast of every machine.
        decisions: what people have decided.
        clock: ns since the epoch.
    """

    def __init__(
        self,
        site: Site,
        newest: Callable[[], Sequence[MachineHealth]],
        decisions: Decisions,
        clock: Clock,
    ) -> None:
        self.site = site
        self.newest = newest
        self.decisions = decisions
        self._clock = clock
        self._lock = Lock()
        self._kept: tuple[Sequence[Pin], Planned] | None = None

    def planned(self, *, anew: bool = False) -> Planned:
        """The plan, made anew after ten minutes, when a person has decided, or when asked to.

        Raises:
            PlanError: none was found in time.
        """
        with self._lock:
            now = self._clock()
            pins = self.decisions.pins(now)
            if self._kept is not None and not anew:
                known, planned = self._kept
                if known == pins and now - planned.plan.now_ns < KEPT_NS:
                    return planned
            return self._make(pins, now)

    def decide(self, decision: Decision) -> Planned:
        """Keep a person's decision and plan around it.

        Raises:
            DecisionError: no plan can hold it; it is not kept.
        """
        with self._lock:
            now = self._clock()
            planned = self._make(with_decision(self.decisions.pins(now), decision), now)
            placed = any(one.health.machine == decision.machine for one in planned.plan.orders)
            lost = decision.machine in planned.plan.broken_pins or not placed
            if decision.what in {"accept", "move"} and lost:
                self._kept = None
                raise DecisionError(
                    f"work order of {decision.machine!r} by {decision.crew!r} at "
                    f"{to_iso(decision.begin_ns)}: cannot be held; give a shift of a crew with the skill "
                    "that is long enough and not full, when the tenant is open and the parts are there"
                )
            self.decisions.write(decision)
            return planned

    def _make(self, pins: Sequence[Pin], now_ns: int) -> Planned:
        newest = self.newest()
        plan = make_plan(self.site, newest, now_ns, pins=pins, time_limit_s=ANSWER_WITHIN_S)
        planned = Planned(plan, spares(self.site, newest, plan))
        self._kept = (sorted(pins, key=lambda one: one.machine), planned)
        return planned
