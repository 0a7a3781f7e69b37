"""Numbers as people write them, in Vietnamese and English."""

from __future__ import annotations

from typing import Literal

Language = Literal["vi", "en"]


def number(value: float, language: Language, *, digits: int = 2) -> str:
    """A number to as many digits as are known of it; Vietnamese has a decimal comma and a point at thousands.

    >>> [number(value, "en") for value in (0.4, 7.26, 154.0, 23450.0)]
    ['0.4', '7.3', '150', '23,000']
    >>> [number(value, "vi") for value in (0.4, 7.26, 154.0, 23450.0)]
    ['0,4', '7,3', '150', '23.000']
    """
    rounded = float(f"{value:.{digits}g}")
    text = f"{rounded:,.0f}" if abs(rounded) >= 10 ** (digits - 1) and rounded == round(rounded) else None
    if text is None:
        text = f"{rounded:g}"
    return text.translate(str.maketrans(",.", ".,")) if language == "vi" else text


def running_time(hours: float, language: Language) -> str:
    """A running time as people say it.

    >>> running_time(0.13, "vi"), running_time(0.13, "en"), running_time(2.5, "vi"), running_time(150.0, "en")
    ('8 phút', '8 min', '2,5 giờ', '150 h')
    """
    if hours < 0.995:
        return f"{max(round(60 * hours), 1)} {pick(('phút', 'min'), language)}"
    return f"{number(hours, language)} {pick(('giờ', 'h'), language)}"


def pick(pair: tuple[str, str], language: Language) -> str:
    """The text of a language, of a pair in Vietnamese and English."""
    return pair[0 if language == "vi" else 1]


def share(probability: float, language: Language) -> str:
    """A probability in percent; only what is certain is 0 or 100.

    >>> share(0.0003, "vi"), share(0.074, "en"), share(0.9999, "en"), share(1.0, "en")
    ('dưới 1 %', '7 %', 'over 99 %', '100 %')
    """
    if 0.0 < probability < 0.005:
        return pick(("dưới 1 %", "under 1 %"), language)
    if 0.995 < probability < 1.0:
        return pick(("trên 99 %", "over 99 %"), language)
    return f"{100 * probability:.0f} %"
