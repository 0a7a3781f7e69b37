"""docker-compose.yml is understood by Compose itself, holds no secret, and starts only what checks its
health."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors.settings import ConnectorSettings
from sim.settings import read_settings
from tests.support.require import missing
from twin.api.settings import TwinSettings, check_roles
from twin.bus import kafka_access
from twin.service.settings import ServiceSettings, load
from vision_qc.service.settings import QcSettings

ROOT = Path(__file__).parent.parent
SECRETS = {
    "PARKTWIN_ACCESS_TOKEN": "a-token-of-some-length",
    "POSTGRES_PASSWORD": "one",
    "CLICKHOUSE_PASSWORD": "two",
    "KAFKA_PASSWORD_TWIN": "three-of-sixteen-letters",
    "KAFKA_PASSWORD_CONNECTORS": "four-of-sixteen-letters",
    "KAFKA_PASSWORD_QC": "five-of-sixteen-letters",
    "KAFKA_PASSWORD_MAINTENANCE": "six-of-sixteen-letters",
}
ONCE = {"certs", "kafka-users"}
"""Of ours too, and they end."""
OURS = {"twin-serve", "twin-evaluate", "twin-record", "connectors", "qc", "maintenance", "sim"}


def compose(*arguments: str, secrets: dict[str, str]) -> subprocess.CompletedProcess[str]:
    if shutil.which("docker-compose"):
        command = ["docker-compose"]
    elif (
        shutil.which("docker")
        and subprocess.run(["docker", "compose", "version"], capture_output=True).returncode == 0
    ):
        command = ["docker", "compose"]
    else:
        missing("Docker Compose", "install docker-compose from your distribution")
    environment = {name: value for name, value in os.environ.items() if name not in SECRETS} | secrets
    return subprocess.run([*command, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True)


@pytest.fixture(scope="module")
def resolved() -> dict[str, Any]:
    done = compose("--profile", "demo", "--profile", "setup", "config", secrets=SECRETS)
    assert done.returncode == 0, done.stderr
    services = yaml.safe_load(done.stdout)["services"]
    assert isinstance(services, dict)
    return services


@pytest.mark.parametrize("left_out", SECRETS)
def test_it_refuses_to_start_without_each_secret(left_out: str) -> None:
    done = compose("config", secrets={name: value for name, value in SECRETS.items() if name != left_out})
    assert done.returncode != 0
    assert "write one" in done.stderr


def test_no_secret_stands_in_the_file() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    values = re.findall(r"^\s*\w*(?:PASSWORD|TOKEN)\w*: *(\S+)", text, re.MULTILINE)
    assert values
    assert all(value.startswith("${") for value in values)


def test_every_service_checks_its_health(resolved: dict[str, Any]) -> None:
    assert set(resolved) == OURS | ONCE | {"kafka", "postgres", "clickhouse"}
    assert {name for name, service in resolved.items() if "healthcheck" not in service} == ONCE


def test_our_services_can_do_no_harm(resolved: dict[str, Any]) -> None:
    for name in OURS | ONCE:
        service = resolved[name]
        assert service["cap_drop"] == ["ALL"], name
        assert service["read_only"] is True, name
        assert "USER parktwin" in (ROOT / "Dockerfile").read_text()


def test_services_meet_by_tls_that_is_checked_and_with_what_is_theirs(resolved: dict[str, Any]) -> None:
    users = {service.user for service in kafka_access.SERVICES}
    for name in OURS - {"sim"}:
        settings = resolved[name]["environment"]
        user = name.partition("-")[0]
        users.discard(user)
        assert settings["PARKTWIN_BUS"].startswith(f"kafkas://kafka:9092?sasl_username={user}&")
        assert settings["PARKTWIN_KAFKA_PASSWORD"] == SECRETS[f"KAFKA_PASSWORD_{user.upper()}"]
        for variable, value in settings.items():
            if str(value).startswith("postgresql"):
                assert "sslmode=verify-full" in value, variable
            assert not str(value).startswith(("kafka://", "clickhouse://")), variable
        keys = [str(volume) for volume in resolved[name]["volumes"] if ".key.pem" in str(volume)]
        mine = {"twin": ["signing/twin.key.pem"], "connectors": ["signing/connectors.key.pem"]}.get(user, [])
        if "PARKTWIN_TLS_KEY" in settings:
            mine = [*mine, f"certs/{user}.key.pem"]
        assert len(keys) == len(mine), name
        assert all(any(key in shown for shown in keys) for key in mine), name
    assert users == set()
    asked = resolved["twin-serve"]["environment"]
    for name in ("qc", "maintenance"):
        shown = resolved[name]["environment"]
        assert (
            asked[f"PARKTWIN_{'QUALITY' if name == 'qc' else 'MAINTENANCE'}_SERVICE"]
            == f"https://{name}:8420"
        )
        assert (shown["PARKTWIN_TLS_CLIENTS"], shown["PARKTWIN_TLS_KEY"]) == (
            "true",
            "/certs/service.key.pem",
        )
        assert shown["PARKTWIN_TLS_AUTHORITY"] == asked["PARKTWIN_TLS_AUTHORITY"] == "/certs/ca.pem"
        assert "PARKTWIN_PLAIN_HTTP" not in shown
    listeners = resolved["kafka"]["environment"]["KAFKA_LISTENERS"].split(",")
    assert [one for one in listeners if "127.0.0.1" not in one] == ["SECURE://:9092"]


def test_only_the_page_is_published_and_only_on_loopback(resolved: dict[str, Any]) -> None:
    published = {name: service["ports"] for name, service in resolved.items() if service.get("ports")}
    assert list(published) == ["twin-serve"]
    assert all("127.0.0.1" in str(port) for port in published["twin-serve"])


def test_the_services_accept_their_settings(
    resolved: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds: dict[str, type[ServiceSettings]] = {
        "twin-serve": TwinSettings,
        "twin-evaluate": TwinSettings,
        "twin-record": TwinSettings,
        "connectors": ConnectorSettings,
        "qc": QcSettings,
    }
    for name, kind in kinds.items():
        with monkeypatch.context() as patch:
            for variable, value in resolved[name]["environment"].items():
                patch.setenv(variable, str(value))
            settings = load(kind)
        if isinstance(settings, TwinSettings):
            check_roles(settings)
        known = {f"PARKTWIN_{field}".upper() for field in kind.model_fields}
        known |= {"PARKTWIN_CLICKHOUSE_PASSWORD", "PARKTWIN_KAFKA_PASSWORD", "PARKTWIN_SIM_ADDRESS"}
        known |= {"PARKTWIN_CLICKHOUSE_CA"}
        assert set(resolved[name]["environment"]) <= known, name
        assert settings.host == "0.0.0.0"
    assert read_settings(resolved["sim"]["environment"]).host == "0.0.0.0"
