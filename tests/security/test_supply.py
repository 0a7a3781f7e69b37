"""What ParkTwin is made of: pinned, licensed, listed, without a secret in it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.security.supply import audit, packages, sbom, secret_scan

RANDOM = "A" + "bC3dE5fG7h" * 4 + "iJ"
SECRETS = {
    "Private Key": "-----BEGIN RSA " + "PRIVATE KEY-----",
    "AWS Access Key": "key = 'AKIA" + "QWERTYUIOPASDFGH'",
    "GitHub Token": "gh" + "p_" + "aB3dE5gH7j" * 3 + "aB3dE5",
    "Basic Auth Credentials": "postgresql://parktwin:" + "hunter2hunter2@db/x",
    "ParkTwin token": "Bearer ptt" + f"_0123456789ab_{RANDOM}",
}


@pytest.mark.parametrize("kind", SECRETS)
def test_a_secret_in_a_file_is_found_and_not_shown(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "notes.md"
    file.write_text(f"# notes\n\nuse {SECRETS[kind]}\n")
    found = list(secret_scan.scan([file], tmp_path))
    assert kind in {one.kind for one in found}
    assert SECRETS[kind] not in "".join(map(str, found))
    file.write_text(f"{SECRETS[kind]}  # {secret_scan.ALLOWED}: of the test\n")
    assert list(secret_scan.scan([file], tmp_path)) == []


def test_what_is_no_secret_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "notes.md"
    file.write_text(
        "link=/sign-in?link=...\npostgresql+psycopg://parktwin:${PASSWORD}@postgres/x\n"
        "session pts_ of 43 letters\n"
        "def test_a_stroke_weighs_what_the_cut_takes_on_both_columns_together() -> None:\n"
    )
    binary = tmp_path / "picture.png"
    binary.write_bytes(b"\x89PNG\0" + SECRETS["AWS Access Key"].encode())
    assert list(secret_scan.scan([file, binary, tmp_path / "gone"], tmp_path)) == []


def test_what_is_installed_is_pinned_and_may_be_shipped() -> None:
    assert packages.main() == 0


def test_a_package_of_another_version_or_licence_is_named(tmp_path: Path) -> None:
    assert "pin it" in packages.fault_of("x", "1", None, "MIT")
    for licensed in (
        "GPL-3.0-only",
        "GNU Affero General Public License v3",
        "BUSL-1.1",
        "Elastic License 2.0",
    ):
        assert "does not let us" in packages.fault_of("x", "1", "1", licensed), licensed
    for licensed in (
        "LGPL-3.0-only",
        "GNU Lesser General Public License v3 or later (LGPLv3+)",
        "Apache-2.0",
    ):
        assert packages.fault_of("x", "1", "1", licensed) == "", licensed
    assert "is not known" in packages.fault_of("x", "1", "1", "")


def test_the_bill_of_materials_is_valid_and_whole(tmp_path: Path) -> None:
    path = tmp_path / "var" / "sbom.cdx.json"
    assert sbom.main([str(path)]) == 0
    told = json.loads(path.read_text())
    assert (told["bomFormat"], told["metadata"]["component"]["name"]) == ("CycloneDX", "parktwin")
    named = {part["name"]: part for part in told["components"]}
    assert named.keys() >= {"asyncua", "numpy", "fastapi", "three", "uplot"}
    assert "pytest" not in named, "it is no part of what runs"
    assert named["numpy"]["version"] == packages.pins(packages.CONSTRAINTS.read_text())["numpy"]
    assert all(part["licenses"] and part["purl"] for part in named.values())
    needs = {row["ref"]: row.get("dependsOn", []) for row in told["dependencies"]}
    assert named["numpy"]["bom-ref"] in needs[named["scipy"]["bom-ref"]]
    assert sbom.fault_of(path.read_text().replace("CycloneDX", "CycloneDY"))


def test_an_audit_that_could_ask_nobody_says_so_and_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    status, told = audit.audit()
    assert status == audit.NOT_AUDITED
    assert told.startswith("NOT AUDITED")


def test_a_package_that_no_source_knows_was_not_audited() -> None:
    known = {"name": "x", "version": "1", "vulns": []}
    assert audit.judge([known])[0] == audit.NONE_KNOWN
    assert audit.judge([])[0] == audit.NOT_AUDITED
    assert audit.judge([known, {"name": "y", "skip_reason": "not found"}])[0] == audit.NOT_AUDITED
    bad = {"name": "z", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}]}
    status, told = audit.judge([known, bad, {"name": "y", "skip_reason": "not found"}])
    assert (status, told) == (audit.FAULTS, "z 1: CVE-1, mended in 2")


def test_no_secret_stands_in_what_git_keeps() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.security.supply.secret_scan"],
        capture_output=True, text=True, check=False, cwd=packages.ROOT,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "")
