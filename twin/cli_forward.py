"""Commands that belong to another package and are passed on to it: the twin imports none of its producers.

``parktwin certs list`` is ``python -m connectors certs list`` with the same interpreter, arguments as they
stand, and the same exit status.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import typer


@dataclass(frozen=True, slots=True)
class Forwarded:
    """A command that another package has: one row each."""

    name: str
    module: str
    text: str


FORWARDED: Final = (
    Forwarded("certs", "connectors", "Certificates: init, list, trust, reject, renew."),
    Forwarded("opcua", "connectors", "Look at OPC UA servers: browse, diff."),
    Forwarded("record", "connectors", "Keep what goes over the bus in a file."),
    Forwarded("replay", "connectors", "Feed a recording to a bus; never a command."),
    Forwarded("maintenance", "maintenance", "Health of machines in service: serve, train."),
    Forwarded("rul", "maintenance", "Remaining life, on files: fit, predict, backtest, benchmark."),
)  # fmt: skip


def add_forwarded(app: typer.Typer) -> None:
    """Add every row of :data:`FORWARDED` to the command line."""
    for row in FORWARDED:
        app.command(
            row.name,
            help=row.text,
            add_help_option=False,
            context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
        )(_forward(row))


def _forward(row: Forwarded) -> Callable[[typer.Context], None]:
    def command(context: typer.Context) -> None:
        done = subprocess.run([sys.executable, "-m", row.module, row.name, *context.args], check=False)
        raise typer.Exit(done.returncode)

    return command
