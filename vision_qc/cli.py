"""``parktwin qc``: camera inspection on folders of pictures."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, replace
from io import TextIOWrapper
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from twin.contract.errors import ParkTwinError
from vision_qc.checks.cli import calibrate, measure

if TYPE_CHECKING:
    from vision_qc.evaluate import Refused

EXIT_FAULT = 2
EXIT_REJECT = 1
MOST_TOLD = 20
"""Files refused for one reason that are named; the others are counted."""

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Camera inspection of products, on folders of pictures."
)
benchmark = typer.Typer(no_args_is_help=True, help="Published data sets, scored.")
app.add_typer(benchmark, name="benchmark")
app.command("calibrate")(calibrate)
app.command("measure")(measure)
_OUT = Console(highlight=False, soft_wrap=True)
_ERR = Console(stderr=True, highlight=False, soft_wrap=True)

TargetFpr = Annotated[
    float, typer.Option(min=0.001, max=0.2, help="share of good products that may be rejected")
]
Part = Annotated[
    str | None,
    typer.Option(
        help="regular expression; its first group names the part in a file's name, where one part was "
        "taken several times"
    ),
]
Fine = Annotated[
    bool | None,
    typer.Option(
        "--fine/--no-fine",
        help="for defects that are small for the picture: more pixels, 2.3 times as slow; neither = where "
        "cross-validation says that it pays, in pictures of 0.75 megapixels at most",
    ),
]
Registration = Annotated[
    str,
    typer.Option(
        help="lay parts straight first: auto = if it helps by cross-validation, off, shift, rigid, contour"
    ),
]
Decode = Annotated[
    str,
    typer.Option(help="decode pictures at half their size: auto = where it takes nothing away, half, full"),
]
AsJson = Annotated[bool, typer.Option("--json", help="one JSON object, rates as fractions")]


@app.command()
def teach(
    recipe: Annotated[Path, typer.Argument(help="folder for the recipe")],
    good: Annotated[Path, typer.Option(help="folder with pictures of good products")],
    bad: Annotated[
        Path | None,
        typer.Option(
            help="folder with pictures of defects, five at least; a folder in it holds those of the type it "
            "is named after"
        ),
    ] = None,
    target_fpr: TargetFpr = 0.02,
    part: Part = None,
    fine: Fine = None,
    registration: Registration = "auto",
    decode: Decode = "auto",
    costs: Annotated[
        str,
        typer.Option(
            help="thresholds of least cost instead of --target-fpr: escape,false reject,review,defective/of, "
            "as 200,5,1,3/1000; needs --bad"
        ),
    ] = "",
    checks: Annotated[Path | None, typer.Option(help="plan of what is measured and read, as JSON")] = None,
) -> None:
    """Teach a station what is good, and sharpen it with the defects there are."""
    from vision_qc.baseline import take_baseline, write_baseline
    from vision_qc.checks.plan import read_plan
    from vision_qc.costs import read_costs
    from vision_qc.decoding import choose_decoding
    from vision_qc.evaluate import read_with_paths
    from vision_qc.features import shared_network
    from vision_qc.image_file import list_images
    from vision_qc.parts import parts_of, types_of
    from vision_qc.recipe import save
    from vision_qc.teach import registering
    from vision_qc.teach import teach as teach_station

    plan = read_plan(checks) if checks else None
    refused: Refused = []
    decoding = choose_decoding(list_images(good), decode, fine=fine, checks=plan is not None)
    paths, good_pictures = read_with_paths(good, refused, decoding)
    parts = parts_of(paths, part) if part else None
    bad_paths, bad_pictures = read_with_paths(bad, refused, decoding) if bad else ([], [])
    _tell(refused)
    begun = perf_counter()
    taught = teach_station(
        good_pictures,
        bad_pictures,
        shared_network(),
        target_fpr=target_fpr,
        parts=parts,
        fine=fine,
        registration=registering(registration),
        decoding=decoding,
        costs=read_costs(costs) if costs else None,
        types=types_of(bad_paths, bad) if bad else None,
    )
    save(replace(taught.station, plan=plan), recipe)
    write_baseline(take_baseline(good_pictures, taught.good_scores, taught.station.eye), recipe)
    threshold = taught.station.threshold
    _OUT.print(
        f"{recipe}: taught from {len(good_pictures)} good and {len(bad_pictures)} bad pictures in "
        f"{perf_counter() - begun:.1f} s; light {taught.station.eye.light}; "
        f"looks {'finely' if taught.station.eye.fine else 'as usual'}; "
        f"registration {way.way if (way := taught.station.registration) else 'none'}; "
        f"decoded at {decoding} size; "
        f"review from {threshold.review:.2f}, reject from {threshold.reject:.2f}",
        markup=False,
    )
    if taught.priced is not None:
        _print({name: figure for name, figure in asdict(taught.priced).items() if name != "threshold"}, False)


@app.command()
def inspect(
    recipe: Annotated[Path, typer.Argument(help="folder of the recipe")],
    images: Annotated[list[Path], typer.Argument(help="pictures to judge, files or folders")],
    heat: Annotated[Path | None, typer.Option(help="folder for pictures with their heat map")] = None,
) -> None:
    """Judge pictures: one line of JSON each; exit status 1 if one of them is not accepted."""
    from vision_qc.evaluate import list_products
    from vision_qc.features import shared_network
    from vision_qc.inspection import inspect_file
    from vision_qc.recipe import load

    loaded = load(recipe)
    network = shared_network()
    accepted = True
    for path in images:
        passed_over: Refused = []
        pictures = list_products(path, passed_over) if path.is_dir() else (path,)
        _tell(passed_over)
        for picture in pictures:
            line = inspect_file(picture, loaded, network, heat)
            accepted = accepted and line["verdict"] == "accept"
            sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    if not accepted:
        raise typer.Exit(EXIT_REJECT)


@app.command()
def evaluate(
    good_train: Annotated[Path, typer.Option(help="good products to teach from")],
    good_test: Annotated[Path, typer.Option(help="good products to ask about")],
    bad_test: Annotated[Path, typer.Option(help="defects to ask about")],
    bad_train: Annotated[Path | None, typer.Option(help="defects to teach from, five at least")] = None,
    masks: Annotated[
        Path | None, typer.Option(help="masks of the pictures in --bad-test, named alike")
    ] = None,
    target_fpr: TargetFpr = 0.02,
    part: Part = None,
    fine: Fine = None,
    registration: Registration = "auto",
    decode: Decode = "auto",
    as_json: AsJson = False,
) -> None:
    """Teach from folders, judge others, and print how well it went."""
    from vision_qc.evaluate import Folders
    from vision_qc.evaluate import evaluate as run
    from vision_qc.features import shared_network
    from vision_qc.teach import registering

    folders = Folders(good_train, good_test, bad_test, bad_train, masks, part)
    report, refused = run(
        folders,
        shared_network(),
        target_fpr=target_fpr,
        clock=perf_counter,
        fine=fine,
        registration=registering(registration),
        decode=decode,
    )
    _tell(refused)
    _print(asdict(report), as_json)


@app.command()
def serve() -> None:
    """Inspect what stations send over HTTP; settings are PARKTWIN_* variables."""
    from vision_qc.service.__main__ import main as run

    raise typer.Exit(run())


@app.command()
def install(
    recipe: Annotated[Path, typer.Argument(help="folder that teach wrote")],
    url: Annotated[str, typer.Option(help="of the inspection service, http://127.0.0.1:8421")],
    station: Annotated[str, typer.Option(help="equipment id of the station")],
    product: Annotated[str, typer.Option(help="name of the product")],
    by: Annotated[str, typer.Option(help="who answers for it")],
    reason: Annotated[str, typer.Option(help="in words")] = "",
    mm_per_px: Annotated[float | None, typer.Option(help="scale of the station's camera")] = None,
    activate: Annotated[bool, typer.Option(help="judge with it from now on")] = False,
) -> None:
    """Send a taught recipe to the inspection service; PARKTWIN_ACCESS_TOKEN is shown if it is set."""
    from vision_qc.client import QcClient

    with QcClient(url, token=os.environ.get("PARKTWIN_ACCESS_TOKEN")) as client:
        version = client.install(
            recipe, station, product, by=by, reason=reason, mm_per_px=mm_per_px, activate=activate
        )
    _OUT.print(f"{station}: {product} version {version}{' is active' if activate else ' is installed'}")


@app.command()
def classify(
    train: Annotated[Path, typer.Option(help="folder with one folder of pictures a class, to learn from")],
    test: Annotated[Path, typer.Option(help="folder with one folder of pictures a class, to score")],
    shots: Annotated[int | None, typer.Option(min=1, help="learn from so many of each class; all")] = None,
    unknown: Annotated[
        float | None,
        typer.Option(
            min=0.005,
            max=0.5,
            help='"unknown" is an answer: share of pictures of classes learnt that may be called so',
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Learn classes from folders, and say how many pictures of other folders are told right."""
    from vision_qc.classify import classify as run

    report, refused = run(train, test, shots, unknown)
    _tell(refused)
    _print(asdict(report), as_json)


