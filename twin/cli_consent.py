"""``parktwin consent``: what tenants share with the park; for who keeps the accounts."""

from __future__ import annotations

from typing import Annotated

import typer

from twin.cli_identity import Database, Folder, acting, opened, say

app = typer.Typer(no_args_is_help=True, help="What tenants share with the park: list, give, revoke.")

Tenant = Annotated[str, typer.Argument(help="id of the enterprise")]
Groups = Annotated[
    list[str],
    typer.Argument(help="energy, production, process, alarms, quality, maintenance; several, or all"),
]
Reason = Annotated[str, typer.Option(help="why; it stands in the journal of consents")]


@app.command("list")
def list_consents(database: Database = "", directory: Folder = None) -> None:
    """List tenants and what each shares, since when, and by whose word."""
    from twin.contract.clock import to_iso
    from twin.identity.consents import Consents, withheld

    with opened(database, directory) as identities:
        consents = Consents(identities.store)
        given = consents.given()
        for one in consents.all():
            say("\t".join((one.tenant, one.group, "given", to_iso(one.since), one.by)))
        for tenant, groups in withheld(given).items():
            say(f"{tenant}\t{', '.join(groups)}\tnot given")


@app.command()
def give(
    tenant: Tenant,
    groups: Groups,
    reason: Reason = "",
    database: Database = "",
    directory: Folder = None,
) -> None:
    """Share groups with the park, on the word of the tenant; it is in the audit."""
    from twin.identity.consents import Consents

    with opened(database, directory) as identities:
        Consents(identities.store).give(tenant, _named(groups), by=acting(), reason=reason)


@app.command()
def revoke(
    tenant: Tenant,
    groups: Groups,
    reason: Reason = "",
    database: Database = "",
    directory: Folder = None,
) -> None:
    """Take groups back; people of the park see them no more within seconds."""
    from twin.identity.consents import Consents

    with opened(database, directory) as identities:
        Consents(identities.store).revoke(tenant, _named(groups), by=acting(), reason=reason)


def _named(groups: list[str]) -> list[str]:
    from twin.identity.consents import GROUPS

    return list(GROUPS) if groups == ["all"] else groups
