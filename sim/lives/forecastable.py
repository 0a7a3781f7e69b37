"""Which failure modes a look every so often can forecast at all."""

from __future__ import annotations

from sim.degradation.never import NEVER
from sim.degradation.weibull_sudden import WeibullSudden
from sim.kind import FailureMode, MachineKind

WARNING_WINDOWS = 6
"""A failure whose P-F interval is shorter than so many looks is over before it can be noticed (Moubray 1997,
chapter 7: the interval of inspection is at most half of the P-F interval, less with noise)."""
LIFE_WINDOWS = 100
"""A life of fewer looks is all baseline: such a part is changed by schedule, or looked at more often."""


def forecastable(kind: MachineKind, window_h: float) -> tuple[tuple[FailureMode, ...], dict[str, str]]:
    """Return the modes of a kind that can be forecast, and of the others why not, by name."""
    modes: list[FailureMode] = []
    left: dict[str, str] = {}
    for mode in kind.modes:
        why = _why_not(mode, window_h)
        if why:
            left[mode.name] = why
        else:
            modes.append(mode)
    return tuple(modes), left


def _why_not(mode: FailureMode, window_h: float) -> str:
    law = mode.law
    if law is NEVER:
        return "a disturbance, does not wear"
    if isinstance(law, WeibullSudden) and law.warning_h < WARNING_WINDOWS * window_h:
        return f"shows only {law.warning_h:g} h before; at least {WARNING_WINDOWS * window_h:g} h are needed"
    usual_h = getattr(law, "median_h", getattr(law, "nominal_h", getattr(law, "scale_h", 0.0)))
    if usual_h < LIFE_WINDOWS * window_h:
        return f"usually lasts {usual_h:g} h; at least {LIFE_WINDOWS * window_h:g} h are needed"
    return ""
