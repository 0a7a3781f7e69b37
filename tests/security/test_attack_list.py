"""The list of attacks names tests that are there, that run in CI, and enough of them."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIST = ROOT / "docs" / "attacks.md"
LEAST = 60
"""Attacks that issue 9 asks for."""
ROW = re.compile(
    r"^\| (?P<attack>[^|*]+) \| (?P<stands>[^|]+) \| `(?P<file>[^`:]+)::(?P<test>\w+)` \|$", re.MULTILINE
)


def rows() -> list[re.Match[str]]:
    """The rows of the list."""
    return list(ROW.finditer(LIST.read_text()))


@cache
def those_of(file: str) -> frozenset[str]:
    """The tests of a file that are collected and are no trial."""
    tree = ast.parse((ROOT / file).read_text())
    found = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            marks = {ast.unparse(one) for one in node.decorator_list}
            if not any(mark.startswith(("pytest.mark.trial", "pytest.mark.skip")) for mark in marks):
                found.add(node.name)
    return frozenset(found)


def test_every_row_has_an_attack_what_stands_against_it_and_a_test() -> None:
    lines = [line for line in LIST.read_text().splitlines() if line.startswith("| ") and "**" not in line]
    assert len(rows()) == len(lines) - 2, "a row that cannot be read"
    attacks = [row["attack"] for row in rows()]
    assert len(set(attacks)) == len(attacks)
    assert len(attacks) >= LEAST


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["attack"].strip()[:60])
def test_the_test_that_it_names_is_there(row: re.Match[str]) -> None:
    assert Path(row["file"]).name.startswith("test_")
    assert row["test"] in those_of(row["file"])