@benchmark.command("deeppcb")
def benchmark_deeppcb(
    directory: Annotated[Path, typer.Argument(help="folder that the lists' paths start from")],
    test: Annotated[Path, typer.Option(help="list of pairs to score")],
    train: Annotated[Path, typer.Option(help="list of pairs to learn from")] = Path("trainval.txt"),
    as_json: AsJson = False,
) -> None:
    """Learn board defects from training pairs, and score those found in test pairs."""
    from vision_qc.benchmarks import deeppcb
    from vision_qc.workers import spread_work

    _print(asdict(deeppcb.run(directory, train, test, spread_work, _say)), as_json)


def _say(line: str) -> None:
    _ERR.print(line, markup=False)


def _tell(refused: Refused) -> None:
    by_code: dict[str, Refused] = {}
    for path, error in refused:
        by_code.setdefault(error.code, []).append((path, error))
    for code, rows in by_code.items():
        for path, error in rows[:MOST_TOLD]:
            _say(f"{path}: refused, {code}: {error}")
        if len(rows) > MOST_TOLD:
            _say(f"{len(rows) - MOST_TOLD} more refused, {code}")


def _print(figures: dict[str, Any], as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(figures, ensure_ascii=False) + "\n")
        return
    for name, value in figures.items():
        if isinstance(value, dict):
            for part, figure in value.items():
                _OUT.print(f"{name + ' ' + part:<28}{_show(figure)}", markup=False)
        else:
            _OUT.print(f"{name:<28}{_show(value)}", markup=False)


def _show(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def main() -> int:
    """Run ``parktwin qc``; an error of ours is one line and exit status 2."""
    from vision_qc.threads import one_core

    one_core()
    if isinstance(sys.stdout, TextIOWrapper):
        # names of files may be any bytes; what this writes of them is still JSON
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        app(prog_name="parktwin qc")
    except ParkTwinError as error:
        _say(f"{error.code}: {error}")
        return EXIT_FAULT
    return 0


if __name__ == "__main__":
    sys.exit(main())
