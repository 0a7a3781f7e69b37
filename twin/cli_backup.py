"""``parktwin backup`` and ``parktwin restore``: everything of a park in one sealed file, and back."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from twin.cli_identity import FILE, acting, opened

if TYPE_CHECKING:
    from twin.backup.keys import Passphrase, Unwrapper, Wrapper

PASSPHRASE: Final = "PARKTWIN_BACKUP_PASSPHRASE"
PARK_NOTE: Final = "park.path"
"""File of a folder of 'parktwin up' that says where its park file is."""
_TOKEN_DAYS: Final = 0.25

app = typer.Typer(
    invoke_without_command=True, help="One sealed file of tables, history, models, certificates and the park."
)

Folder = Annotated[Path, typer.Option("--dir", help="folder of 'parktwin up'")]
PassphraseFile = Annotated[
    Path | None, typer.Option(help=f"file whose first line is the passphrase; else {PASSPHRASE}")
]
Key = Annotated[Path | None, typer.Option(help="file of the private key, of 'parktwin backup key'")]


@app.callback()
def backup(
    context: typer.Context,
    to: Annotated[Path | None, typer.Option(help="the file to write; it must not be there")] = None,
    directory: Folder = Path("var/up"),
    park: Annotated[Path | None, typer.Option(help="the park file; if left out, of the last start")] = None,
    recipient: Annotated[str, typer.Option(help="public key that it is sealed for")] = "",
    passphrase_file: PassphraseFile = None,
) -> None:
    """Keep everything in one sealed file while all goes on; sealed for --recipient, or with a passphrase."""
    if context.invoked_subcommand is not None:
        return
    if to is None:
        raise typer.BadParameter("say where to: --to FILE")
    from twin.backup.take import Source, take_backup
    from twin.contract.clock import system_clock

    wrapper = _wrapper(recipient, passphrase_file)
    note = directory / PARK_NOTE
    if park is None and note.exists():
        park = Path(note.read_text("utf-8").strip())
    source = Source(directory, park, os.environ, lambda: _let_in(directory))
    done = take_backup(source, to, wrapper, system_clock)
    _say(f"{to}: {len(done['parts'])} parts, {done['readings']:,} readings, {to.stat().st_size:,} bytes")
    if park is None:
        _say("without a park file: give --park to keep it too")


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="the backup")],
    key: Key = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Read all of a backup and check every byte; exit status 2 if one is not what was written."""
    from twin.backup.restore import verify_backup

    found = verify_backup(file, _unwrapper(key, passphrase_file))
    size = sum(part.size for part in found.parts)
    _say(f"{file}: whole: {len(found.parts)} parts, {size:,} bytes, made {found.manifest['made']}")


@app.command("key")
def make_key(
    out: Annotated[Path, typer.Option(help="file for the private key; keep it away from the backups")],
) -> None:
    """Make a pair of keys: the public one, which is printed, seals backups; the private one opens them."""
    from twin.backup.keys import make_pair

    private, public = make_pair()
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(private + "\n")
    _say(public)


def restore(
    file: Annotated[Path, typer.Argument(help="the backup")],
    directory: Folder = Path("var/up"),
    force: Annotated[
        bool, typer.Option("--force", help="move aside what is there, replace what is in databases")
    ] = False,
    key: Key = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Put a backup into an empty folder; all of it is checked before any of it is in its place."""
    from twin.backup.restore import restore_backup

    found = restore_backup(
        file, directory, _unwrapper(key, passphrase_file), environment=os.environ, force=force
    )
    _say(f"{directory}: as of {found.manifest['made']}, {found.manifest['readings']:,} readings")
    if "park" in found.manifest:
        _say(f"start it with: parktwin up {directory / found.manifest['park']['file']} --dir {directory}")


@contextmanager
def _let_in(directory: Path) -> Iterator[str]:
    """What lets into the twin of a folder: the token of the environment, or one that lasts as long as this,
    from the accounts of the folder; "" where nothing is secured."""
    token = os.environ.get("PARKTWIN_ACCESS_TOKEN", "")
    url = os.environ.get("PARKTWIN_IDENTITY", "")
    if token or not (url or (directory / FILE).exists()):
        yield token
        return
    with opened(url, None if url else directory) as identities:
        made = identities.tokens.issue("backup", ["backup.make"], days=_TOKEN_DAYS, by=acting())
        try:
            yield made
        finally:
            identities.tokens.revoke(made.split("_")[1], by=acting())


def _wrapper(recipient: str, passphrase_file: Path | None) -> Wrapper:
    from twin.backup.keys import Recipient

    return Recipient.parse(recipient) if recipient else _passphrase(passphrase_file)


def _unwrapper(key: Path | None, passphrase_file: Path | None) -> Unwrapper:
    from twin.backup.keys import Identity

    return Identity.read(key) if key is not None else _passphrase(passphrase_file)


def _passphrase(file: Path | None) -> Passphrase:
    from twin.backup.keys import Passphrase

    if file is not None:
        return Passphrase(file.read_text("utf-8").split("\n")[0].strip())
    text = os.environ.get(PASSPHRASE, "")
    if not text:
        raise typer.BadParameter(f"nothing seals it: give --passphrase-file, a key, or set {PASSPHRASE}")
    return Passphrase(text)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
