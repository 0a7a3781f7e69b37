"""``parktwin tokens``: tokens of stations and services."""

from __future__ import annotations

from typing import Annotated

import typer

from twin.cli_identity import Database, Folder, acting, opened, say

app = typer.Typer(no_args_is_help=True, help="Tokens of stations and services: issue, list, rotate, revoke.")

Number = Annotated[str, typer.Argument(help="id of the token, as 'parktwin tokens list' shows it")]
Days = Annotated[float, typer.Option(help="after which it ends, 365 at most")]


@app.command()
def issue(
    name: Annotated[str, typer.Argument(help="of the station or service")],
    scope: Annotated[
        list[str],
        typer.Option("--may", help="a permission, such as inspection.judge; may be given often"),
    ],
    days: Days = 90,
    tenant: Annotated[str, typer.Option(help="id of its enterprise; the park if left out")] = "",
    database: Database = "",
    directory: Folder = None,
) -> None:
    """Make a token and print it; it is never shown again."""
    with opened(database, directory) as identities:
        say(identities.tokens.issue(name, scope, days=days, tenant=tenant, by=acting()))


@app.command("list")
def list_tokens(database: Database = "", directory: Folder = None) -> None:
    """List tokens, without their secrets."""
    from twin.contract.clock import to_iso

    with opened(database, directory) as identities:
        for one in identities.tokens.all():
            ends = "revoked" if one.revoked else f"until {to_iso(one.expires)}"
            say("\t".join((one.id, one.name, ",".join(one.scope), one.tenant or "park", ends)))


@app.command()
def rotate(number: Number, days: Days = 90, database: Database = "", directory: Folder = None) -> None:
    """Print a new secret for a token; the old one goes on for a day."""
    with opened(database, directory) as identities:
        say(identities.tokens.rotate(number, days=days, by=acting()))


@app.command()
def revoke(number: Number, database: Database = "", directory: Folder = None) -> None:
    """End a token, within seconds."""
    with opened(database, directory) as identities:
        identities.tokens.revoke(number, by=acting())
