"""``parktwin certs init``: what a closed network needs, made once and given to who runs each server."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from connectors.pki.commands import app
from twin.bus.signatures import open_signing


def test_a_closed_network_is_made_and_kept(tmp_path: Path) -> None:
    command = ["init", "--out", str(tmp_path), "--host", "kafka=localhost", "--host", "postgres"]
    first = CliRunner().invoke(app, command)
    assert first.exit_code == 0, first.output
    assert first.output.count("made  ") == 2
    assert {path.name for path in tmp_path.iterdir()} == {
        "ca.pem", "ca.key.pem", "kafka.pem", "kafka.key.pem", "kafka.both.pem",
        "postgres.pem", "postgres.key.pem", "postgres.both.pem", "signing",
    }  # fmt: skip
    for service in ("twin", "connectors"):
        open_signing(tmp_path / "signing" / f"{service}.key.pem", tmp_path / "signing" / "trust")
    before = (tmp_path / "kafka.pem").read_bytes()
    again = CliRunner().invoke(app, command)
    assert again.output.count("kept  ") == 2
    assert (tmp_path / "kafka.pem").read_bytes() == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away, as in the compose file")
def test_keys_are_given_to_who_runs_the_server(tmp_path: Path) -> None:
    command = ["init", "--out", str(tmp_path), "--host", "kafka", "--owner", "kafka=1000"]
    done = CliRunner().invoke(app, [*command, "--service-owner", "10001"])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "kafka.both.pem").stat().st_uid == 1000
    assert (tmp_path / "signing" / "twin.key.pem").stat().st_uid == 10001
    assert (tmp_path / "ca.key.pem").stat().st_uid == 0
    assert CliRunner().invoke(app, [*command[:-1], "kafka"]).exit_code == 2
