"""``parktwin rul``: remaining life on files, as analysts use it."""

from __future__ import annotations

import sys
from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer
from rich.console import Console

from maintenance.plan.commands import Tongue, register
from maintenance.registry.commands import model
from twin.contract.errors import ParkTwinError

EXIT_FAULT = 2

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Maintenance of a park's machines.")
rul = typer.Typer(no_args_is_help=True, help="Remaining life of machines, on files.")
benchmark = typer.Typer(no_args_is_help=True, help="Published data sets, scored.")
service = typer.Typer(no_args_is_help=True, help="The maintenance service.")
rul.add_typer(benchmark, name="benchmark")
app.add_typer(rul, name="rul")
app.add_typer(service, name="maintenance")
register(service)
service.add_typer(model, name="model")
_OUT = Console(highlight=False, soft_wrap=True)
_ERR = Console(stderr=True, highlight=False, soft_wrap=True)

Seed = Annotated[int, typer.Option(help="the same seed gives the same numbers to the bit")]
Jobs = Annotated[int, typer.Option(min=1, help="processes, of one thread each")]


@benchmark.command("cmapss")
def benchmark_cmapss(
    directory: Annotated[Path, typer.Argument(help="folder with train_, test_ and RUL_ files, plain or .gz")],
    subset: Annotated[str, typer.Option(help="FD001, FD002, FD003 or FD004")] = "FD001",
    out: Annotated[Path | None, typer.Option(help="CSV to write")] = None,
    seed: Seed = 0,
    jobs: Jobs = 2,
) -> None:
    """Train on a subset of C-MAPSS and forecast every unit of its test set."""
    from maintenance.benchmarks import cmapss
    from maintenance.cmapss import read_subset
    from maintenance.forecast_file import write_forecasts
    from maintenance.model import ModelSettings

    data = read_subset(directory, subset)
    begun = perf_counter()
    settings = ModelSettings()
    outcome = cmapss.run(data, settings, seed=seed, jobs=jobs, progress=_progress)
    took = perf_counter() - begun
    _OUT.print(f"{subset}: {len(data.train.units)} units, trained in {took:.0f} s, seed {seed}")
    for line in cmapss.lines(outcome, settings.cap):
        _OUT.print(line, markup=False)
    if out is not None:
        write_forecasts(out, outcome.forecasts, reasons=False)
        _OUT.print(f"{len(data.test.units)} forecasts in {out}", markup=False)


@benchmark.command("ai4i")
def benchmark_ai4i(
    directory: Annotated[Path, typer.Argument(help="folder with ai4i2020.csv, plain or .gz")],
    seed: Seed = 0,
) -> None:
    """Cross-validate failures of the AI4I 2020 milling machine, by mode."""
    from maintenance.benchmarks import ai4i

    for line in ai4i.lines(ai4i.run(directory, seed=seed)):
        _OUT.print(line, markup=False)


@benchmark.command("skab")
def benchmark_skab(
    directory: Annotated[Path, typer.Argument(help="folder with valve1, valve2, other and anomaly-free")],
) -> None:
    """Find anomalies on the SKAB test bench, with thresholds from healthy work only."""
    from maintenance.benchmarks import skab

    for line in skab.lines(skab.run(directory)):
        _OUT.print(line, markup=False)


@benchmark.command("femto")
def benchmark_femto(
    directory: Annotated[
        Path, typer.Argument(help="folder with learning.csv and test_truncated.csv, plain or .gz")
    ],
    out: Annotated[Path | None, typer.Option(help="CSV to write")] = None,
) -> None:
    """Learn from the FEMTO bearings run to failure, and forecast those cut short."""
    from maintenance.benchmarks import femto

    outcome = femto.run(directory)
    for line in femto.lines(outcome):
        _OUT.print(line, markup=False)
    if out is not None:
        femto.write(out, outcome)
        _OUT.print(f"{len(outcome.names)} forecasts in {out}", markup=False)


