"""Explanations of forecasts as sentences in Vietnamese and English."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from maintenance.explain import AGE, EXPOSURE, Explanation
from maintenance.forecast import Forecasts
from maintenance.wording import Language, number, pick, share

MOST_SIGNALS = 5
LEAST_CYCLES = 0.5
"""What changes a forecast by less is not told."""

_TEXTS: Mapping[str, tuple[str, str]] = {
    "none": ("Máy {unit}: không có dự báo; {reason}", "Machine {unit}: no forecast; {reason}"),
    "told": (
        "Máy {unit}: còn khoảng {life} chu kỳ ({low} đến {high}, 90 %); xác suất hỏng trong 30 chu kỳ tới "
        "{risk}",
        "Machine {unit}: about {life} cycles left ({low} to {high}, 90 %); fails within 30 cycles with a "
        "probability of {risk}",
    ),
    "healthy": (
        "Máy {unit}: khỏe, còn hơn {life} chu kỳ",
        "Machine {unit}: healthy, more than {life} cycles left",
    ),
    "signals": (
        "Vì sao, so với máy trung bình lúc học ({reference} chu kỳ):",
        "Why, against the mean of training ({reference} cycles):",
    ),
    "signal": ("{of}: {change} chu kỳ{trend}", "{of}: {change} cycles{trend}"),
    "rising": ("; đang tăng", "; rising"),
    "falling": ("; đang giảm", "; falling"),
    "others": ("các tín hiệu khác: {change} chu kỳ", "all other signals: {change} cycles"),
    "blocks": ("Theo khối:", "By block:"),
    "similar": (
        "Máy mẫu từng giống nhất, và đã kết thúc ra sao:",
        "Past machines most alike, and how they ended:",
    ),
    "one": (
        "máy {unit}: hỏng sau đó {left} chu kỳ (khác biệt {distance})",
        "machine {unit}: failed {left} cycles later (difference {distance})",
    ),
    "level": ("mức tín hiệu hiện nay", "levels of the signals now"),
    "trend": ("xu hướng gần đây", "trends of late"),
    "youth": ("so với lúc máy còn mới", "against the machine's own youth"),
    AGE: ("tuổi máy", "age"),
    EXPOSURE: ("chế độ đã chạy", "regimes it has run in"),
}
STILL = 0.005
"""A slope below this, in scatters a cycle, is no trend."""


def explanation_lines(found: Explanation, told: Forecasts, index: int, language: Language) -> Iterator[str]:
    """An explanation as text, of the forecast with this index."""

    def say(name: str, **values: str | int) -> str:
        return pick(_TEXTS[name], language).format(**values)

    if not np.isfinite(found.life):
        yield say("none", unit=found.unit, reason=told.reasons[index])
        return
    yield _forecast_line(found, told, index, language)
    yield f"  {say('signals', reference=number(found.reference, language))}"
    yield from _signal_lines(found, language)
    yield f"  {say('blocks')}"
    for name, value in found.by_block:
        if abs(value) >= LEAST_CYCLES:
            yield f"    {say('signal', of=_named(name, language), change=_change(value, language), trend='')}"
    yield f"  {say('similar')}"
    for one in found.similar:
        left, distance = (number(value, language) for value in (one.left, one.distance))
        yield f"    {say('one', unit=one.unit, left=left, distance=distance)}"


def _forecast_line(found: Explanation, told: Forecasts, index: int, language: Language) -> str:
    life, low, high = (number(float(one), language) for one in (found.life, *told.quantiles[index][[0, -1]]))
    if told.status[index] == "healthy":
        beyond = number(0.95 * told.cap, language)
        return pick(_TEXTS["healthy"], language).format(unit=found.unit, life=beyond)
    risk = share(float(told.fails_within[index]), language)
    return pick(_TEXTS["told"], language).format(unit=found.unit, life=life, low=low, high=high, risk=risk)


def _signal_lines(found: Explanation, language: Language) -> Iterator[str]:
    rest = 0.0
    for place, ((name, value), slope) in enumerate(zip(found.by_signal, found.trend, strict=True)):
        if place >= MOST_SIGNALS or abs(value) < LEAST_CYCLES:
            rest += value
            continue
        moving = ""
        if abs(slope) > STILL:
            moving = pick(_TEXTS["rising" if slope > 0 else "falling"], language)
        text = pick(_TEXTS["signal"], language)
        yield "    " + text.format(of=_named(name, language), change=_change(value, language), trend=moving)
    if abs(rest) >= LEAST_CYCLES:
        yield "    " + pick(_TEXTS["others"], language).format(change=_change(rest, language))


def _change(value: float, language: Language) -> str:
    return ("+" if value > 0 else "−") + number(abs(value), language)


def _named(name: str, language: Language) -> str:
    return pick(_TEXTS[name], language) if name in _TEXTS else name
