"""``parktwin certs``: whom we trust, and our own certificate."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from connectors.pki.certificate import Certificate, moment, read_certificate
from connectors.pki.checks import EXPIRY_WARNING
from connectors.pki.own import CERTIFICATE, make_own, own_credentials
from connectors.pki.trust_store import TrustStore
from connectors.settings import PKI_FOLDER, ConnectorSettings
from twin.bus.signatures import make_keys
from twin.contract.clock import system_clock
from twin.service.closed_network import AUTHORITY_KEY, make_network
from twin.service.settings import load

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Certificates: our own, and those of servers."
)
_OUT = Console(highlight=False, soft_wrap=True)

Directory = Annotated[
    Path | None,
    typer.Option("--data-dir", help="where the connectors keep their files; PARKTWIN_DATA_DIR if left out"),
]
Thumbprint = Annotated[str, typer.Argument(help="its thumbprint, or how that begins")]


def _folder(directory: Path | None) -> Path:
    return (directory or load(ConnectorSettings).data_dir) / PKI_FOLDER


@app.command()
def init(
    out: Annotated[Path, typer.Option(help="folder for the files")] = Path("certs"),
    hosts: Annotated[
        list[str],
        typer.Option("--host", help="name or address of a server, or name=other,other; may be given often"),
    ] = ["kafka", "postgres", "clickhouse"],  # noqa: B006  # typer's way to take many
    owners: Annotated[
        list[str],
        typer.Option("--owner", help="HOST=UID: give the keys of a server to the user that it runs as"),
    ] = [],  # noqa: B006
    service_owner: Annotated[
        int | None, typer.Option(help="uid of our services: give them the keys that they sign with")
    ] = None,
) -> None:
    """Make what a closed network needs: an authority of its own (ca.pem), a certificate for each server, and
    the keys that commands and outcomes are signed with; run again, it makes what is missing or runs out."""
    made = make_network(out, hosts, system_clock)
    make_keys(out / "signing")
    for owner in owners:
        host, _, uid = owner.partition("=")
        if not uid.isdecimal():
            raise typer.BadParameter(f"--owner {owner!r}: write HOST=UID, such as postgres=999")
        for name in (f"{host}.key.pem", f"{host}.both.pem"):
            os.chown(out / name, int(uid), -1)
    if service_owner is not None:
        for path in (out / "signing").glob("*.key.pem"):
            os.chown(path, service_owner, -1)
    for one in made:
        how = "made" if one.new else "kept"
        _OUT.print(f"{how}  {one.host:<20} until {one.expires:%Y-%m-%d}", markup=False)
    _OUT.print(f"files in {out}; keep {out / AUTHORITY_KEY} away from the servers", markup=False)


@app.command("list")
def list_certificates(directory: Directory = None) -> None:
    """List our own certificate, and the servers' that are trusted or were rejected."""
    logging.basicConfig(format="%(message)s")
    folder = _folder(directory)
    own = own_credentials(folder / "own", system_clock).certificate
    _say("own", own)
    for state in ("trusted", "issuers", "rejected"):
        for _, certificate in TrustStore(folder).certificates(state):
            _say(state, certificate)
    _OUT.print(f"files in {folder}", markup=False)


def _say(state: str, certificate: Certificate) -> None:
    left = certificate.not_after - moment(system_clock())
    note = ""
    if left <= EXPIRY_WARNING:
        note = f" ({left.days} days left)" if left.days >= 0 else " (expired)"
    fields = {
        "name": certificate.name,
        "uri": " ".join(certificate.application_uris) or "none",
        "host": " ".join(certificate.hosts) or "none",
        "expires": f"{certificate.not_after:%Y-%m-%d}{note}",
    }
    _OUT.print(f"{state:<9} {certificate.thumbprint}", markup=False)
    for name, value in fields.items():
        _OUT.print(f"          {name:<8}{value}", markup=False)


@app.command()
def trust(
    certificate: Annotated[str, typer.Argument(help="thumbprint of a rejected certificate, or a file")],
    directory: Directory = None,
) -> None:
    """Trust a server's certificate, or an authority's; counts from the next connect on."""
    store = TrustStore(_folder(directory))
    path = Path(certificate)
    if path.is_file():
        read = read_certificate(path)
        target = store.folder / "trusted" / f"{read.thumbprint}.der"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(read.der)
        (store.folder / "rejected" / f"{read.thumbprint}.der").unlink(missing_ok=True)
    else:
        _, found, read = store.find(certificate)
        target = store.move(found, read, "trusted")
    _OUT.print(f"trusted {read}, valid until {read.not_after:%Y-%m-%d}: {target}", markup=False)


@app.command()
def reject(certificate: Thumbprint, directory: Directory = None) -> None:
    """Trust a certificate no longer; a connection that stands on it is broken off within seconds."""
    store = TrustStore(_folder(directory))
    _, found, read = store.find(certificate)
    _OUT.print(f"rejected {read}: {store.move(found, read, 'rejected')}", markup=False)


@app.command()
def renew(directory: Directory = None) -> None:
    """Make a new key and certificate of our own with the same URI; each server has to trust it anew."""
    folder = _folder(directory) / "own"
    made = make_own(folder, system_clock).certificate
    _OUT.print(f"made {made}, valid until {made.not_after:%Y-%m-%d}", markup=False)
    _OUT.print(
        f"Trust {folder / CERTIFICATE} at each server; connectors that run connect with it within seconds. "
        f"The one before is in {folder / 'old'}.",
        markup=False,
    )