@benchmark.command("sim")
def benchmark_sim(
    degradations: Annotated[int, typer.Option(min=1, help="how many machines are worn to failure")] = 200,
    seed: Annotated[int, typer.Option(help="of the machines looked at; none of them was trained on")] = 9002,
    folder: Annotated[
        Path | None, typer.Option(help="where lives are kept and found again; by default they are not")
    ] = None,
    kinds: Annotated[str, typer.Option(help="kinds of machines a,b,c; by default twelve")] = "",
    training_seed: Annotated[int, typer.Option(help="of the machines trained on")] = 101,
    training_units: Annotated[int, typer.Option(min=24, help="machines of each kind trained on")] = 96,
    models: Annotated[Path | None, typer.Option(help="folder to keep what was trained in")] = None,
    unknown_age: Annotated[bool, typer.Option(help="do not tell how long a machine has run")] = False,
) -> None:
    """Forecast simulated machines that wear to failure, trained on others; minutes a kind."""
    from tempfile import TemporaryDirectory

    from maintenance.benchmarks import sim_lives

    with TemporaryDirectory() as scratch:
        looks = sim_lives.run(
            folder or Path(scratch),
            kinds=_names(kinds) or sim_lives.KINDS,
            degradations=degradations,
            seed=seed,
            training_seed=training_seed,
            training_units=training_units,
            known_age=not unknown_age,
            models=models,
            progress=lambda kind: _ERR.print(kind, markup=False),
        )
    _OUT.print(
        f"{degradations} degradations of {len(looks)} kinds, seed {seed}; trained on {training_units} "
        f"machines a kind, seed {training_seed}; age {'not told' if unknown_age else 'known'}"
    )
    for line in sim_lives.lines(looks):
        _OUT.print(line, markup=False)


@rul.command()
def fit(
    file: Annotated[Path, typer.Argument(help="histories that each end with a failure: CSV or C-MAPSS text")],
    out: Annotated[Path, typer.Option(help="folder for the model")],
    settings: Annotated[str, typer.Option(help="columns of the CSV that are operating settings: a,b")] = "",
    cap: Annotated[
        float, typer.Option(min=1.0, help="cycles of life beyond which a machine is healthy")
    ] = 125.0,
    seed: Seed = 0,
    jobs: Jobs = 2,
) -> None:
    """Fit a model on machines that ran to failure."""
    from maintenance.artefact import save_model
    from maintenance.history_file import read_history_file
    from maintenance.model import ModelSettings, fit_model

    h = read_history_file(file, _names(settings))
    fitted = fit_model(h, ModelSettings(cap=cap), seed=seed, jobs=jobs, progress=_progress)
    version = save_model(fitted.model, out)
    _OUT.print(f"model {version} of {len(h.units)} machines and {h.rows} cycles in {out}", markup=False)


@rul.command()
def predict(
    model: Annotated[Path, typer.Argument(help="folder that rul fit wrote")],
    file: Annotated[Path, typer.Argument(help="histories of machines in service: CSV or C-MAPSS text")],
    out: Annotated[Path, typer.Option(help="CSV to write, with status and reason of every machine")],
) -> None:
    """Forecast machines from the last cycle of their histories."""
    from maintenance.artefact import load_model
    from maintenance.forecast_file import write_forecasts
    from maintenance.history_file import read_history_file

    loaded = load_model(model)
    settings = tuple(name for name in loaded.setting_names if name != "none")
    forecasts = loaded.forecast(read_history_file(file, settings))
    write_forecasts(out, forecasts, reasons=True)
    counts = ", ".join(f"{forecasts.status.count(one)} {one}" for one in sorted(set(forecasts.status)))
    _OUT.print(f"{len(forecasts.units)} machines ({counts}) in {out}", markup=False)


@rul.command()
def explain(
    model: Annotated[Path, typer.Argument(help="folder that rul fit wrote")],
    file: Annotated[Path, typer.Argument(help="histories of machines in service: CSV or C-MAPSS text")],
    unit: Annotated[int | None, typer.Option(help="only this machine")] = None,
    language: Annotated[Tongue, typer.Option(help="of the sentences")] = Tongue.vi,
) -> None:
    """Say why machines are forecast as they are: by signal, by block, and by past machines alike."""
    from maintenance.artefact import load_model
    from maintenance.errors import HistoryError
    from maintenance.explain import explain as explain_one
    from maintenance.explain_words import explanation_lines
    from maintenance.history_file import read_history_file

    loaded = load_model(model)
    h = read_history_file(file, tuple(name for name in loaded.setting_names if name != "none"))
    chosen = [place for place, number in enumerate(h.units.tolist()) if unit in (None, number)]
    if not chosen:
        raise HistoryError(f"{file}: no machine {unit}; it has {h.units.min()} to {h.units.max()}")
    told = loaded.forecast(h)
    for place in chosen:
        for line in explanation_lines(explain_one(loaded, h, place), told, place, language.value):
            _OUT.print(line, markup=False)


