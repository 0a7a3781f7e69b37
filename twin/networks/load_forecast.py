"""What loads will be in the hours ahead, each from its own past, and how far such forecasts have been off.

A load at a quarter of an hour is what it usually is at that time of such a day (the median of the last days
that were alike), plus a share of what it is off by now. How large a share, and how far the forecast is off,
is told by the forecasts that would have been made before: of each nothing goes in that came after it. The
means against which it is held are the usual ones (Hyndman and Athanasopoulos, Forecasting, 3rd ed., 5.2): as
it is now, and as it was yesterday at that time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from twin.contract.frame import F64

Quarters = npt.NDArray[np.int64]

DAY: Final = 96
"""Quarters of an hour in a day, and how far ahead is looked."""
ALIKE: Final = 10
"""So many of the last quarters that were alike make what is usual."""
LEAST_ALIKE: Final = 3
NOW: Final = 4
"""Quarters over which it is looked by how much a load is off now."""
JUDGED: Final = 14 * DAY
"""So far back forecasts are judged."""
NEAR: Final = 8
"""Forecasts for two hours around the same time of day are off by as much."""
LEAST_JUDGED: Final = 50
"""Three days of such forecasts."""


@dataclass(frozen=True, slots=True, eq=False)
class LoadPast:
    """What is known of n loads over t quarters of an hour; the quarters run a day on into the future.

    Args:
        value: ``float64[t, n]``, means of quarters, oldest first; NaN where not measured.
        alike: ``int64[t + DAY]``; quarters with the same number are alike: time of day, kind of day, who
            works.
        roughly: ``int64[t + DAY]``; the same, less strict, for days of which there are few.
        clock: ``int64[t + DAY]``, quarter of the local day, 0 to 95.
    """

    value: F64
    alike: Quarters
    roughly: Quarters
    clock: Quarters


@dataclass(frozen=True, slots=True, eq=False)
class LoadForecast:
    """Forecasts of n loads, k steps ahead; NaN where there is not enough past.

    Args:
        steps: ``int64[k]``, quarters ahead: 1 = the quarter that runs now.
        middle: ``float64[k, n]``.
        errors: ``float64[k, m, n]``: by how much more than forecast it was, m times in the past around
            that time of day; NaN where a forecast could not be made.
        courses: ``float64[k, o, n]``: the same, step by step, of each of o forecasts that were made around
            the time of day of this one.
    """

    steps: Quarters
    middle: F64
    errors: F64
    courses: F64

    def quantile(self, share: float) -> F64:
        """What is not exceeded in this share of cases, ``float64[k, n]``."""
        if not self.errors.shape[1]:
            return np.full(self.middle.shape, np.nan)
        return self.middle + _quantiles(self.errors, (share,), axis=1)[0]

    def only(self, column: int) -> LoadForecast:
        """The forecast of one of the loads."""
        here = slice(column, column + 1)
        return LoadForecast(self.steps, self.middle[:, here], self.errors[..., here], self.courses[..., here])

    def chance(self, limit: F64) -> F64:
        """The share of courses in which a limit ``float64[k, n]`` is exceeded at this step or one before;
        NaN where unknown. That of one step alone is too small: a peak is short, and its time uncertain."""
        known = np.logical_and.accumulate(~np.isnan(self.courses), axis=0)
        over = self.middle[:, None, :] + self.courses > limit[:, None, :]  # NaN is not
        over = np.logical_or.accumulate(over, axis=0) & known
        count = known.sum(axis=1)
        unknown = (count < LEAST_JUDGED) | np.isnan(self.middle) | np.isnan(limit)
        return np.where(unknown, np.nan, over.sum(axis=1) / np.maximum(count, 1))


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """How well n loads have been forecast, k steps ahead, against the simplest ways to do so.

    Args:
        steps: ``int64[k]``.
        count: ``int64[k, n]``, forecasts that were judged.
        off, as_now, as_yesterday: ``float64[k, n]``, mean absolute errors: of this, of the last value, and of
            the value a day before.
        within: ``float64[k, n]``, share between the 10 % and the 90 % quantile; 0.8 is right.
    """

    steps: Quarters
    count: Quarters
    off: F64
    as_now: F64
    as_yesterday: F64
    within: F64


def usual(past: LoadPast) -> F64:
    """What each load usually is, ``float64[t + DAY, n]``, from what lay a day or more before; NaN where that
    is not enough.

    >>> day = np.arange(96.0)
    >>> clock = np.tile(np.arange(96), 5)
    >>> past = LoadPast(np.tile(day, 4)[:, None], clock, clock, clock)
    >>> usual(past)[[0, 96 * 3 + 7, 96 * 4 + 7], 0].tolist()
    [nan, 7.0, 7.0]
    """
    strict = _medians(past.value, past.alike)
    rough = _medians(past.value, past.roughly)
    return np.where(np.isnan(strict), rough, strict)


def forecast(past: LoadPast, steps: Quarters) -> LoadForecast:
    """Forecast loads."""
    t, n = past.value.shape
    if not t:
        nothing = np.full((len(steps), n), np.nan)
        none = np.full((len(steps), 0, n), np.nan)
        return LoadForecast(steps, nothing, none, none)
    told = usual(past)
    now = _now(past.value, told)
    middle = np.full((len(steps), n), np.nan)
    errors, courses = [], []
    made_at = np.flatnonzero(_near(past.clock[:t], int(past.clock[t - 1])))
    made_at = made_at[made_at >= t - JUDGED]
    for row, step in enumerate(steps.tolist()):
        share = _share(past.value, told, now, step, t)
        made = told[step:t] + share * now[: t - step]
        off = past.value[step:] - made
        course = np.full((len(made_at), n), np.nan)
        begun = made_at < len(off)
        course[begun] = off[made_at[begun]]
        courses.append(course)
        off = off[max(len(off) - JUDGED, 0) :]
        near = _near(past.clock[t - len(off) : t], int(past.clock[t - 1 + step]))
        errors.append(off[near])
        middle[row] = told[t - 1 + step] + share * now[t - 1]
    return LoadForecast(steps, middle, _stacked(errors, n), np.array(courses))


def track_record(past: LoadPast, steps: Quarters, days: int = 7) -> Record:
    """Judge the forecasts of the last days; shares and quantiles are what was known before each of them."""
    t, n = past.value.shape
    told = usual(past)
    now = _now(past.value, told)
    shape = (len(steps), n)
    count = np.zeros(shape, np.int64)
    sums = np.zeros((4, *shape))
    for back in range(days, 0, -1):
        begin = t - back * DAY
        if begin <= 0:
            continue
        for row, step in enumerate(steps.tolist()):
            share = _share(past.value, told, now, step, begin)
            made = told[step:t] + share * now[: t - step]
            off = past.value[step:] - made  # off[k] is of quarter step + k
            before = off[max(begin - step - JUDGED, 0) : max(begin - step, 0)]
            clock = past.clock[begin - len(before) : begin]
            # forecasts that are made within the day
            targets = np.arange(begin - 1 + step, min(begin - 1 + step + DAY, t))
            if not len(targets) or not len(before):
                continue
            real = past.value[targets]
            error = off[targets - step]
            last, day_before = past.value[targets - step], past.value[np.maximum(targets - DAY, 0)]
            low, high = _bands(before, clock, past.clock[targets])
            good = ~np.isnan(error) & ~np.isnan(last) & ~np.isnan(day_before) & ~np.isnan(low)
            count[row] += good.sum(axis=0)
            sums[0, row] += np.where(good, np.abs(error), 0.0).sum(axis=0)
            sums[1, row] += np.where(good, np.abs(real - last), 0.0).sum(axis=0)
            sums[2, row] += np.where(good, np.abs(real - day_before), 0.0).sum(axis=0)
            sums[3, row] += (good & (error >= low) & (error <= high)).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        off_, as_now, as_yesterday, within = sums / count
    return Record(steps, count, off_, as_now, as_yesterday, within)


def _medians(value: F64, alike: Quarters) -> F64:
    """The median of the last quarters that were alike and lie a day or more before, of each quarter."""
    t, n = value.shape
    if not t:
        return np.full((len(alike), n), np.nan)
    before = np.full((len(alike), ALIKE), t, np.int64)
    order = np.argsort(alike, kind="stable")
    for group in np.split(order, np.flatnonzero(np.diff(alike[order])) + 1):
        known = group[group < t]
        end = np.searchsorted(known, group - DAY, side="right")
        place = end[:, None] - 1 - np.arange(ALIKE)
        if len(known):
            before[group] = np.where(place >= 0, known[np.maximum(place, 0)], t)
    padded = np.concatenate((value, np.full((1, n), np.nan)))
    return np.stack([_median(padded[before, column]) for column in range(n)], axis=1)


def _median(some: F64) -> F64:
    """Of each row, NaN left out; NaN where there are too few."""
    ordered = np.sort(some, axis=1)  # NaN goes last
    count = (~np.isnan(some)).sum(axis=1)
    rows = np.arange(len(some))
    low, high = ordered[rows, np.maximum(count - 1, 0) // 2], ordered[rows, np.minimum(count // 2, ALIKE - 1)]
    return np.where(count >= LEAST_ALIKE, (low + high) / 2.0, np.nan)


def _now(value: F64, told: F64) -> F64:
    """By how much a load is off what is usual at each quarter, over the last few; NaN where it was not
    measured, nothing where nobody knows what is usual."""
    off = value - told[: len(value)]
    known = ~np.isnan(off)
    total = np.cumsum(np.where(known, off, 0.0), axis=0)
    count = np.cumsum(known, axis=0)
    total[NOW:], count[NOW:] = total[NOW:] - total[:-NOW], count[NOW:] - count[:-NOW]
    strange = np.where(np.isnan(told[: len(value)]) & ~np.isnan(value), 0.0, np.nan)
    return np.where(count >= NOW // 2, total / np.maximum(count, 1), strange)


def _share(value: F64, told: F64, now: F64, step: int, end: int) -> F64:
    """Of what a load is off by now, the share that is left some steps later: by least squares over what was
    known before quarter ``end``; none where nothing is known."""
    first = max(end - JUDGED, 0)
    later = value[first + step : end] - told[first + step : end]
    before = now[first : end - step] if end > first + step else now[:0]
    later = later[: len(before)]
    good = ~np.isnan(later) & ~np.isnan(before)
    top = np.where(good, later * before, 0.0).sum(axis=0)
    below = np.where(good, before * before, 0.0).sum(axis=0)
    share: F64 = np.clip(np.divide(top, below, out=np.zeros_like(top), where=below > 0), 0.0, 1.0)
    return share


def _near(clock: Quarters, at: int) -> npt.NDArray[np.bool_]:
    apart = np.abs(clock - at)
    near: npt.NDArray[np.bool_] = np.minimum(apart, DAY - apart) <= NEAR
    return near


def _bands(off: F64, clock: Quarters, at: Quarters) -> tuple[F64, F64]:
    """The 10 % and the 90 % quantile of errors around times of day."""
    low, high = np.full((2, len(at), off.shape[1]), np.nan)
    for quarter in np.unique(at).tolist():
        some = off[_near(clock, quarter)]
        if len(some):
            low[at == quarter], high[at == quarter] = _quantiles(some, (0.1, 0.9), axis=0)
    return low, high


def _quantiles(errors: F64, shares: tuple[float, ...], axis: int) -> list[F64]:
    """Quantiles along an axis, NaN left out; NaN where there are too few to tell."""
    ordered = np.sort(errors, axis=axis)  # NaN goes last
    count = (~np.isnan(errors)).sum(axis=axis, keepdims=True)
    found = []
    for share in shares:
        place = share * np.maximum(count - 1, 0)
        below = np.floor(place).astype(np.int64)
        above = np.minimum(below + 1, np.maximum(count - 1, 0))
        first, second = (np.take_along_axis(ordered, one, axis) for one in (below, above))
        value = first + (second - first) * (place - below)
        found.append(np.where(count >= LEAST_JUDGED, value, np.nan).squeeze(axis))
    return found


def _stacked(errors: list[F64], n: int) -> F64:
    most = max((len(one) for one in errors), default=0)
    stacked = np.full((len(errors), most, n), np.nan)
    for row, one in enumerate(errors):
        stacked[row, : len(one)] = one
    return stacked
