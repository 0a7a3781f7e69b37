"""Why: the signals that speak, how it has come on of late, what each block of knowledge does to the
forecast, and past machines that looked alike; each with its sentence in Vietnamese and English.
"""

from __future__ import annotations

import numpy as np

from maintenance.health.forecast import MEDIAN, HealthForecast, median_steps
from maintenance.health.signatures import SPAN_WINDOWS
from maintenance.histories import F64
from maintenance.live.machine_watch import MachineWatch
from maintenance.wording import number, share
from twin.contract.health import HealthReason, HealthStep, SimilarLife

MOST_REASONS = 4
LEAST_CONTRIBUTION = 0.05
LEAST_SCATTER = 1.0
"""A signal within its usual scatter is no reason to look at a machine."""
MOST_SIMILAR = 3
TREND_SHARE = 1.0 / 3.0
"""The trend is that of the newest third of what is remembered."""
TREND_ROWS = 12
SURE = 3.0
"""A trend is one if its slope is so many standard errors from nothing."""


def reasons_of(watch: MachineWatch, told: HealthForecast) -> tuple[HealthReason, ...]:
    """The signals that make the severity of the most probable mode, each with its part of it."""
    if watch.smoothed is None:
        return ()
    smoothed: F64 = np.nan_to_num(watch.smoothed)
    parts = watch.model.signatures.parts(watch.smoothed, int(np.argmax(told.modes)))
    speaks = np.clip(parts, 0.0, None)
    shares = speaks / max(float(speaks.sum()), 1e-12)
    names = watch.model.deviation.condition_names
    reasons = []
    for place in np.argsort(-shares, kind="stable")[:MOST_REASONS].tolist():
        if shares[place] < LEAST_CONTRIBUTION:
            break
        size = abs(float(smoothed[place]))
        if size < LEAST_SCATTER:
            continue
        above = smoothed[place] > 0
        reasons.append(
            HealthReason(
                signal=names[place],
                contribution=float(min(shares[place], 1.0)),
                vi=f"{names[place]} {'cao' if above else 'thấp'} hơn lúc khỏe {number(size, 'vi')} lần "
                "mức dao động thường ngày",
                en=f"{names[place]} is {'above' if above else 'below'} its healthy level by "
                f"{number(size, 'en')} times its usual scatter",
            )
        )
    return tuple(reasons)


def trend_of(watch: MachineWatch, told: HealthForecast) -> tuple[str, str]:
    """How the severity of the most probable mode has gone of late."""
    mode = int(np.argmax(told.modes))
    row = watch.model.modes[mode]
    hours, severity = np.array(watch.hours), np.array(watch.severities)[:, mode]
    recent = hours >= hours[-1] - TREND_SHARE * (hours[-1] - hours[0])
    hours, severity = hours[recent], severity[recent]
    if len(hours) < TREND_ROWS:
        return "", ""
    slope, error = _slope(hours, severity, watch.hour / max(watch.windows - watch.gaps, 1))
    span = float(hours[-1] - hours[0])
    middle, half = float(severity.mean()), 0.5 * slope * span
    before, after = (float(np.clip(one, 0.0, 1.0)) for one in (middle - half, middle + half))
    vi_name, en_name = _lower(row.vi), _lower(row.en)
    vi_span, en_span = number(span, "vi"), number(span, "en")
    if abs(slope) < SURE * error or abs(after - before) < 0.01:
        return (
            f"Mức hư hại ({vi_name}) gần như không đổi, khoảng {share(max(middle, 0.0), 'vi')} mức hỏng, "
            f"trong {vi_span} giờ chạy gần nhất",
            f"severity ({en_name}) has stood at about {share(max(middle, 0.0), 'en')} of failure over the "
            f"last {en_span} running hours",
        )
    rose = slope > 0.0
    return (
        f"Mức hư hại ({vi_name}) {'tăng' if rose else 'giảm'} từ {share(before, 'vi')} "
        f"{'lên' if rose else 'xuống'} {share(after, 'vi')} mức hỏng trong {vi_span} giờ chạy gần nhất",
        f"severity ({en_name}) {'rose' if rose else 'fell'} from {share(before, 'en')} to "
        f"{share(after, 'en')} of failure over the last {en_span} running hours",
    )


def _slope(hours: F64, severity: F64, window_h: float) -> tuple[float, float]:
    """Slope of a line and its standard error; smoothed severities say a new thing once a span of windows."""
    off = hours - hours.mean()
    square = float(off @ off)
    if square <= 0.0:
        return 0.0, np.inf
    slope = float(off @ severity) / square
    left = severity - severity.mean() - slope * off
    step = float(np.median(np.diff(hours)))
    told = max(len(hours) * min(step / max(SPAN_WINDOWS * window_h, 1e-9), 1.0), 3.0)
    # of len(hours) rows only so many are new knowledge
    return slope, float(np.sqrt(left @ left / (told - 2.0) / square))


def steps_of(watch: MachineWatch, told: HealthForecast) -> tuple[HealthStep, ...]:
    """What each block of knowledge does to the median: age and kind, signals of now, the course so far."""
    age, signals = median_steps(
        watch.model, np.array(watch.severities), np.array(watch.hours), known_age=watch.since_overhaul
    )
    aged_vi, aged_en = (
        (
            f"Chỉ theo tuổi máy ({number(watch.hour, 'vi')} giờ chạy) và tuổi thọ của các máy cùng loại",
            f"By its age ({number(watch.hour, 'en')} running hours) and the lives of its kind alone",
        )
        if watch.since_overhaul
        else (
            "Chỉ theo tuổi thọ của các máy cùng loại (không rõ tuổi máy)",
            "By the lives of its kind alone (its age is not known)",
        )
    )
    return (
        _step("age", age, aged_vi, aged_en),
        _step("signals", signals, "Thêm tín hiệu hiện nay", "With what its signals show now"),
        _step(
            "course", float(told.quantiles[MEDIAN]), "Thêm diễn biến trước đó", "With the way they got there"
        ),
    )


def _step(block: str, hours: float, vi: str, en: str) -> HealthStep:
    return HealthStep(
        block=block,
        remaining_h=hours,
        vi=f"{vi}: còn khoảng {number(hours, 'vi')} giờ chạy",
        en=f"{en}: about {number(hours, 'en')} running hours",
    )


def similar_to(watch: MachineWatch) -> tuple[SimilarLife, ...]:
    """Past machines that once looked as this one does now, and how they ended."""
    past = watch.model.past
    if not len(past.unit) or not watch.severities:
        return ()
    found = []
    for one in past.nearest(watch.severities[-1], MOST_SIMILAR):
        row = watch.model.modes[one.mode]
        name = str(one.unit + 1)
        found.append(
            SimilarLife(
                life=name,
                distance=one.distance,
                remaining_h=one.left_h,
                mode=row.name,
                vi=f"máy mẫu số {name} từng ở mức này, chạy thêm {number(one.left_h, 'vi')} giờ rồi hỏng: "
                f"{_lower(row.vi)}",
                en=f"machine {name} of those learned from once showed the same; it ran "
                f"{number(one.left_h, 'en')} hours more, then failed: {_lower(row.en)}",
            )
        )
    return tuple(found)


def _lower(name: str) -> str:
    """A name within a sentence; capitals that belong to it (NH₃, X) stay."""
    return name[:1].lower() + name[1:] if name[1:2].islower() else name