@rul.command()
def backtest(
    file: Annotated[Path, typer.Argument(help="histories that each end with a failure: CSV or C-MAPSS text")],
    settings: Annotated[str, typer.Option(help="columns of the CSV that are operating settings: a,b")] = "",
    cap: Annotated[
        float, typer.Option(min=1.0, help="cycles of life beyond which a machine is healthy")
    ] = 125.0,
    failure_cost: Annotated[
        float,
        typer.Option(min=1.01, help="of a failure, in planned replacements; for the backtest of planning"),
    ] = 10.0,
    seed: Seed = 0,
    jobs: Jobs = 2,
) -> None:
    """Forecast every machine by a model that has not seen it, and compare with what came."""
    from maintenance.backtest import held_out, lines, score_backtest
    from maintenance.benchmarks import planning
    from maintenance.history_file import read_history_file
    from maintenance.model import ModelSettings, fit_model

    h = read_history_file(file, _names(settings))
    chosen = ModelSettings(cap=cap)
    fitted = fit_model(h, chosen, seed=seed, jobs=jobs, progress=_progress)
    told = held_out(fitted, h, chosen)
    score = planning.score_planning(told, h, failure_cost=failure_cost)
    for line in [*lines(score_backtest(told, h, cap)), *planning.lines(score, failure_cost)]:
        _OUT.print(line, markup=False)


@service.callback()
def _service() -> None:
    """Watch machines while they run."""


@service.command()
def serve() -> None:
    """Watch the machines of a park: settings from PARKTWIN_* variables, as for every service."""
    from maintenance.service import serve as run_service

    run_service()


@service.command("train")
def train_kinds(
    folder: Annotated[
        Path, typer.Argument(help="lives of machines, as sim.lives writes them: KIND/KIND.npz")
    ],
    out: Annotated[Path, typer.Option(help="folder for the models")],
    window_h: Annotated[float, typer.Option(min=0.01, help="length of a window of those lives [h]")] = 8.0,
    owner: Annotated[str, typer.Option(help="who answers for the models, for their cards")] = "",
    origin_vi: Annotated[str, typer.Option(help="where the lives come from, in Vietnamese")] = "",
    origin_en: Annotated[str, typer.Option(help="the same in English")] = "",
) -> None:
    """Train a health model of each kind that a folder has lives of, and write its card beside it."""
    from maintenance.health.artefact import save_health_model
    from maintenance.health.training import train
    from maintenance.machine_lives import read_lives
    from maintenance.registry.card import card_path, write_card
    from maintenance.registry.evaluate import card_of

    for place in sorted(path for path in folder.iterdir() if (path / f"{path.name}.npz").exists()):
        lives = read_lives(place, place.name)
        version = save_health_model(train(lives, window_h=window_h, progress=_progress), out)
        file = out / f"{place.name}.npz"
        made = card_of(file, lives, owner=owner, origin_vi=origin_vi, origin_en=origin_en)
        write_card(card_path(file), made)
        _OUT.print(f"{place.name}: model {version} in {out}", markup=False)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _progress(done: int, of: int) -> None:
    if sys.stderr.isatty():
        end = "\n" if done == of else ""
        sys.stderr.write(f"\rfold {done} of {of}{end}")
        sys.stderr.flush()


def main(arguments: list[str] | None = None) -> int:
    """Run; an error of ours is one line and exit status 2."""
    try:
        app(arguments, prog_name="parktwin", standalone_mode=True)
    except ParkTwinError as error:
        _ERR.print(f"{error.code}: {error}", markup=False)
        return EXIT_FAULT
    return 0
