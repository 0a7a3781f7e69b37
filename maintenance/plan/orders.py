"""What planning gives: work orders, machines that got none and why, and what people decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from maintenance.plan.site_file import Part
from twin.contract.health import MachineHealth, RankedMode


class Task(StrEnum):
    """What is to be done: the repair itself, or a look first where the forecast is only indicative."""

    REPAIR = "repair"
    INSPECT = "inspect"


class OrderState(StrEnum):
    """Whether a person has agreed."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"


class Why(StrEnum):
    """Why a machine has no work order."""

    HEALTHY = "healthy"
    NOT_ENOUGH_DATA = "not_enough_data"
    LATER_IS_CHEAPER = "later_is_cheaper"
    NO_ROOM = "no_room"
    NO_PARTS = "no_parts"
    TOO_LONG = "too_long"
    REJECTED = "rejected"
    STALE = "stale"
    UNKNOWN_KIND = "unknown_kind"
    UNKNOWN_TENANT = "unknown_tenant"


@dataclass(frozen=True)
class Pin:
    """A decision that the plan keeps to: this machine then, by this crew; no crew = not at all."""

    machine: str
    crew: str = ""
    begin_ns: int = 0


@dataclass(frozen=True)
class WorkOrder:
    """A job with its time, crew, parts and money; costs are expected costs in the currency of the site.

    Args:
        health: the forecast that it rests on.
        task, mode: what is done, and about which failure mode.
        crew: id of the crew.
        begin_ns, end_ns: of the work.
        state: whether a person has agreed.
        parts: what to bring, and how many.
        cost_planned: of the job when nothing has failed: work, parts, standing still.
        cost_failed: of a failure instead.
        fails_before: probability that the machine fails before the job is over.
        wait_week, wait_horizon: what postponing costs more: by a week, beyond the horizon.
        stops_production: whether the machine would be running then.
        shares_stop: other machines of the line that are done in the same stop.
    """

    health: MachineHealth
    task: Task
    mode: RankedMode | None
    crew: str
    begin_ns: int
    end_ns: int
    state: OrderState
    parts: Sequence[tuple[Part, int]]
    cost_planned: float
    cost_failed: float
    fails_before: float
    wait_week: float
    wait_horizon: float
    stops_production: bool
    shares_stop: Sequence[str] = ()


@dataclass(frozen=True)
class Left:
    """A machine without a work order; ``risk`` is its probability to fail within the horizon, None if not
    known."""

    health: MachineHealth
    why: Why
    risk: float | None = None


@dataclass(frozen=True)
class MaintenancePlan:
    """Work orders by time, machines without, and how good the plan is.

    Args:
        now_ns: when it was made.
        horizon_ns: until when jobs were placed.
        orders: by begin.
        left: machines without one.
        broken_pins: machines whose accepted date can no longer be held, planned anew.
        saved: expected cost of leaving everything for later, minus that of the plan.
        gap: by how much of that another plan could be better.
    """

    now_ns: int
    horizon_ns: int
    orders: Sequence[WorkOrder]
    left: Sequence[Left]
    broken_pins: Sequence[str]
    saved: float
    gap: float
