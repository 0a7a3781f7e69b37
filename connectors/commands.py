"""The commands of the connectors; ``parktwin`` passes them on to ``python -m connectors``."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import typer
from rich.console import Console

from twin.contract.errors import ParkTwinError

EXIT_FAULT = 2


def make_app() -> typer.Typer:
    """Put the commands together."""
    from connectors.opcua.commands import app as opcua
    from connectors.pki.commands import app as certs
    from connectors.recording.commands import record, replay

    app = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        help="Connectors of ParkTwin.",
    )
    app.add_typer(certs, name="certs")
    app.add_typer(opcua, name="opcua")
    app.command()(record)
    app.command()(replay)
    return app


def run(arguments: Sequence[str]) -> None:
    """Run a command; an error of ours is one line and exit status 2."""
    try:
        make_app()(args=list(arguments), prog_name="parktwin")
    except ParkTwinError as error:
        Console(stderr=True, highlight=False, soft_wrap=True).print(f"{error.code}: {error}", markup=False)
        sys.exit(EXIT_FAULT)
