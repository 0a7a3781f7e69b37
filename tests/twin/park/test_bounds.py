"""Files that are no files, or are far too much of one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from twin.park import equipment, hierarchy
from twin.park.park_file import check_park
from twin.park.yaml_document import MAX_BYTES

MINIMAL = Path(__file__).parent / "good" / "minimal" / "park.yaml"


def codes(path: Path) -> list[str]:
    return [fault.code for fault in check_park(path, {}).faults]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    report = check_park(tmp_path / "park.yaml", {})
    assert [fault.code for fault in report.faults] == ["file.missing"]
    assert "No such file" in str(report.faults[0])


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert codes(tmp_path) == ["file.missing"]


def test_a_pipe_is_no_file_and_nobody_waits_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "park.yaml")
    assert codes(tmp_path / "park.yaml") == ["file.missing"]


def test_more_than_five_megabytes_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "park.yaml").write_bytes(b"#" * (MAX_BYTES + 1))
    assert codes(tmp_path / "park.yaml") == ["file.too_big"]


def test_an_included_file_obeys_the_same_bound(tmp_path: Path) -> None:
    (tmp_path / "park.yaml").write_text(MINIMAL.read_text() + "include: big.yaml\n")
    (tmp_path / "big.yaml").write_bytes(b"#" * (MAX_BYTES + 1))
    assert codes(tmp_path / "park.yaml") == ["file.too_big"]


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside.yaml").write_text("places: []\n")
    (tmp_path / "park").mkdir()
    (tmp_path / "park" / "kinds.yaml").symlink_to(tmp_path / "outside.yaml")
    (tmp_path / "park" / "park.yaml").write_text(MINIMAL.read_text() + "include: '*.yaml'\n")
    assert codes(tmp_path / "park" / "park.yaml") == ["include.outside"]


def test_more_equipment_than_a_park_can_have(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hierarchy, "MAX_EQUIPMENT", 99)
    text = MINIMAL.read_text().replace("id: p1/m1,", 'id: "p1/m{1..100}", step: [1, 0, 0],')
    (tmp_path / "park.yaml").write_text(text)
    assert "park.too_big" in codes(tmp_path / "park.yaml")


def test_more_tags_than_a_park_can_have(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(equipment, "MAX_TAGS", 99)
    text = MINIMAL.read_text().replace("id: p1/m1,", 'id: "p1/m{1..100}", step: [1, 0, 0],')
    (tmp_path / "park.yaml").write_text(text)
    assert codes(tmp_path / "park.yaml") == ["park.too_big"]


@pytest.mark.parametrize(
    "text", ["", "\x00", "\ufeff", "---", "%YAML 9.9\n---\na", "!!binary x", "&a *a", "? [a]\n: b", "\ud7ff"]
)
def test_odd_files_give_faults_and_no_exception(tmp_path: Path, text: str) -> None:
    (tmp_path / "park.yaml").write_text(text)
    assert codes(tmp_path / "park.yaml")


def test_a_hundred_thousand_brackets_do_not_exhaust_the_stack(tmp_path: Path) -> None:
    (tmp_path / "park.yaml").write_text("a: " + "[" * 100_000)
    assert codes(tmp_path / "park.yaml") == ["yaml.depth"]
    (tmp_path / "park.yaml").write_text("- " * 100_000)
    assert codes(tmp_path / "park.yaml") == ["yaml.depth"]
