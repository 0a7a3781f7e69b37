"""How well alarms serve the people who get them, by the measures of ANSI/ISA-18.2 and EEMUA 191.

An *annunciation* is the moment at which an alarm is presented: it comes into the state *unacknowledged*.
What is shelved, suppressed by design or out of service is not presented and does not count.

* Rate: annunciations per ten minutes and operator. ISA-18.2 (clause 16, average alarm rates) and EEMUA 191
  (performance) call about one in ten minutes, 144 to 150 a day, very likely acceptable, and two in ten
  minutes, 288 to 300 a day, the most that is manageable.
* Flood: begins with ten minutes of more than ten annunciations an operator and ends with ten minutes of fewer
  than five (ISA-18.2: floods should take less than 1 % of the time).
* Chattering: an alarm that comes three times or more in one minute (ISA-18.2).
* Fleeting: an alarm that is gone within a minute without anybody having acknowledged it.
* Standing: presented without a break for more than 24 hours (ISA-18.2 calls it stale).
* Top ten: the ten most frequent ones should be no more than 1 to 5 % of all (ISA-18.2).
* Priorities: about 80 % low, 15 % medium, 5 % high (EEMUA 191).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from twin.contract.clock import NS_PER_S
from twin.contract.frame import I64

TEN_MINUTES_NS = 600 * NS_PER_S
DAY_NS = 86_400 * NS_PER_S
FLOOD_BEGINS_ABOVE = 10
FLOOD_ENDS_BELOW = 5
CHATTER_TIMES = 3
CHATTER_NS = 60 * NS_PER_S
FLEETING_NS = 60 * NS_PER_S
STANDING_NS = DAY_NS
TOP = 10


@dataclass(frozen=True, slots=True)
class Annunciation:
    """An alarm is presented at ``time`` [ns]; ``returned`` is when it was over without anybody having
    acknowledged it, None = otherwise."""

    alarm: str
    priority: str
    time: int
    returned: int | None = None


@dataclass(frozen=True, slots=True)
class Flood:
    """More than an operator can follow, from ``start`` to ``end`` [ns], in whole ten minutes."""

    start: int
    end: int
    count: int
    peak: int


@dataclass(frozen=True, slots=True)
class AlarmKpi:
    """The measures of an interval.

    Args:
        start, end: of it, ns; whole ten minutes from the start count, the last one cut.
        operators: among whom rates are shared.
        count: annunciations.
        per_ten_minutes: ``int64[b]``, annunciations by ten minutes.
        average, peak: per ten minutes and operator.
        per_day: per day and operator.
        above_ten: share of the ten minutes with more than ten an operator, 0 to 1.
        floods: of one operator's share.
        flood_share: of the time, 0 to 1.
        chattering: by alarm, how often it came in its worst minute; worst first.
        fleeting: by alarm, how often; most first.
        top: the ten most frequent alarms with their counts.
        top_share: of all annunciations, 0 to 1.
        priorities: annunciations by priority.
    """

    start: int
    end: int
    operators: int
    count: int
    per_ten_minutes: I64
    average: float
    peak: float
    per_day: float
    above_ten: float
    floods: tuple[Flood, ...]
    flood_share: float
    chattering: Mapping[str, int]
    fleeting: Mapping[str, int]
    top: Mapping[str, int]
    top_share: float
    priorities: Mapping[str, int]


def alarm_kpi(annunciations: Sequence[Annunciation], start: int, end: int, *, operators: int = 1) -> AlarmKpi:
    """Work out the measures.

    Args:
        annunciations: those of the interval.
        start, end: of it [ns], start before end.
        operators: among whom alarms are shared.

    >>> kpi = alarm_kpi([Annunciation("pump1:flow:low", "high", 5)], 0, TEN_MINUTES_NS)
    >>> kpi.count, kpi.average, kpi.per_day, dict(kpi.top)
    (1, 1.0, 144.0, {'pump1:flow:low': 1})
    """
    bins = max(1, -(-(end - start) // TEN_MINUTES_NS))
    time = np.array([one.time for one in annunciations], np.int64)
    counts = np.bincount((time - start) // TEN_MINUTES_NS, minlength=bins).astype(np.int64)
    by_alarm = Counter(one.alarm for one in annunciations)
    top = dict(by_alarm.most_common(TOP))
    floods = find_floods(counts, start, end, operators)
    span = end - start
    average = len(time) * TEN_MINUTES_NS / span / operators
    return AlarmKpi(
        start=start,
        end=end,
        operators=operators,
        count=len(time),
        per_ten_minutes=counts,
        average=average,
        peak=float(counts.max()) / operators,
        per_day=average * DAY_NS / TEN_MINUTES_NS,
        above_ten=float(np.mean(counts > FLOOD_BEGINS_ABOVE * operators)),
        floods=floods,
        flood_share=sum(flood.end - flood.start for flood in floods) / span,
        chattering=find_chattering(annunciations),
        fleeting=dict(Counter(one.alarm for one in annunciations if _fleeting(one)).most_common()),
        top=top,
        top_share=sum(top.values()) / max(1, len(time)),
        priorities=dict(Counter(one.priority for one in annunciations)),
    )


def find_floods(counts: I64, start: int, end: int, operators: int = 1) -> tuple[Flood, ...]:
    """Find floods in counts per ten minutes.

    >>> [(f.count, f.peak) for f in find_floods(np.array([3, 11, 7, 5, 4, 12]), 0, 6 * TEN_MINUTES_NS)]
    [(23, 11), (12, 12)]
    """
    floods: list[Flood] = []
    first: int | None = None
    for number, count in enumerate([*counts.tolist(), 0]):
        if first is None and count > FLOOD_BEGINS_ABOVE * operators:
            first = number
        elif first is not None and count < FLOOD_ENDS_BELOW * operators:
            during = counts[first:number]
            until = min(end, start + number * TEN_MINUTES_NS)
            floods.append(Flood(start + first * TEN_MINUTES_NS, until, int(during.sum()), int(during.max())))
            first = None
    return tuple(floods)


def find_chattering(annunciations: Sequence[Annunciation]) -> dict[str, int]:
    """Return the alarms that came three times or more within some minute, with how often in the worst one."""
    times: dict[str, list[int]] = {}
    for one in annunciations:
        times.setdefault(one.alarm, []).append(one.time)
    worst: dict[str, int] = {}
    for alarm, of_alarm in times.items():
        if len(of_alarm) >= CHATTER_TIMES:
            ordered = np.sort(np.array(of_alarm, np.int64))
            within = np.searchsorted(ordered, ordered + CHATTER_NS, side="left") - np.arange(len(ordered))
            if within.max() >= CHATTER_TIMES:
                worst[alarm] = int(within.max())
    return dict(sorted(worst.items(), key=lambda item: (-item[1], item[0])))


def _fleeting(one: Annunciation) -> bool:
    return one.returned is not None and one.returned - one.time < FLEETING_NS
