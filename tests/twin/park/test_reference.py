"""The reference for people says what the code does."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

from twin.park.entry import Entry
from twin.park.faults import Report
from twin.park.park_file import check_park
from twin.park.reference import fill_tables
from twin.park.report import run_check
from twin.park.schema import SECTIONS, EquipmentEntry, ParkEntry, SignalChange, SignalEntry

PAGE = Path(__file__).parents[3] / "docs" / "park-file.md"
GOOD = Path(__file__).parent / "good"


def example() -> str:
    found = re.search(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert found is not None
    return found[1]


def checked(text: str, folder: Path) -> Report:
    (folder / "park.yaml").write_text(text)
    return check_park(folder / "park.yaml", {})


def test_the_example_of_the_page_checks_without_a_word(tmp_path: Path) -> None:
    report = checked(example(), tmp_path)
    assert report.faults == ()
    assert report.park is not None
    assert len(report.park.equipment) == 4
    assert {tag.source for tag in report.park.tags} == {"dongho", ""}


def test_the_tables_of_the_page_are_up_to_date() -> None:
    page = PAGE.read_text()
    assert fill_tables(page) == page, "run: python -m twin.park.reference docs/park-file.md"


def test_a_page_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="markers"):
        fill_tables("# nothing")


def test_every_key_is_described() -> None:
    page = PAGE.read_text()
    models: list[type[Entry]] = [ParkEntry, SignalEntry, SignalChange, *SECTIONS.values()]
    keys = {key for model in models for key in model.model_fields}
    assert {key for key in keys if f"`{key}`" not in page} == set()
    assert {key for key in EquipmentEntry.model_fields if f"| `{key}` |" not in page} == set()


def test_a_good_park_is_summed_up_and_gives_status_0() -> None:
    out = io.StringIO()
    assert run_check(GOOD / "full" / "park.yaml", {"SMT_HOST": "10.0.0.7"}, out=out) == 0
    assert out.getvalue().startswith(f"{GOOD}/full/park.yaml: the park checks\n")
    for part in (
        "Khu công nghiệp Yên Phong / Yen Phong Industrial Park",
        "4 places, 9 pieces of equipment of 2 kinds, 78 tags (20 of them not mapped to a source)",
        "source anphat: opcua opc.tcp://10.0.0.7:48401/smt, 49 tags, simulated",
        "networks: electricity 8 links",
        "alarms: 188 limits of signals, 3 rules besides",
    ):
        assert part in out.getvalue()


def test_a_bad_park_tells_every_fault_then_a_count_and_gives_status_2(tmp_path: Path) -> None:
    path = tmp_path / "park.yaml"
    path.write_text(
        example().replace("unit: bar", "unit: Bar ").replace("kind: compressor", "kind: compresor", 1)
    )
    out = io.StringIO()
    assert run_check(path, {}, out=out) == 2
    lines = out.getvalue().splitlines()
    assert lines[-1] == f"{path}: 2 errors; nothing starts on this park"
    assert all(re.match(rf"{re.escape(str(path))}:\d+:\d+  \[[a-z.]+\]  ", line) for line in lines[:-1])


def test_a_warning_is_told_and_stops_nothing(tmp_path: Path) -> None:
    path = tmp_path / "park.yaml"
    path.write_text(example().replace("shape: compressor", "shape: compresor"))
    out = io.StringIO()
    assert run_check(path, {}, out=out) == 0
    assert "[warning, shape.unknown]" in out.getvalue()
    assert "the park checks, 1 warning\n" in out.getvalue()
