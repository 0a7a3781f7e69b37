"""Advisory generation for machines of whose kind there is no model: why there is no number, what shows all
the same, and a distribution by age alone once enough machines of the kind have failed."""

from __future__ import annotations

import numpy as np
from msgspec.structs import replace

from maintenance.health.forecast import MEDIAN
from maintenance.live.age_lives import AgeForecast, GroupLives
from maintenance.live.bare_watch import FIRST_DAY_H, OUTSIDE, BareWatch
from maintenance.live.iso_20816 import zone_of
from maintenance.prognosis.weibull import MIN_FAILURES
from maintenance.wording import number, running_time
from twin.contract.health import HealthReason, HealthState, HealthStep, MachineHealth, RemainingLife

MOST_REASONS = 4
MODEL = "age"
"""Model name of forecasts that know nothing but ages; the group of machines follows it."""


def bare_health(
    watch: BareWatch, *, time_ns: int, group: str, known: GroupLives, demoted: bool
) -> MachineHealth:
    """Say what can be said.

    Args:
        watch: of the machine.
        time_ns: until when it was watched.
        group: of machines taken to be of its kind.
        known: lives of the group.
        demoted: such forecasts of this group have not held of late.
    """
    reasons = _reasons(watch)
    shown_vi, shown_en = _shown(watch, reasons)
    unknown = MachineHealth(
        machine=watch.machine,
        time=time_ns,
        state=HealthState.NOT_ENOUGH_DATA,
        reasons=reasons,
        inputs_hash=watch.digest.hex(),
        gap_share=watch.gaps / watch.windows if watch.windows else 1.0,
    )
    by_age = known.forecast(watch.hour) if watch.since_overhaul else None
    if by_age is None:
        ages_vi, ages_en = _why_no_age(known)
        return replace(
            unknown,
            note_vi=f"Chưa đủ dữ liệu: chưa có mô hình cho loại máy này; {ages_vi}; {shown_vi}",
            note_en=f"Not enough data: there is no model of this kind of machine yet; {ages_en}; {shown_en}",
        )
    state = HealthState.HEALTHY
    if by_age.failing:
        state = HealthState.FAILING
    elif by_age.worn:
        state = HealthState.DEGRADING
    q = [float(one) for one in by_age.quantiles]
    names = ("p05", "p10", "p50", "p90", "p95")
    healthy = state is HealthState.HEALTHY
    held_vi = "; các khoảng dự báo này thời gian qua không đạt độ phủ" if demoted else ""
    held_en = "; these intervals have not held of late" if demoted else ""
    return replace(
        unknown,
        state=state,
        indicative=True,
        remaining=None if healthy else RemainingLife(**dict(zip(names, q, strict=True))),
        healthy_beyond_h=q[0] if healthy else None,
        steps=() if healthy else (_step(watch, by_age, q[MEDIAN]),),
        note_vi=f"chỉ theo tuổi máy: {by_age.failures} lần hỏng trong {by_age.machines} tuổi máy cùng loại; "
        f"chưa có mô hình theo tín hiệu; {shown_vi}{held_vi}",
        note_en=f"by age alone: {by_age.failures} failures among {by_age.machines} lives of its kind; there "
        f"is no model of its signals; {shown_en}{held_en}",
        model=f"{MODEL}:{group}",
        model_version=by_age.version,
    )


def _why_no_age(known: GroupLives) -> tuple[str, str]:
    if known.lives is not None:
        return (
            "chưa rõ tuổi máy vì chưa có ghi nhận đại tu",
            "its age is not known, as no overhaul is on record",
        )
    if not known.failures:
        return (
            f"chưa có lần hỏng nào được báo ở tuổi đã biết, cần {MIN_FAILURES}",
            f"no failure was reported at a known age, {MIN_FAILURES} are needed",
        )
    return (
        f"mới có {known.failures} lần hỏng được báo ở tuổi đã biết, cần {MIN_FAILURES}",
        f"{known.failures} failures at a known age were reported, {MIN_FAILURES} are needed",
    )


def _shown(watch: BareWatch, reasons: tuple[HealthReason, ...]) -> tuple[str, str]:
    """How its signals are, in a few words that many machines share."""
    if reasons:
        return "có tín hiệu khác thường, xem lý do", "a signal is out of the ordinary, see why"
    if watch.knows_its_day:
        return "mọi tín hiệu như trong ngày chạy đầu", "its signals are as in its first day of work"
    left = FIRST_DAY_H - watch.hour
    return (
        f"cần thêm {running_time(left, 'vi')} chạy máy để biết mức thường ngày của tín hiệu",
        f"{running_time(left, 'en')} more of work until it is known how its signals are on a day",
    )


def _reasons(watch: BareWatch) -> tuple[HealthReason, ...]:
    outside = watch.outside()
    size = np.abs(outside)
    zones = {}
    for place, (signal, unit) in enumerate(zip(watch.signals, watch.units, strict=True)):
        zone = zone_of(signal, unit, float(watch.smoothed[place]))
        if zone is not None:
            zones[place] = zone
            size[place] = max(size[place], OUTSIDE + 1e-9)
    speaks = np.where(size > OUTSIDE, size, 0.0)
    total = max(float(speaks.sum()), 1e-12)
    reasons = []
    for place in np.argsort(-speaks, kind="stable")[:MOST_REASONS].tolist():
        if not speaks[place]:
            break
        name, said = watch.signals[place], []
        if abs(outside[place]) > OUTSIDE:
            times = abs(float(outside[place]))
            up = outside[place] > 0
            said.append(
                (
                    f"{'cao' if up else 'thấp'} hơn mọi mức trong ngày chạy đầu, cách "
                    f"{number(times, 'vi')} lần độ rộng của ngày đó",
                    f"is {'above' if up else 'below'} everything of its first day of work, by "
                    f"{number(times, 'en')} times the width of that day",
                )
            )
        if place in zones:
            said.append(zones[place])
        reasons.append(
            HealthReason(
                signal=name,
                contribution=float(min(speaks[place] / total, 1.0)),
                vi=f"{name} {'; '.join(vi for vi, _ in said)}",
                en=f"{name} {'; '.join(en for _, en in said)}",
            )
        )
    return tuple(reasons)


def _step(watch: BareWatch, by_age: AgeForecast, median: float) -> HealthStep:
    return HealthStep(
        block="age",
        remaining_h=median,
        vi=f"Chỉ theo tuổi máy ({number(watch.hour, 'vi')} giờ chạy) và {by_age.failures} lần hỏng của các "
        f"máy cùng loại: còn khoảng {number(median, 'vi')} giờ chạy",
        en=f"By its age ({number(watch.hour, 'en')} running hours) and {by_age.failures} failures of its "
        f"kind alone: about {number(median, 'en')} running hours",
    )
