"""A case is a folder named after the rule (and what is special): a park, and the faults it must give, to the
letter."""

from __future__ import annotations

from pathlib import Path

import pytest

from twin.park.park_file import check_park
from twin.park.rules import RULES

CASES = sorted(path for path in (Path(__file__).parent / "cases").iterdir() if path.is_dir())
WITHOUT_A_FOLDER = {"file.missing", "file.too_big", "park.too_big"}
"""Rules about what cannot lie in a folder; their tests are in test_bounds.py."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_gives_exactly_its_faults(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(case)
    report = check_park(Path("park.yaml"), {})
    assert [str(fault) for fault in report.faults] == (case / "expected.txt").read_text().splitlines()
    assert (report.park is None) == (report.errors > 0)
    for fault in report.faults:
        assert fault.rule
        assert fault.next_step
        assert fault.line >= 1
        assert fault.column >= 1


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_is_named_after_a_rule_it_breaks(case: Path) -> None:
    rule = next(code for code in RULES if case.name == code or case.name.startswith(f"{code}_"))
    assert f"{rule}]" in (case / "expected.txt").read_text()


def test_every_rule_has_a_case() -> None:
    seen = {code for code in RULES for case in CASES if case.name == code}
    assert seen | WITHOUT_A_FOLDER == set(RULES)
