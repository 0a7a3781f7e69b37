"""``parktwin bus``: users and access lists of a broker that the services share."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Final

import typer

PREFIX: Final = "PARKTWIN_KAFKA_PASSWORD_"
LEAST: Final = 16
"""Characters of a password that no person has to remember."""

app = typer.Typer(no_args_is_help=True, help="A broker: users and access lists for the services.")


@app.callback()
def _bus() -> None:
    """A broker: users and access lists for the services."""


@app.command()
def secure(
    url: Annotated[str, typer.Argument(help="kafka://... of a listener that lets an administrator in")],
) -> None:
    """Make a user of each service, with the password in PARKTWIN_KAFKA_PASSWORD_<USER>, and what it may read
    and write; again, it changes nothing that is right."""
    from twin.bus.connect import kafka_settings
    from twin.bus.kafka_access import SERVICES, secure_broker

    named = {service.user: os.environ.get(f"{PREFIX}{service.user.upper()}", "") for service in SERVICES}
    passwords = {user: password for user, password in named.items() if password}
    short = [user for user, password in passwords.items() if len(password) < LEAST]
    if short or not passwords:
        of = f"of {', '.join(short)} is short" if short else "is not set"
        raise typer.BadParameter(
            f"{PREFIX}<USER> {of}; write one of {LEAST} characters or more for each of {', '.join(named)}"
        )
    for user in secure_broker(kafka_settings(url, os.environ), passwords):
        sys.stdout.write(f"{user}\n")
