from __future__ import annotations

from pathlib import Path

import pytest

from sim.errors import SimSettingsError
from sim.plant import SHIPPED
from sim.settings import SimSettings, read_settings


def test_without_variables_the_defaults_hold() -> None:
    assert read_settings({"PATH": "/bin", "PARKTWIN_SIM_SPEED": ""}) == SimSettings()
    assert read_settings({}).park == SHIPPED
    assert read_settings({}).host == "127.0.0.1"


def test_every_variable_is_read() -> None:
    settings = read_settings(
        {
            "PARKTWIN_SIM_PARK": "other/plant.yaml",
            "PARKTWIN_SIM_HOST": "0.0.0.0",
            "PARKTWIN_SIM_PORT_ANPHAT": "0",
            "PARKTWIN_SIM_PORT_UTILITIES": "50003",
            "PARKTWIN_SIM_SPEED": "2.5",
            "PARKTWIN_SIM_SEED": "9",
            "PARKTWIN_SIM_HTTP_PORT": "8080",
            "PARKTWIN_DATA_DIR": "there",
            "PARKTWIN_LOG_LEVEL": "warning",
            "PARKTWIN_LOG_FORMAT": "json",
        }
    )
    assert settings == SimSettings(
        park=Path("other/plant.yaml"),
        host="0.0.0.0",
        ports={"anphat": 0, "utilities": 50003},
        speed=2.5,
        seed=9,
        http_port=8080,
        data_dir=Path("there"),
        log_level="warning",
        log_format="json",
    )


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PARKTWIN_SIM_SPEED", "0"),
        ("PARKTWIN_SIM_SPEED", "fast"),
        ("PARKTWIN_SIM_SEED", "-1"),
        ("PARKTWIN_SIM_PORT_ANPHAT", "65536"),
        ("PARKTWIN_SIM_HTTP_PORT", "http"),
        ("PARKTWIN_LOG_LEVEL", "loud"),
    ],
)
def test_a_wrong_value_is_told_with_its_variable(variable: str, value: str) -> None:
    with pytest.raises(SimSettingsError, match=f"{variable}='{value}'"):
        read_settings({variable: value})


def test_who_may_operate_and_when_it_begins() -> None:
    settings = read_settings(
        {
            "PARKTWIN_SIM_USERS": "lan:bi-mat-1,minh:bi-mat-2",
            "PARKTWIN_SIM_BEGIN": "2026-02-17T08:00:00+07:00",
            "PARKTWIN_SIM_SECURE": "false",
            "PARKTWIN_SIM_SCENARIO": "night.yaml",
            "PARKTWIN_SIM_PORT_ENERGY_METERS": "5020",
        }
    )
    assert settings.users == {"lan": "bi-mat-1", "minh": "bi-mat-2"}
    assert settings.begin_ns == 1_771_290_000 * 10**9
    assert not settings.secure
    assert settings.scenario == Path("night.yaml")
    assert settings.ports == {"energy_meters": 5020}
    assert read_settings({}).begin_ns is None


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("PARKTWIN_SIM_USERS", "lan", "name:password"),
        ("PARKTWIN_SIM_BEGIN", "yesterday", "RFC 3339"),
        ("PARKTWIN_SIM_BEGIN", "2026-02-17T08:00:00", "offset"),
        ("PARKTWIN_SIM_HISTORY_DEPTH", "-1", "HISTORY_DEPTH"),
    ],
)
def test_more_that_does_not_hold_is_told(variable: str, value: str, told: str) -> None:
    with pytest.raises(SimSettingsError, match=told):
        read_settings({variable: value})
