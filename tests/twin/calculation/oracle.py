"""The calculated tags of the plant, written as plain loops: what the arrays must agree with."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

BAD_WAITING = 0x80320000
BAD_OUT_OF_RANGE = 0x803C0000
BAD_TYPE_MISMATCH = 0x80740000
CELL = 500_000_000
NEVER = -(2**63)
PUMPS = ("pump1", "pump2", "pump3")


@dataclass(frozen=True)
class Known:
    time: int = NEVER
    value: float = math.nan
    status: int = BAD_WAITING
    text: str | None = None


Reading = tuple[str, int, float, int, str | None]
Told = tuple[str, int, float, int]


def calculate(messages: Sequence[tuple[int, Sequence[Reading]]]) -> list[Told]:
    """Return the readings of calculated tags that messages, (taken by the bus at, readings), give; the last
    cell is closed."""
    last: dict[str, Known] = {}
    changed: set[str] = set()
    told: list[Told] = []
    cell = 0
    for at, rows in [*messages, (messages[-1][0] + 10 * CELL, ())]:
        if at // CELL > cell:
            told += _cell(last, changed)
            changed.clear()
            cell = at // CELL
        for tag, time, value, status, text in rows:
            if time > last.get(tag, Known()).time:
                last[tag] = Known(time, value, status, text)
                changed.add(tag)
    return told


def _cell(last: dict[str, Known], changed: set[str]) -> list[Told]:
    told: list[Told] = []

    def get(tag: str) -> Known:
        return last.get(tag, Known())

    def tell(tag: str, inputs: Sequence[str], value: float, status: int) -> None:
        if not changed.intersection(inputs):
            return
        time = max(get(one).time for one in inputs)
        if not status >> 31 and not math.isfinite(value):
            status = BAD_OUT_OF_RANGE
        value = math.nan if status >> 31 else value
        told.append((tag, time, value, status))
        if time >= get(tag).time:
            last[tag] = Known(time, value, status)
            changed.add(tag)

    for pump in PUMPS:
        power, flow, mode = (f"{pump}:{one}" for one in ("power", "flow", "mode"))
        a, b = number(get(power)), number(get(flow))
        tell(f"{pump}:specific", (power, flow), divide(a.value, b.value), worst(a.status, b.status))
        state = get(mode)
        told_mode = BAD_TYPE_MISMATCH if state.text is None and not state.status >> 31 else state.status
        by_hand = float(state.text == "hand" and a.value > 1)
        tell(f"{pump}:by_hand", (mode, power), by_hand, worst(told_mode, a.status))
    powers = [f"{pump}:power" for pump in PUMPS]
    parts = [number(get(one)) for one in powers]
    losses = number(get("main:losses"))
    powers_together = sum(part.value for part in parts)
    status = parts[0].status
    for part in parts[1:]:
        status = worst(status, part.status)
    if not status >> 31 and not math.isfinite(powers_together):
        status = BAD_OUT_OF_RANGE
    together = powers_together + losses.value / 1000
    status = worst(status, losses.status)
    tell("main:total", (*powers, "main:losses"), together / 1000, status)
    total = get("main:total")
    for pump in PUMPS:
        own = number(get(f"{pump}:power"))
        share = divide(own.value / 1000, total.value) * 100
        tell(f"{pump}:share", (f"{pump}:power", "main:total"), share, worst(own.status, total.status))
    return told


def number(known: Known) -> Known:
    """What carries no number where one is wanted is Bad."""
    if math.isnan(known.value) and not known.status >> 31:
        return Known(known.time, known.value, BAD_TYPE_MISMATCH)
    return known


def divide(a: float, b: float) -> float:
    return a / b if b else math.nan


def worst(first: int, second: int) -> int:
    return second if second >> 30 > first >> 30 else first


def newest(told: Sequence[Told]) -> Mapping[tuple[str, int], tuple[float, int]]:
    """Return what a history keeps: of a tag and a time what was told last."""
    return {(tag, time): (value, status) for tag, time, value, status in told}
