"""Tables on PostgreSQL: dumped and put back by its own ``pg_dump`` and ``pg_restore``, each in one moment."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from sqlalchemy import inspect
from sqlalchemy.engine import make_url

from twin.backup.errors import BackupSourceError, BackupTargetError
from twin.service.database import open_database

VARIABLES: Final = (
    "PARKTWIN_DATABASE",
    "PARKTWIN_IDENTITY",
    "PARKTWIN_QC_DATABASE",
    "PARKTWIN_HEALTH_DATABASE",
)
"""Settings that may name a database."""
_LONGEST_S: Final = 6 * 3600


def databases(environment: Mapping[str, str]) -> dict[str, list[str]]:
    """The PostgreSQL databases that settings name: URL and the names of the settings."""
    found: dict[str, list[str]] = {}
    for name in VARIABLES:
        if environment.get(name, "").startswith("postgresql"):
            found.setdefault(environment[name], []).append(name)
    return found


def dump(url: str, file: Path) -> None:
    """Write a database to a file.

    Raises:
        BackupSourceError: the program is not there, or the database cannot be read.
    """
    _run("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--file={file}")


def put_back(url: str, file: Path, *, force: bool) -> None:
    """Put a dump into a database, all of it or nothing.

    Args:
        url: of the database.
        file: that :func:`dump` wrote.
        force: replace the tables that are there.

    Raises:
        BackupTargetError: the database has tables, and nobody forces it.
        BackupSourceError: the program is not there, or the database does not take it.
    """
    check_empty(url, force=force)
    replacing = ("--clean", "--if-exists") if force else ()
    _run("pg_restore", url, "--no-owner", "--exit-on-error", "--single-transaction", *replacing, str(file))


def check_empty(url: str, *, force: bool) -> None:
    """See that a database has no tables.

    Raises:
        BackupTargetError: it has, and nobody forces it.
    """
    engine = open_database(url)
    try:
        names = inspect(engine).get_table_names()
    finally:
        engine.dispose()
    if names and not force:
        raise BackupTargetError(
            f"{engine.url.render_as_string(hide_password=True)}: has {len(names)} tables already; name an "
            "empty database, or replace them with --force"
        )


def _run(program: str, url: str, *arguments: str) -> None:
    parsed = make_url(url).set(drivername="postgresql")
    shown = parsed.render_as_string(hide_password=True)
    if shutil.which(program) is None:
        raise BackupSourceError(
            f"{shown}: {program} is not installed here; install PostgreSQL's client of the server's version"
        )
    target = parsed._replace(password=None).render_as_string(hide_password=False)
    secret = {} if parsed.password is None else {"PGPASSWORD": str(parsed.password)}
    done = subprocess.run(
        [program, f"--dbname={target}", *arguments],
        env=os.environ | secret,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_LONGEST_S,
        check=False,
    )
    if done.returncode:
        raise BackupSourceError(f"{shown}: {program}: {done.stderr.strip()[-500:]}")
