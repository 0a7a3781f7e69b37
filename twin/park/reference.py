"""The tables of ``docs/park-file.md``, made from the rules and units themselves.

``python -m twin.park.reference docs/park-file.md`` writes them between their markers.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path

from twin.park.data_types import DATA_TYPES
from twin.park.rules import RULES
from twin.park.shapes import SHAPES
from twin.park.units import UNITS


def markdown_table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _bounds(low: float | None, high: float | None) -> str:
    if low is None and high is None:
        return ""
    return f"{'-∞' if low is None else f'{low:.10g}'} to {'∞' if high is None else f'{high:.10g}'}"


def _units() -> str:
    rows = (
        (f"`{u.symbol}`", u.quantity, f"`{u.ucum}`", _bounds(u.lowest, u.highest)) for u in UNITS.values()
    )
    return markdown_table(("unit", "quantity", "UCUM", "can be"), rows)


def _rules() -> str:
    rows = (
        (f"`{rule.code}`", rule.text + (" (warning)" if rule.severity == "warning" else ""))
        for rule in RULES.values()
    )
    return markdown_table(("code", "rule"), rows)


def _data_types() -> str:
    rows = ((f"`{t.name}`", t.family, _bounds(t.lowest, t.highest)) for t in DATA_TYPES.values())
    return markdown_table(("data_type", "values", "holds"), rows)


def _shapes() -> str:
    return ", ".join(f"`{shape}`" for shape in SHAPES)


TABLES: Mapping[str, Callable[[], str]] = {
    "shapes": _shapes,
    "data types": _data_types,
    "units": _units,
    "rules": _rules,
}
"""What makes the text between ``<!-- begin NAME -->`` and ``<!-- end NAME -->``."""


def fill_tables(page: str, tables: Mapping[str, Callable[[], str]] = TABLES) -> str:
    """Return the page with every table made anew.

    Raises:
        ValueError: the page lacks the markers of a table.
    """
    for name, make in tables.items():
        marked = re.compile(rf"(<!-- begin {name} -->\n).*?(\n<!-- end {name} -->)", re.DOTALL)
        if not marked.search(page):
            raise ValueError(f"page has no markers of table {name!r}; add <!-- begin {name} --> and end")
        page = marked.sub(partial(_between, make()), page)
    return page


def _between(text: str, markers: re.Match[str]) -> str:
    return f"{markers[1]}{text}{markers[2]}"


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        path = Path(argument)
        path.write_text(fill_tables(path.read_text()))
