"""``parktwin audit``: whether the audits of commands and identities are what was written, and their heads."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from twin.cli_identity import Database as Identity
from twin.cli_identity import identity_url

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from twin.service.audit_chain import AuditChain

EXIT_BROKEN = 1

app = typer.Typer(no_args_is_help=True, help="The audits of commands and of identities: verify, head.")

_Of = Annotated[str, typer.Option("--of", help="commands, or identities: sign-ins, accounts and tokens")]
_Database = Annotated[
    str,
    typer.Option(
        help="URL of the twin's tables; PARKTWIN_DATABASE, or twin.sqlite3 in the data folder, if left out"
    ),
]
_Folder = Annotated[
    Path | None, typer.Option("--dir", help="folder of 'parktwin demo' or 'parktwin up' instead of a URL")
]


@app.command()
def verify(
    database: _Database = "",
    directory: _Folder = None,
    expect: Annotated[
        str, typer.Option(help="a head kept from earlier (NUMBER:HASH), which must still be in the chain")
    ] = "",
    of: _Of = "commands",
    identity: Identity = "",
) -> None:
    """Check every line; exit status 1 and the first line that is not what was written, 0 and the head if all
    is."""
    from twin.service.audit_chain import AuditError, Head

    engine, chain = _open(of, database, directory, identity)
    try:
        head = chain.verify(engine, expect=Head.parse(expect) if expect else None)
    except AuditError as error:
        sys.stderr.write(f"{error}\n")
        raise typer.Exit(EXIT_BROKEN) from None
    finally:
        engine.dispose()
    sys.stdout.write(f"{head.number} lines, every one as it was written; head {head}\n")


@app.command()
def head(
    database: _Database = "", directory: _Folder = None, of: _Of = "commands", identity: Identity = ""
) -> None:
    """Print number and hash of the newest line, to be kept elsewhere."""
    engine, chain = _open(of, database, directory, identity)
    try:
        sys.stdout.write(f"{chain.newest(engine)}\n")
    finally:
        engine.dispose()


def _url(database: str, directory: Path | None) -> str:
    if database:
        return database
    if directory is not None:
        return f"sqlite:///{_existing(directory / 'twin' / 'twin.sqlite3')}"
    given = os.environ.get("PARKTWIN_DATABASE", "")
    return given or f"sqlite:///{_existing(Path(os.environ.get('PARKTWIN_DATA_DIR', '.')) / 'twin.sqlite3')}"


def _open(of: str, database: str, directory: Path | None, identity: str) -> tuple[Engine, AuditChain]:
    """Open a database that has an audit; one without it has nothing to be verified.

    Raises:
        DatabaseError, AuditError: it cannot be opened, or is another database.
        BadParameter: there is no such audit.
    """
    from sqlalchemy import inspect

    from twin.commands.audit import CHAIN as COMMANDS
    from twin.identity.tables import CHAIN as IDENTITIES
    from twin.service.audit_chain import AuditError
    from twin.service.database import open_database

    if of not in {"commands", "identities"}:
        raise typer.BadParameter(f"--of {of}: must be commands or identities")
    chain = COMMANDS if of == "commands" else IDENTITIES
    url = _url(database, directory) if of == "commands" else identity_url(identity, directory)
    engine = open_database(url)
    if not inspect(engine).has_table(chain.table.name):
        shown = engine.url.render_as_string(hide_password=True)
        engine.dispose()
        raise AuditError(f"database {shown}: has no audit of {of}; give the database of a twin")
    return engine, chain


def _existing(path: Path) -> Path:
    """A file that is there: SQLite would make an empty one, whose audit has nothing wrong with it."""
    if not path.is_file():
        raise typer.BadParameter(f"{path}: there is no such database; give --database or --dir")
    return path
