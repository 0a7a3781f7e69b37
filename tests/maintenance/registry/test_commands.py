"""The registry from the command line: train, evaluate, register, promote, roll back, and the cards."""

from __future__ import annotations

from pathlib import Path

import pytest

from maintenance.cli import main
from maintenance.live.ledger import Ledger
from maintenance.registry.card import read_card
from tests.maintenance.condenser import KIND, WINDOW_H, condenser_folder
from twin.service.database import open_database


def _run(*arguments: str) -> int:
    try:
        return main(["maintenance", *arguments])
    except SystemExit as leaving:
        return int(leaving.code or 0)


def test_a_model_goes_its_whole_way_from_lives_to_service_and_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lives = tmp_path / "lives"
    lives.mkdir()
    (lives / KIND).symlink_to(condenser_folder(11, 24))
    out, database = tmp_path / "models", tmp_path / "health.sqlite3"
    engine = open_database(f"sqlite:///{database}")
    Ledger(engine)
    engine.dispose()
    train = ["train", str(lives), "--out", str(out), "--window-h", f"{WINDOW_H:g}", "--owner", "Lan"]
    assert _run(*train) == 0
    file = str(out / f"{KIND}.npz")
    version = read_card(out / f"{KIND}.card.json").version
    assert _run("model", "register", str(database), file, "--by", "Lan") == 0
    who = ["--by", "Minh", "--reason", "trial"]
    assert _run("model", "promote", str(database), KIND, version, *who) == 2
    assert "never evaluated" in capsys.readouterr().err
    assert _run("model", "evaluate", file, str(condenser_folder(12, 20))) == 0
    assert "| all | 20 |" in capsys.readouterr().out
    assert _run("model", "register", str(database), file, "--by", "Lan") == 0
    assert _run("model", "promote", str(database), KIND, version, *who) == 0
    assert _run("model", "list", str(database)) == 0
    assert f"{KIND} {version} in service; Lan; error at half-life" in capsys.readouterr().out
    assert _run("model", "rollback", str(database), KIND, *who) == 0
    assert _run("model", "card", file, "--language", "vi") == 0
    said = capsys.readouterr().out
    assert "the model of the folder is in service again" in said
    assert "# Thẻ mô hình: evaporative_condenser" in said
    assert _run("model", "list", str(tmp_path / "none.sqlite3")) == 2
    assert "no such file" in capsys.readouterr().err
