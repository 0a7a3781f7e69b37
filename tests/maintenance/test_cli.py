"""The command line on files: what it writes, and that a fault is one line and exit status 2."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest

from maintenance.artefact import save_model
from maintenance.cli import main
from maintenance.cmapss import COLUMNS
from maintenance.forecast_file import COLUMNS as FORECAST_COLUMNS
from maintenance.histories import Histories
from maintenance.model import FittedModel


def _csv(path: Path, h: Histories) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["unit", "cycle", *h.setting_names, *h.sensor_names])
        for row in range(h.rows):
            numbers = ["" if np.isnan(value) else repr(float(value)) for value in h.sensors[row]]
            writer.writerow([h.units[h.unit_of_row[row]], h.cycle[row], *h.settings[row], *numbers])
    return path


def _run(arguments: list[str]) -> int:
    try:
        return main(["rul", *arguments])
    except SystemExit as leaving:
        return int(leaving.code or 0)


@pytest.fixture
def model(tmp_path: Path, fitted: FittedModel) -> Path:
    save_model(fitted.model, tmp_path / "model")
    return tmp_path / "model"


def test_predict_writes_a_line_a_machine_with_its_reason(
    tmp_path: Path, model: Path, fitted: FittedModel, fleet: Histories
) -> None:
    live = fleet.truncated(np.where(np.arange(40) == 1, 5, 50))
    out = tmp_path / "out.csv"
    assert _run(["predict", str(model), str(_csv(tmp_path / "live.csv", live)), "--out", str(out)]) == 0
    rows = list(csv.DictReader(out.read_text().splitlines()))
    assert list(rows[0]) == [*FORECAST_COLUMNS, "status", "reason"]
    assert len(rows) == 40
    assert rows[1]["rul"] == rows[1]["p95"] == ""
    assert rows[1]["status"] == "not_enough_data"
    assert float(rows[0]["rul"]) == pytest.approx(fitted.model.forecast(live).life[0], abs=1e-3)


def test_explain_says_why_in_words(
    tmp_path: Path, model: Path, fleet: Histories, capsys: pytest.CaptureFixture[str]
) -> None:
    live = _csv(tmp_path / "live.csv", fleet.truncated(np.full(40, 50)))
    assert _run(["explain", str(model), str(live), "--unit", "3", "--language", "en"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("Machine 3: ")
    assert "Past machines most alike" in said
    assert _run(["explain", str(model), str(live), "--unit", "99"]) == 2
    assert "no machine 99" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "is empty"),
        ("unit,cycle,load\n", "no sensor beside"),
        ("unit,cycle,temperature\n1,1,2\n", "no column 'load'"),
        ("unit,cycle,load,temperature\n", "history is empty"),
        ("unit,cycle,load,temperature\n1,1,0,x\n", "line 2, column 'temperature': 'x' is not a number"),
        ("unit,cycle,load,temperature\n1,1,0\n", "line 2 has 3 fields"),
        ("unit,cycle,load,temperature\n1.5,1,0,3\n", "the unit must be a whole number"),
        ("unit,cycle,load,temperature\n1,2,0,3\n1,1,0,3\n", "comes after cycle"),
        ("unit,cycle,load,temperature\n1,1,0,3\n", "pressure, vibration, constant are missing"),
        ("unit,unit,load,temperature\n1,1,0,3\n", "two columns have one name"),
    ],
)
def test_a_bad_file_is_one_line_and_exit_status_two(
    tmp_path: Path, model: Path, capsys: pytest.CaptureFixture[str], text: str, complaint: str
) -> None:
    (tmp_path / "bad.csv").write_text(text)
    assert _run(["predict", str(model), str(tmp_path / "bad.csv"), "--out", str(tmp_path / "o.csv")]) == 2
    said = capsys.readouterr().err
    assert complaint in said
    assert said.startswith("maintenance.")
    assert said.count("\n") == 1


def test_no_folder_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(["benchmark", "cmapss", str(tmp_path)]) == 2
    assert "neither train_FD001.txt nor train_FD001.txt.gz" in capsys.readouterr().err


def test_no_such_subset_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(["benchmark", "cmapss", str(tmp_path), "--subset", "FD005"]) == 2
    assert "no subset 'FD005'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "file is empty"),
        (b"1 2 3\n", f"3 columns; a C-MAPSS file has {COLUMNS}"),
        (b"1 2\n1 2 3\n", "not a table of numbers"),
        (b"\xff\xfe", "not a table of numbers"),
        (b"nan " * COLUMNS, "names no unit"),
    ],
)
def test_a_damaged_cmapss_file_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, complaint: str
) -> None:
    (tmp_path / "train_FD001.txt.gz").write_bytes(gzip.compress(content))
    assert _run(["benchmark", "cmapss", str(tmp_path)]) == 2
    assert complaint in capsys.readouterr().err
