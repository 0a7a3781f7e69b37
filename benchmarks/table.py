"""The table of results: one row per figure, with its target and the peer measured in the same run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter


@dataclass(frozen=True, slots=True)
class Row:
    """One figure.

    Args:
        area: which part, e.g. ``decode``.
        name: what was measured.
        figure: the number.
        unit: of the number.
        target: what the figure must reach, in words ("at least 25"), "" if it is only reported.
        met: whether it did; None if there is no target.
        note: peer, sizes, anything a reader needs.
    """

    area: str
    name: str
    figure: float
    unit: str
    target: str = ""
    met: bool | None = None
    note: str = ""


def median_seconds(work: Callable[[], object], repeats: int = 5) -> float:
    """Run ``work`` a few times and return the median seconds of one run."""
    seconds = []
    for _ in range(repeats):
        start = perf_counter()
        work()
        seconds.append(perf_counter() - start)
    return median(seconds)


def as_markdown(rows: Sequence[Row]) -> str:
    """Write the rows as a Markdown table."""
    lines = ["| area | what | figure | target | met | note |", "| --- | --- | ---: | --- | --- | --- |"]
    for row in rows:
        met = {None: "", True: "yes", False: "**no**"}[row.met]
        figure = f"{row.figure:,.4g}" if row.figure < 1000 else f"{row.figure:,.0f}"
        lines.append(f"| {row.area} | {row.name} | {figure} {row.unit} | {row.target} | {met} | {row.note} |")
    return "\n".join(lines)
