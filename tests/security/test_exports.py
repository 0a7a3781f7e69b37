"""What is exported as CSV is text where somebody else wrote it: a spreadsheet runs no formula of theirs."""

from __future__ import annotations

import pytest

from sim.truth.event import TruthEvent, csv_cells
from twin.contract.csv_text import plain_cell

FORMULAS = (
    '=HYPERLINK("http://evil.example")',
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "＝1",
)


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_cell_that_would_be_a_formula_is_text(formula: str) -> None:
    assert plain_cell(formula) == f"'{formula}"
    row = TruthEvent(time="2026-09-21T14:13:20.000Z", event="fault_begin", fault=formula, rul_h=-1.5)
    cells = csv_cells(row)
    assert f"'{formula}" in cells
    assert "-1.5" in cells, "a number is a number"


@pytest.mark.parametrize("text", ["", "wear", "-1.5", "+2e9", "a=b", "yenphong/x", "Nhà máy"])
def test_what_is_none_stays_as_it_is(text: str) -> None:
    assert plain_cell(text) == text
