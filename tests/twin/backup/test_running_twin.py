"""A backup of a twin that runs, put back on an empty machine, answers as the twin did."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.twin.api.running_twin import OVEN, PARK_FILE, RunningTwin, running_twin
from twin.backup.errors import BackupError, BackupTargetError
from twin.backup.keys import Passphrase
from twin.backup.restore import restore_backup, verify_backup
from twin.contract.clock import system_clock
from twin.identity.identities import Identities

TOKEN = "for-the-test-of-the-backup"
PASSPHRASE = "nobody else knows this one"
TRENDS = f"/api/history?tag={OVEN}:speed&from=now-1h&points=10000"


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``parktwin`` without anything of ours in the environment but the passphrase."""
    bare = {name: text for name, text in os.environ.items() if not name.startswith("PARKTWIN_")}
    return subprocess.run(
        [sys.executable, "-m", "twin.cli", *arguments],
        env=bare | {"PARKTWIN_BACKUP_PASSPHRASE": PASSPHRASE},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def counted(twin: RunningTwin) -> list[float]:
    """The numbers that the history of a twin has of the source that counts."""
    answer = twin.client.get(TRENDS)
    if answer.status_code != 200:
        return []
    raw = answer.json()["raw"]
    return [] if raw is None else list(raw["value"])


def settled(twin: RunningTwin) -> dict[str, Any]:
    """What a twin says of alarms and of the past."""
    alarms = twin.client.get("/api/alarms").json()["alarms"]
    journal = twin.client.get("/api/alarms/journal").json()
    return {"alarms": alarms, "journal": journal}


class Counter:
    """Publishes 0, 1, 2... until it is stopped."""

    def __init__(self, twin: RunningTwin) -> None:
        self.told = 0
        self._twin = twin
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(0.02):
            self._twin.plant.tell([(2, time.time_ns(), float(self.told))])
            self.told += 1


def test_a_backup_of_a_running_twin_answers_the_same_elsewhere(tmp_path: Path) -> None:
    there, here, file = tmp_path / "there", tmp_path / "here", tmp_path / "park.backup"
    there.mkdir()
    identity = f"sqlite:///{there / 'identity.sqlite3'}"
    (there / "maintenance" / "models").mkdir(parents=True)
    (there / "maintenance" / "models" / "1.bin").write_bytes(os.urandom(300_000))
    (there / "connectors" / "pki").mkdir(parents=True)
    (there / "connectors" / "pki" / "own.pem").write_text("a certificate")
    with running_twin(there, PARKTWIN_IDENTITY=identity, PARKTWIN_ACCESS_TOKEN=TOKEN) as twin:
        twin.plant.beat()
        twin.wait("/api/state?tag=" + OVEN + ":speed", lambda r: r.status_code == 200)
        twin.plant.tell([(0, time.time_ns(), 310.0)])
        twin.wait("/api/alarms", lambda r: len(r.json()["alarms"]) == 2)
        counter = Counter(twin)
        try:
            twin.wait(TRENDS, lambda r: r.status_code == 200 and len(counted(twin)) > 50)
            sure = counter.told
            done = command("backup", "--to", str(file), "--dir", str(there), "--park", str(PARK_FILE))
            assert done.returncode == 0, done.stderr
            after = counter.told
        finally:
            counter.stop()
        assert after > sure, "nothing was written while the backup ran"
        before = settled(twin)
        with pytest.raises(BackupTargetError, match="twin runs there; stop it first"):
            restore_backup(file, there, Passphrase(PASSPHRASE), environment={}, force=True)

    assert [path.name for path in there.glob(".backup-*")] == []
    assert (file.stat().st_mode & 0o777) == 0o600
    assert verify_backup(file, Passphrase(PASSPHRASE)).manifest["readings"] > 50
    identities = Identities(identity, clock=system_clock)
    (token,) = identities.tokens.all()  # the one that let it in is over
    identities.close()
    assert (token.scope, token.revoked) == (("backup.make",), True)
    check_refusals(file, there, tmp_path)

    put_back = command("restore", str(file), "--dir", str(here))
    assert put_back.returncode == 0, put_back.stderr
    assert "start it with: parktwin up" in put_back.stdout
    for name in ("maintenance/models/1.bin", "connectors/pki/own.pem"):
        assert (here / name).read_bytes() == (there / name).read_bytes()
    assert (here / "park" / "park.yaml").read_bytes() == PARK_FILE.read_bytes()
    identity = f"sqlite:///{here / 'identity.sqlite3'}"
    with running_twin(here, PARKTWIN_IDENTITY=identity, PARKTWIN_ACCESS_TOKEN=TOKEN) as twin:
        twin.wait(TRENDS, lambda r: r.status_code == 200 and len(counted(twin)) >= sure)
        time.sleep(1.5)  # for more than there should be
        again = counted(twin)
        assert again == [float(n) for n in range(len(again))], "a number is missing, or twice"
        assert sure <= len(again) <= after + 1
        told = twin.wait("/api/alarms", lambda r: len(r.json()["alarms"]) == 2)
        assert told.status_code == 200
        now = settled(twin)
        assert now["alarms"] == before["alarms"]
        assert now["journal"] == before["journal"]
        twin.plant.sequence = 10_000
        twin.plant.tell([(2, time.time_ns(), -1.0)])  # and it goes on
        twin.wait(TRENDS, lambda r: counted(twin)[-1] == -1.0)
        only = httpx.get(f"{twin.url}/api/backup/history")
        assert only.status_code == 401


def check_refusals(file: Path, full: Path, scratch: Path) -> None:
    """A changed byte, another passphrase, a folder that is not empty: refused, and nothing put back."""
    changed = scratch / "changed.backup"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    changed.write_bytes(data)
    target = scratch / "nowhere"
    for which, where, passphrase, why in (
        (changed, target, PASSPHRASE, "are not what was written"),
        (file, target, "somebody else's passphrase", "it is another one"),
        (file, full, PASSPHRASE, "is not empty"),
    ):
        with pytest.raises(BackupError, match=why):
            restore_backup(which, where, Passphrase(passphrase), environment={})
        assert not target.exists()
    assert list(scratch.glob(".restore-*")) == []
