"""Small sites and forecasts for tests of planning."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from maintenance.plan.site_file import Crew, Job, Kind, Part, Shift, Site, Tenant
from twin.contract.health import HealthReason, HealthState, MachineHealth, RankedMode, RemainingLife

NOW_NS = round(datetime(2026, 11, 30, 3, tzinfo=UTC).timestamp()) * 10**9  # a Monday, 10:00 in Hanoi
NORMAL = np.array([-1.645, -1.282, 0.0, 1.282, 1.645])


def site(
    *,
    crews: Sequence[Crew] = (),
    tenants: Sequence[Tenant] = (),
    parts: Sequence[Part] = (),
    needs: dict[str, int] | None = None,
    horizon_weeks: int = 4,
    job_hours: float = 4.0,
    notice_h: float = 0.0,
    damage: float = 0.0,
) -> Site:
    """A site with one kind of pump."""
    return Site(
        crews=tuple(crews)
        or (Crew(id="day", name_vi="Tổ ngày", name_en="Day", skills=("mechanical",), rate_per_h=1.0,
                 shifts=(Shift(start="06:00", end="14:00"),)),),
        tenants=tuple(tenants) or (Tenant(prefix="park/a", name="A", stop_cost_per_h=10.0),),
        kinds=(
            Kind(kind="pump", name_vi="Bơm", name_en="Pump", jobs=(
                Job(skill="mechanical", usual_life_h=5000.0, hours=job_hours, failed_hours=40.0,
                    damage=damage,
                    parts=needs or {}),)),
        ),
        parts=tuple(parts),
        horizon_weeks=horizon_weeks,
        notice_h=notice_h,
        public_holidays="",
    )  # fmt: skip


def told(
    machine: str, median_h: float, *, spread: float = 0.2, indicative: bool = False, kind: str = "pump",
    mode: str = "wear", time_ns: int = NOW_NS, state: HealthState = HealthState.DEGRADING,
) -> MachineHealth:  # fmt: skip
    """A forecast with a lognormal distribution of running hours left."""
    q = [float(value) for value in median_h * np.exp(spread * NORMAL)]
    return MachineHealth(
        machine=machine,
        time=time_ns,
        state=state,
        kind=kind,
        health=0.5,
        indicative=indicative,
        remaining=RemainingLife(p05=q[0], p10=q[1], p50=q[2], p90=q[3], p95=q[4]),
        modes=(
            RankedMode(mode=mode, iso14224="VIB", mechanism="2.6 Fatigue", probability=0.9,
                       name_vi="Mòn ổ bi", name_en="Bearing wear"),
        ),
        reasons=(
            HealthReason(signal="vibration", contribution=1.0, vi="vibration cao", en="vibration is high"),
        ),
        note_vi="chưa có ghi nhận đại tu" if indicative else "",
        note_en="no overhaul on record" if indicative else "",
        model="pump",
        model_version="v1",
    )  # fmt: skip
