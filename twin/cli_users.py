"""``parktwin users``: accounts of people."""

from __future__ import annotations

from typing import Annotated

import typer

from twin.cli_identity import Database, Folder, acting, full_link, opened, say

app = typer.Typer(
    no_args_is_help=True, help="Accounts of people: add, list, roles, disable, password, totp, first."
)

Name = Annotated[str, typer.Argument(help="to sign in with: a-z, 0-9 and . _ @ + -")]
Roles = Annotated[
    list[str],
    typer.Option(
        "--role",
        help="viewer, operator, engineer, quality, planner, manager or administrator; may be given often",
    ),
]


@app.command()
def add(
    name: Name,
    role: Roles,
    display: Annotated[str, typer.Option("--name", help="name of the person, as it is written down")] = "",
    tenant: Annotated[str, typer.Option(help="id of their enterprise; the park if left out")] = "",
    issuer: Annotated[
        str, typer.Option(help="of OpenID Connect, which knows them by this name; then there is no password")
    ] = "",
    database: Database = "",
    directory: Folder = None,
) -> None:
    """Make an account and print the link with which its owner chooses a password."""
    with opened(database, directory) as identities:
        accounts = identities.accounts
        accounts.add(name, display=display, roles=role, tenant=tenant, issuer=issuer, by=acting())
        if issuer:
            say(f"{name}: signs in by {issuer}")
            return
        link = identities.links.make(name, by=acting())
    say(f"{name}: good once, for a day: {full_link(link, directory)}")


@app.command("list")
def list_accounts(database: Database = "", directory: Folder = None) -> None:
    """List accounts with their roles."""
    with opened(database, directory) as identities:
        for one in identities.accounts.all():
            notes = [
                *(["disabled"] if one.disabled else []),
                *(["no password yet"] if not (one.has_password or one.issuer) else []),
                *(["second factor"] if one.has_totp else []),
                *([f"of {one.issuer}"] if one.issuer else []),
            ]
            say("\t".join((one.name, one.display, ",".join(one.roles), one.tenant or "park", *notes)))


@app.command()
def roles(
    name: Name,
    role: Roles,
    tenant: Annotated[
        str | None, typer.Option(help="id of their enterprise, '' for the park; as it is if left out")
    ] = None,
    database: Database = "",
    directory: Folder = None,
) -> None:
    """Give an account these roles in the place of those it has; its sessions end."""
    with opened(database, directory) as identities:
        identities.accounts.set_roles(name, role, tenant=tenant, by=acting())


@app.command()
def disable(
    name: Name,
    enable: Annotated[bool, typer.Option("--undo", help="let it in again")] = False,
    database: Database = "",
    directory: Folder = None,
) -> None:
    """Keep an account out, within seconds; its sessions end."""
    with opened(database, directory) as identities:
        identities.accounts.disable(name, disabled=not enable, by=acting())


@app.command()
def password(name: Name, database: Database = "", directory: Folder = None) -> None:
    """Print a link with which the owner of an account chooses another password."""
    with opened(database, directory) as identities:
        link = identities.links.make(name, by=acting())
    say(f"{name}: good once, for a day: {full_link(link, directory)}")


@app.command()
def totp(
    name: Name,
    off: Annotated[bool, typer.Option("--off", help="take the second factor away")] = False,
    database: Database = "",
    directory: Folder = None,
) -> None:
    """Give an account a new second factor; print what its owner's app takes."""
    with opened(database, directory) as identities:
        address = identities.accounts.set_totp(name, on=not off, by=acting())
    say(address or f"{name}: signs in without a second factor")


@app.command()
def first(database: Database = "", directory: Folder = None) -> None:
    """Print a new link for the first account, while there is none."""
    with opened(database, directory) as identities:
        link = identities.links.first(anew=True)
    say(f"good once, for a day: {full_link(link, directory)}" if link else "there are accounts already")
