from __future__ import annotations

from pathlib import Path

import pytest

from twin.api.settings import TwinSettings, check_roles
from twin.service.settings import SettingsError, load

PARK = Path("park.yaml")


def test_everything_but_the_park_has_a_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARKTWIN_PARK", "park.yaml")
    settings = load(TwinSettings)
    assert settings.roles == {"serve", "evaluate", "record"}
    assert settings.alarm_lateness_s == 0.1
    assert (settings.tick_s, settings.snapshot_s) == (0.5, 10.0)
    assert settings.history_url == "chdb:var/history"
    assert settings.database_url == "sqlite:///var/twin.sqlite3"


def test_roles_come_as_a_list_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARKTWIN_ROLES", " serve, record")
    assert load(TwinSettings, park=PARK).roles == {"serve", "record"}
    monkeypatch.setenv("PARKTWIN_ROLES", "record")
    assert load(TwinSettings, park=PARK).roles == {"record"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("roles", "serve,sing"),
        ("roles", ""),
        ("tick_s", "0"),
        ("snapshot_s", "-1"),
        ("alarm_lateness_s", "-1"),
        ("history", "csv:x"),
        ("history_days", "-1"),
        ("history_days", "9001"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"PARKTWIN_{name.upper()}", value)
    with pytest.raises(SettingsError, match=f"PARKTWIN_{name.upper()}"):
        load(TwinSettings, park=PARK)


def test_without_a_park_nothing_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PARKTWIN_PARK", raising=False)
    with pytest.raises(SettingsError, match="PARKTWIN_PARK"):
        load(TwinSettings)


DATABASE = "postgresql://parktwin@db/parktwin"
SERVER = "clickhouse://parktwin@history:8123/parktwin"


@pytest.mark.parametrize(
    ("roles", "history", "database", "refused"),
    [
        ("serve,evaluate,record", "", "", ""),
        ("serve,record", "", DATABASE, ""),
        ("evaluate", "", DATABASE, ""),
        ("serve", SERVER, DATABASE, ""),
        ("record", SERVER, DATABASE, ""),
        ("serve", "", DATABASE, "add record to the roles of this process, or set PARKTWIN_HISTORY"),
        ("record,evaluate", "chdb:/var/x", DATABASE, "add serve to the roles"),
        ("evaluate", "", "", "set PARKTWIN_DATABASE to the same"),
        ("serve", SERVER, "", "set PARKTWIN_DATABASE to the same"),
    ],
)
def test_roles_that_run_apart_need_somewhere_to_meet(
    roles: str, history: str, database: str, refused: str
) -> None:
    settings = load(TwinSettings, park=PARK, roles=roles, history=history, database=database)
    if refused:
        with pytest.raises(SettingsError, match=refused):
            check_roles(settings)
    else:
        check_roles(settings)
