"""What the commands on identities share: which database, and who acts."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from twin.identity.identities import Identities

FILE = "identity.sqlite3"
Database = Annotated[
    str,
    typer.Option("--identity", help="URL of the identities; PARKTWIN_IDENTITY if left out"),
]
Folder = Annotated[Path | None, typer.Option("--dir", help="folder of 'parktwin up' instead of a URL")]


def identity_url(database: str, directory: Path | None) -> str:
    """Where the identities are.

    Raises:
        BadParameter: nothing says so, or the folder has none.
    """
    if directory is not None:
        path = directory.resolve() / FILE
        if not path.parent.is_dir():
            raise typer.BadParameter(f"{directory}: there is no such folder; give that of 'parktwin up'")
        return f"sqlite:///{path}"
    url = database or os.environ.get("PARKTWIN_IDENTITY", "")
    if not url:
        raise typer.BadParameter("no identities named; give --identity or --dir, or set PARKTWIN_IDENTITY")
    return url


@contextmanager
def opened(database: str, directory: Path | None) -> Iterator[Identities]:
    """Open the identities for one command."""
    from twin.contract.clock import system_clock
    from twin.identity.identities import Identities

    url, key = identity_url(database, directory), os.environ.get("PARKTWIN_IDENTITY_KEY", "")
    identities = Identities(url, clock=system_clock, seed_key="" if directory is not None else key)
    try:
        yield identities
    finally:
        identities.close()


def acting() -> str:
    """Who acts, for the audit: whoever has this terminal."""
    return f"{getpass.getuser()}@terminal"


def full_link(path: str, directory: Path | None) -> str:
    """A link with the address of the twin that runs in a folder, or the path alone."""
    address = None if directory is None else directory / "twin" / "twin.url"
    return (address.read_text().strip() if address is not None and address.exists() else "") + path


def say(text: str) -> None:
    """Print a line."""
    sys.stdout.write(text + "\n")
