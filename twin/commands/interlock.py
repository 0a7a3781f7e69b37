"""Whether interlocks hold now: over live values, with good quality, not stale."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np

from twin.commands.catalogue import Guard
from twin.contract.command import Scalar
from twin.contract.status import Quality, quality
from twin.expressions.column import Column
from twin.park.command import Interlock
from twin.park.model import Tag
from twin.state.last_values import NEVER
from twin.state.twin_state import TwinState

STALE: Final = np.uint32(0x80310000)
"""BadNoCommunication: a stale value is no value to a condition that guards something."""
Verdict = Literal["holds", "fails", "unknown"]


@dataclass(frozen=True, slots=True)
class SeenValue:
    """A value that a condition looked at.

    Args:
        tag: whose.
        value: null where there is none.
        unit: symbol.
        quality: ``good``, ``uncertain`` or ``bad``.
        stale: it must not be taken for the present.
        time: source time [ns], None if there never was one.
    """

    tag: str
    value: Scalar | None
    unit: str
    quality: str
    stale: bool
    time: int | None


@dataclass(frozen=True, slots=True)
class InterlockState:
    """How an interlock stands: it ``holds``, it ``fails``, or it is ``unknown`` because what it looks at is
    not of good quality, which is not good enough."""

    interlock: Interlock
    verdict: Verdict
    seen: tuple[SeenValue, ...]


def seen_of(state: TwinState, tags: Sequence[Tag]) -> list[SeenValue]:
    """Return some tags as they are now."""
    return [seen for seen, _ in _pick(state, tags)]


def look(state: TwinState, guards: Sequence[Guard]) -> tuple[InterlockState, ...]:
    """Evaluate interlocks on the live state, all at one moment."""
    tags = {tag.tag: tag for guard in guards for tag in guard.tags.values()}
    picked = dict(zip(tags, _pick(state, list(tags.values())), strict=True))
    return tuple(_verdict(guard, picked) for guard in guards)


def _pick(state: TwinState, tags: Sequence[Tag]) -> list[tuple[SeenValue, Column]]:
    picked = state.pick([tag.index for tag in tags])
    found = []
    for row, tag in enumerate(tags):
        status, stale = int(picked.status[row]), bool(picked.stale[row])
        text, time = picked.texts.get(row), int(picked.source_time[row])
        value = float(picked.value[row])
        seen = SeenValue(
            tag=tag.tag,
            value=text if text is not None else None if np.isnan(value) else value,
            unit=tag.signal.unit,
            quality=quality(status).name.lower(),
            stale=stale,
            time=None if time == NEVER else time,
        )
        usable = status if not stale and state.live else int(STALE)
        found.append((seen, Column.of([value], usable, [text])))
    return found


def _verdict(guard: Guard, picked: Mapping[str, tuple[SeenValue, Column]]) -> InterlockState:
    inputs = {name: picked[tag.tag][1] for name, tag in guard.tags.items()}
    found = guard.expression.evaluate(inputs, 1)
    verdict: Verdict = "unknown"
    if quality(int(found.status[0])) is Quality.GOOD:
        verdict = "holds" if found.value[0] else "fails"
    return InterlockState(guard.interlock, verdict, tuple(picked[tag.tag][0] for tag in guard.tags.values()))


def failing_of(
    states: Sequence[InterlockState], shows: Callable[[Iterable[str]], bool] = lambda _: True
) -> str:
    """Say what does not hold, in one sentence; "" if everything does.

    Args:
        states: of all interlocks.
        shows: whether the values of some tags may be told.
    """
    parts = []
    for one in states:
        if one.verdict == "holds":
            continue
        seen = ", ".join(
            f"{value.tag} = {'nothing' if value.value is None else value.value}"
            f"{f' {value.unit}' if value.unit else ''} ({'stale' if value.stale else value.quality})"
            for value in one.seen
        )
        what = "does not hold" if one.verdict == "fails" else "cannot be seen to hold"
        name = one.interlock.display
        why = seen if shows(value.tag for value in one.seen) else "by values that are not shared with you"
        parts.append(f"interlock {one.interlock.id} ({name.vi} / {name.en}) {what}: {why}")
    return "; ".join(parts)


def told(states: Sequence[InterlockState]) -> list[dict[str, Any]]:
    """How interlocks stood, for the audit."""
    return [
        {
            "id": one.interlock.id,
            "when": one.interlock.expression,
            "verdict": one.verdict,
            "seen": [
                {"tag": value.tag, "value": value.value, "quality": value.quality, "stale": value.stale}
                for value in one.seen
            ],
        }
        for one in states
    ]
