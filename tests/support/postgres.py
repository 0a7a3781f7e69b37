"""A real PostgreSQL for tests: Debian's binaries on a free port of loopback, or one that runs already."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from tests.support.ports import free_port
from tests.support.require import missing
from twin.contract.clock import system_clock
from twin.service.closed_network import make_network

_START_S = 60
AUTHORITIES: dict[int, Path] = {}
"""By port of a server that we started: the certificate of the authority that signed its own."""


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of a real PostgreSQL."""
    with postgres_server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of an empty database, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/tables.db"
        return
    with fresh_database(request.getfixturevalue("postgres")) as url:
        yield url


@contextmanager
def fresh_database(server: str) -> Iterator[str]:
    """Make an empty database on a server and drop it at the end."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def postgres_server() -> Iterator[str]:
    """Run PostgreSQL for as long as the context is open and yield its URL.

    ``PARKTWIN_TEST_POSTGRES=url`` uses one that runs already. The server is ours alone: own user where we
    are root (it refuses to run as root), own temporary folder, no socket, stopped by its own pid.
    """
    running = os.environ.get("PARKTWIN_TEST_POSTGRES")
    if running:
        yield running
        return
    binaries = _binaries()
    folder = Path(tempfile.mkdtemp(prefix="parktwin-postgres-"))
    try:
        user = _unprivileged_user(folder)
        data = folder / "data"
        password = folder / "password"
        password.write_text("test-only")
        if user is not None:
            shutil.chown(password, user)
        command: list[str | Path] = [
            binaries / "initdb",
            "-D",
            data,
            "-U",
            "parktwin",
            "-A",
            "scram-sha-256",
            "-E",
            "UTF8",
        ]
        subprocess.run(
            [*command, "--locale=C", "--no-sync", f"--pwfile={password}"],
            user=user, group=_group(user), extra_groups=_no_groups(user), cwd=folder, check=True,
            capture_output=True, timeout=120,
        )  # fmt: skip
        yield from _serve(binaries, data, folder, user)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _serve(binaries: Path, data: Path, folder: Path, user: str | None) -> Iterator[str]:
    port = free_port()
    url = f"postgresql://parktwin:test-only@127.0.0.1:{port}/postgres"
    certificates = folder / "certificates"
    make_network(certificates, ["127.0.0.1"], system_clock)
    for file in (certificates, *certificates.iterdir()):
        if user is not None:
            shutil.chown(file, user)
    AUTHORITIES[port] = certificates / "ca.pem"
    settings = [
        "listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "shared_buffers=32MB",
        "ssl=on", f"ssl_cert_file={certificates}/127.0.0.1.pem",
        f"ssl_key_file={certificates}/127.0.0.1.key.pem",
    ]  # fmt: skip
    command: list[str | Path] = [binaries / "postgres", "-D", data, "-p", str(port)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, *(part for setting in settings for part in ("-c", setting))],
            user=user, group=_group(user), extra_groups=_no_groups(user), cwd=folder, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        _wait(process, url, folder / "log")
        yield url
    finally:
        process.send_signal(signal.SIGINT)  # fast shutdown; SIGTERM would wait for clients to leave
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    end = time.monotonic() + _START_S
    while time.monotonic() < end:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            if process.poll() is not None:
                break
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()[-2000:]}")


def _binaries() -> Path:
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3].split(".")[0])
    )
    if not found:
        missing("PostgreSQL", "install Debian's 'postgresql', or set PARKTWIN_TEST_POSTGRES=url")
    return found[-1].parent


def _unprivileged_user(folder: Path) -> str | None:
    """Choose whom the server runs as where we are root, and give the folder to that user."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = next(name for name in ("postgres", "nobody") if name in names)
    shutil.chown(folder, user)
    return user


def _group(user: str | None) -> int | None:
    return None if user is None else pwd.getpwnam(user).pw_gid


def _no_groups(user: str | None) -> list[int] | None:
    return None if user is None else []
