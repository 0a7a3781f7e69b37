"""Settings: what is unsafe or wrong does not start."""

from __future__ import annotations

import pytest

from twin.service.settings import ServiceSettings, SettingsError, load


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOST", "PORT", "ACCESS_TOKEN", "BUS", "LOG_LEVEL"):
        monkeypatch.delenv(f"PARKTWIN_{name}", raising=False)


def test_defaults_listen_to_this_machine_only() -> None:
    assert load(ServiceSettings).host == "127.0.0.1"


def test_an_open_door_without_a_token_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARKTWIN_HOST", "0.0.0.0")
    with pytest.raises(SettingsError, match="PARKTWIN_ACCESS_TOKEN"):
        load(ServiceSettings)
    monkeypatch.setenv("PARKTWIN_ACCESS_TOKEN", "sixteen-letters-and-more")
    with pytest.raises(SettingsError, match="in clear"):
        load(ServiceSettings)
    monkeypatch.setenv("PARKTWIN_PLAIN_HTTP", "true")
    assert load(ServiceSettings).host == "0.0.0.0"


def test_a_fault_names_variable_value_and_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARKTWIN_PORT", "99999")
    with pytest.raises(SettingsError, match=r"PARKTWIN_PORT='99999': .*65535"):
        load(ServiceSettings)


def test_a_short_token_is_refused_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARKTWIN_ACCESS_TOKEN", "hunter2")
    with pytest.raises(SettingsError) as refusal:
        load(ServiceSettings)
    assert "ACCESS_TOKEN" in str(refusal.value)
    assert "hunter2" not in str(refusal.value)
