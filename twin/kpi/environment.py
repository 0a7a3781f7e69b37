"""What an outfall let go, hour by hour, against its permit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo

import numpy as np

from twin.contract.frame import F64, I64
from twin.kpi.calendar import hours
from twin.kpi.series import Series, cut, empty_series
from twin.kpi.spans import Bools, Ruler, spans, without
from twin.park.kpi import PermitLimit, PermitRule


@dataclass(frozen=True, slots=True, eq=False)
class Hours:
    """One parameter over n clock hours.

    Args:
        limit: what is allowed.
        hours: ``int64[n, 2]`` [ns].
        mean: time-weighted mean of what is valid; NaN where less of the hour is than the permit asks for.
        share: how much of each hour is valid, 0 to 1.
        exceeded: ``bool[n]``, the mean is beyond the limit.
    """

    limit: PermitLimit
    hours: I64
    mean: F64
    share: F64
    exceeded: Bools

    @property
    def completeness(self) -> float | None:
        """Share of the hours that have a mean."""
        return float(np.isfinite(self.mean).mean()) if len(self.mean) else None


def calibrations(series: Series, start: int, end: int) -> I64:
    """Return the spans in which a Boolean signal is true."""
    part = cut(series, start, end)
    begins = np.clip(part.time, start, end)
    ends = np.append(begins[1:], end)
    true = part.value > 0.5
    return spans(np.stack((begins[true], ends[true]), axis=1))


def against_permit(
    rule: PermitRule, series: Mapping[str, Series], start: int, end: int, zone: tzinfo
) -> tuple[Hours, ...]:
    """Reckon the hours that lie whole in ``[start, end)``, parameter by parameter.

    Readings that are Bad, in a gap or within a calibration count for nothing, neither in the mean nor as met.
    """
    clock = hours(start, end, zone)
    told = series.get(f"{rule.equipment}:{rule.not_while}", empty_series())
    away = calibrations(told, start, end) if rule.not_while else np.zeros((0, 2), np.int64)
    return tuple(
        _hours(limit, series[f"{rule.equipment}:{limit.signal}"], clock, away, rule.hour_share, start, end)
        for limit in rule.limits
    )


def _hours(
    limit: PermitLimit, series: Series, clock: I64, away: I64, least: float, start: int, end: int
) -> Hours:
    part = cut(series, start, end)
    valid = Ruler(without(without(spans([(start, end)]), part.unknown(start, end)), away))
    n = len(clock)
    mean, share = np.full(n, np.nan), np.zeros(n)
    for number, (first, last) in enumerate(clock.tolist()):
        hour = cut(part, first, last)
        begins = np.clip(hour.time, first, last)
        spent = valid.between(begins, np.append(begins[1:], last))
        held = float(spent.sum())
        share[number] = held / (last - first)
        if share[number] >= least:
            mean[number] = float(np.nansum(np.where(spent > 0, hour.value, 0.0) * spent)) / held
    low = -np.inf if limit.low is None else limit.low
    high = np.inf if limit.high is None else limit.high
    return Hours(limit, clock, mean, share, (mean < low) | (mean > high))
