"""``parktwin maintenance model``: evaluate, register, list, promote, roll back, and show cards."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from maintenance.plan.commands import Stored, Tongue

_OUT = Console(highlight=False, soft_wrap=True)

model = typer.Typer(no_args_is_help=True, help="Models as artefacts: who made them, how good, which is used.")

File = Annotated[Path, typer.Argument(help="a model, KIND.npz; its card KIND.card.json lies beside it")]
Kind = Annotated[str, typer.Argument(help="kind of machine")]
By = Annotated[str, typer.Option(help="the person who answers for it")]
Reason = Annotated[str, typer.Option(help="why, in a few words")]


@model.command()
def card(file: File, language: Annotated[Tongue, typer.Option(help="of the card")] = Tongue.vi) -> None:
    """Show the card of a model."""
    from maintenance.registry.card import card_lines, card_path, read_card

    for line in card_lines(read_card(card_path(file)), language.value):
        _OUT.print(line, markup=False)


@model.command()
def evaluate(
    file: File,
    lives: Annotated[
        Path, typer.Argument(help="folder of lives that it was not trained on: KIND.npz, truth/")
    ],
) -> None:
    """Forecast machines that a model has not seen, and write into its card how good that was."""
    from maintenance.health.artefact import load_health_model
    from maintenance.machine_lives import read_lives
    from maintenance.registry.card import card_lines, card_path, read_card, write_card
    from maintenance.registry.evaluate import evaluated

    loaded = load_health_model(file)
    path = card_path(file)
    found = evaluated(read_card(path), loaded, read_lives(lives, loaded.kind))
    write_card(path, found)
    for line in card_lines(found, "en"):
        _OUT.print(line, markup=False)


@model.command()
def register(database: Stored, file: File, by: By) -> None:
    """Take a model with its card into the registry of a service."""
    from maintenance.errors import ArtefactError
    from maintenance.registry.card import card_path, read_card
    from maintenance.registry.open_store import open_store
    from twin.contract.clock import system_clock

    try:
        body = file.read_bytes()
    except OSError as error:
        raise ArtefactError(f"{file} cannot be read: {error.strerror}; give a model's file") from error
    with open_store(database) as store:
        kept = store.register(body, read_card(card_path(file)), by=by, at=system_clock())
    _OUT.print(f"{kept.card.kind}: model {kept.card.version} is registered", markup=False)


@model.command("list")
def list_models(database: Stored) -> None:
    """List the models of a registry, and which of them is in service."""
    from maintenance.registry.open_store import open_store

    with open_store(database) as store:
        served = store.in_service()
        for one in store.all():
            told, whole = one.card, one.card.whole
            good = (
                f"error at half-life {whole.error_half:.0%}, 90 % interval held {whole.coverage:.0%}, "
                f"mode first {whole.mode_first:.0%} of {whole.machines}"
                if whole
                else "not evaluated"
            )
            mark = "in service" if served.get(told.kind) == told.version else "waiting"
            _OUT.print(f"{told.kind} {told.version} {mark}; {told.owner}; {good}", markup=False)


@model.command()
def promote(
    database: Stored,
    kind: Kind,
    version: Annotated[str, typer.Argument(help="as list shows it")],
    by: By,
    reason: Reason,
) -> None:
    """Put a version into service; a service that runs takes it up by itself within a minute."""
    from maintenance.registry.open_store import open_store
    from twin.contract.clock import system_clock

    with open_store(database) as store:
        found = store.promote(kind, version, by=by, reason=reason, at=system_clock())
    _OUT.print(f"{kind}: model {found.version} is in service, approved by {by}", markup=False)


@model.command()
def rollback(database: Stored, kind: Kind, by: By, reason: Reason) -> None:
    """Put back the version that was in service before."""
    from maintenance.registry.open_store import open_store
    from twin.contract.clock import system_clock

    with open_store(database) as store:
        found = store.rollback(kind, by=by, reason=reason, at=system_clock())
    _OUT.print(f"{kind}: {found.version or 'the model of the folder'} is in service again", markup=False)
