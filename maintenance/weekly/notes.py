"""Notes that many machines share, told once: why nothing is said of some, and why others are indicative."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from maintenance.wording import Language, pick
from twin.contract.health import MachineHealth

TEXTS: Mapping[str, tuple[str, str]] = {
    "title": ("Vì sao chỉ để tham khảo", "Why some are indicative only"),
    "few": (
        "Không lập kế hoạch sửa chữa theo những con số này: xem máy trước.",
        "Do not plan repairs by these figures: look at the machine first.",
    ),
    "row": ("{count} máy: {note}", "{count} machines: {note}"),
}
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def notes_by_frequency(notes: Sequence[str]) -> list[tuple[str, int]]:
    """Different notes with how often each is there, the most frequent first; notes that differ only in their
    numbers are one, told with the numbers of the one that is last in order of numbers.

    >>> notes_by_frequency(["3 min more", "no model", "12 min more", ""])
    [('12 min more', 2), ('no model', 1)]
    """
    groups: dict[str, list[str]] = {}
    for note in notes:
        if note:
            groups.setdefault(_NUMBER.sub("#", note), []).append(note)
    told = [(max(group, key=_numbers), len(group)) for group in groups.values()]
    return sorted(told, key=lambda one: -one[1])


def _numbers(note: str) -> list[float]:
    return [float(one.replace(",", ".")) if one.count(",") + one.count(".") <= 1 else 0.0
            for one in _NUMBER.findall(note)]  # fmt: skip


def doubts_section(urgent: Sequence[MachineHealth], language: Language) -> list[str]:
    """Write why machines that are to be acted on are indicative only, as lines of Markdown."""
    parts = [
        part
        for one in urgent
        if one.indicative
        for part in pick((one.note_vi, one.note_en), language).split("; ")
    ]
    told = notes_by_frequency(parts)
    if not told:
        return []
    return [
        "",
        f"### {pick(TEXTS['title'], language)}",
        "",
        *(f"- {pick(TEXTS['row'], language).format(count=count, note=note)}" for note, count in told),
        "",
        pick(TEXTS["few"], language),
    ]
