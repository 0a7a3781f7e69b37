"""One limit alarm, written as a plain loop over readings in order: what the arrays must agree with."""

from __future__ import annotations

from collections.abc import Sequence

Edge = tuple[int, bool]


def limit_edges(
    rows: Sequence[tuple[int, float, bool]],
    *,
    high: float,
    deadband: float,
    on_delay: int,
    off_delay: int,
    until: int,
) -> list[Edge]:
    """Return when a high alarm comes and goes.

    Args:
        rows: (time, value, bad) in order of time.
        high, deadband: of the alarm.
        on_delay, off_delay: like ``time``.
        until: how far time has gone on.
    """
    edges: list[Edge] = []
    raw = active = False
    since = 0
    for time, value, bad in [*rows, (until, float("nan"), True)]:
        delay = on_delay if raw else off_delay
        if raw != active and since + delay < time:
            active = raw
            edges.append((since + delay, active))
        if bad:
            continue
        said = True if value > high else False if value <= high - deadband else raw
        if said != raw:
            raw, since = said, time
            if raw != active and (on_delay if raw else off_delay) == 0:
                active = raw
                edges.append((time, active))
    return edges
