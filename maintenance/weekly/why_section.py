"""The part of the weekly report that says why: signals, trend, what they do, and past machines alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from maintenance.weekly.words import SignalNames, said_by_name
from maintenance.wording import Language, number, pick
from twin.contract.health import MachineHealth

MOST_MACHINES = 10

TEXTS: Mapping[str, tuple[str, str]] = {
    "title": ("Vì sao", "Why"),
    "signals": ("Tín hiệu: {reasons}.", "Signals: {reasons}."),
    "steps": (
        "Ước tính số giờ còn lại: chỉ theo tuổi và loại máy {age}, thêm tín hiệu hiện nay {signals}, "
        "thêm diễn biến trước đó {course}.",
        "Hours left by age and kind alone {age}, with its signals of now {signals}, with the way there "
        "{course}.",
    ),
    "similar": (
        "{count} máy mẫu từng ở mức này chạy thêm {low} đến {high} giờ rồi hỏng: {modes}.",
        "{count} past machines that once looked the same ran {low} to {high} hours more, then failed: "
        "{modes}.",
    ),
}


def why_section(
    urgent: Sequence[MachineHealth],
    name: Callable[[MachineHealth], str],
    language: Language,
    signals: SignalNames,
) -> list[str]:
    """Write why the most urgent machines are so, as lines of Markdown; ``name`` says what one is called, and
    ``signals`` what its signals are."""
    told = [one for one in urgent[:MOST_MACHINES] if one.reasons]
    if not told:
        return []
    lines = [f"### {pick(TEXTS['title'], language)}", ""]
    for health in told:
        sentences = list(_sentences(health, language, signals))
        lines.append(f"- **{name(health)}**: {' '.join(sentences)}")
    return lines


def _sentences(health: MachineHealth, language: Language, signals: SignalNames) -> list[str]:
    def say(key: str, **values: str) -> str:
        return pick(TEXTS[key], language).format(**values)

    reasons = "; ".join(said_by_name(health, one, language, signals) for one in health.reasons)
    sentences = [say("signals", reasons=reasons)]
    if trend := pick((health.trend_vi, health.trend_en), language):
        sentences.append(f"{trend[:1].upper()}{trend[1:]}.")
    if health.steps:
        hours = {step.block: number(step.remaining_h, language) for step in health.steps}
        sentences.append(say("steps", **hours))
    if health.similar:
        sentences.append(_similar(health, language))
    return sentences


def _similar(health: MachineHealth, language: Language) -> str:
    names = {mode.mode: pick((mode.name_vi, mode.name_en), language) for mode in health.modes}
    ends = Counter(names.get(one.mode, one.mode) for one in health.similar)
    left = [one.remaining_h for one in health.similar]
    return pick(TEXTS["similar"], language).format(
        count=len(left),
        low=number(min(left), language),
        high=number(max(left), language),
        modes=", ".join(f"{name[:1].lower()}{name[1:]} ({count})" for name, count in ends.most_common()),
    )
