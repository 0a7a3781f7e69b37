"""Texts that somebody else wrote, as cells of CSV that a spreadsheet may open."""

from __future__ import annotations

from typing import Final

_BEGINS_FORMULA: Final = tuple("=+-@\t\r＝＋－＠")


def plain_cell(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula (CWE-1236); a number stays one.

    >>> plain_cell("=1+1"), plain_cell("-1.5"), plain_cell("wear")
    ("'=1+1", '-1.5', 'wear')
    """
    if not text.startswith(_BEGINS_FORMULA):
        return text
    try:
        float(text)
    except ValueError:
        return "'" + text
    return text if text.strip() == text else "'" + text
