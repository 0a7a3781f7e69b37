"""Advisory generation (ISO 13374-1 AG): what is said of a machine, with its reasons in Vietnamese and
English."""

from __future__ import annotations

import numpy as np
from msgspec.structs import replace

from maintenance.health.deviation import BASELINE_WINDOWS
from maintenance.health.forecast import HealthForecast, forecast
from maintenance.live.machine_watch import MachineWatch
from maintenance.live.why import reasons_of, similar_to, steps_of, trend_of
from maintenance.wording import running_time
from twin.contract.health import (
    HealthState,
    MachineHealth,
    RankedMode,
    RemainingLife,
)

MOST_GAP_SHARE = 0.5
"""With more of the time missing than this, a forecast is indicative."""


def health_of(
    watch: MachineWatch, *, time_ns: int, version: str, demoted: bool, window_s: float
) -> MachineHealth:
    """Say how a machine is, from what was seen until ``time_ns``."""
    gap_share = watch.gaps / watch.windows if watch.windows else 1.0
    unknown = MachineHealth(
        machine=watch.machine,
        time=time_ns,
        state=HealthState.NOT_ENOUGH_DATA,
        kind=watch.model.kind,
        model=watch.model.kind,
        model_version=version,
        inputs_hash=watch.digest.hex(),
        gap_share=gap_share,
    )
    if not watch.hours:
        left_h = max(watch.missing_windows, 1) * window_s / 3600.0
        whole_h = BASELINE_WINDOWS * window_s / 3600.0
        return replace(
            unknown,
            note_vi=f"Chưa đủ dữ liệu: cần thêm {running_time(left_h, 'vi')} chạy máy trong "
            f"{running_time(whole_h, 'vi')} để biết mức khỏe riêng của máy",
            note_en=f"Not enough data: {running_time(left_h, 'en')} more of the "
            f"{running_time(whole_h, 'en')} of work that tell a machine's own healthy level",
        )
    told = forecast(
        watch.model, np.array(watch.severities), np.array(watch.hours), known_age=watch.since_overhaul
    )
    notes = _notes(watch, gap_share, demoted)
    healthy = told.state == "healthy"
    trend = ("", "") if healthy else trend_of(watch, told)
    return replace(
        unknown,
        state=HealthState(told.state),
        health=told.health,
        indicative=bool(notes),
        remaining=None if healthy else RemainingLife(**_quantiles(told)),
        healthy_beyond_h=float(told.quantiles[0]) if healthy else None,
        modes=() if healthy else _modes(watch, told),
        reasons=() if healthy else reasons_of(watch, told),
        trend_vi=trend[0],
        trend_en=trend[1],
        steps=() if healthy else steps_of(watch, told),
        similar=() if healthy else similar_to(watch),
        note_vi="; ".join(vi for vi, _ in notes),
        note_en="; ".join(en for _, en in notes),
    )


def _quantiles(told: HealthForecast) -> dict[str, float]:
    return dict(zip(("p05", "p10", "p50", "p90", "p95"), map(float, told.quantiles), strict=True))


def _notes(watch: MachineWatch, gap_share: float, demoted: bool) -> list[tuple[str, str]]:
    notes = []
    if demoted:
        notes.append(
            (
                "khoảng dự báo của mô hình này thời gian qua không đạt độ phủ: chỉ để tham khảo",
                "this model's intervals have not held of late: indicative only",
            )
        )
    if watch.mended:
        notes.append(
            (
                "máy bớt hư hại hẳn mà không có ghi nhận sửa chữa: dự báo tính từ lúc đó; "
                "hãy báo lại việc đã làm",
                "much less worn than before, with no service on record: forecast from there on; report what "
                "was done",
            )
        )
    elif not watch.since_overhaul:
        notes.append(
            (
                "chưa có ghi nhận đại tu: coi lúc bắt đầu quan sát là mức khỏe của máy",
                "no overhaul on record: the machine is taken to have been healthy when first seen",
            )
        )
    if watch.day.strayed and not watch.mended:
        notes.append(
            (
                "sau một ngày máy không trở lại như những giờ đầu, mà mức khỏe riêng lấy theo những giờ đó: "
                "hãy đến xem máy",
                "a day later it did not look as in its first hours, which its healthy level is made of: "
                "have a look at it",
            )
        )
    elif not watch.day.over and not watch.mended:
        notes.append(
            (
                f"mới theo dõi {running_time(watch.hour, 'vi')} chạy máy, chưa đủ một ngày: mức khỏe riêng "
                "của máy chưa tính đến dao động trong ngày",
                f"seen for {running_time(watch.hour, 'en')} of running, less than a day: its own healthy "
                "level does not know the course of a day yet",
            )
        )
    if watch.lost:
        names = ", ".join(watch.lost)
        notes.append((f"mất tín hiệu {names}: dự báo kém chắc chắn", f"without {names}: less certain"))
    if gap_share > MOST_GAP_SHARE:
        notes.append(
            (
                f"thiếu dữ liệu {gap_share:.0%} thời gian quan sát",
                f"{gap_share:.0%} of the time looked at has no data",
            )
        )
    return notes


def _modes(watch: MachineWatch, told: HealthForecast) -> tuple[RankedMode, ...]:
    order = np.argsort(-told.modes, kind="stable")
    rows = watch.model.modes
    return tuple(
        RankedMode(
            mode=rows[place].name,
            iso14224=rows[place].iso14224,
            mechanism=rows[place].mechanism,
            probability=float(min(told.modes[place], 1.0)),
            name_vi=rows[place].vi,
            name_en=rows[place].en,
        )
        for place in order.tolist()
    )
