"""``parktwin qc calibrate`` and ``measure``: scale from a target, and checks without a station."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer

EXIT_REJECT = 1


def calibrate(
    image: Annotated[Path, typer.Argument(help="picture of the target, taken as products are")],
    checkerboard: Annotated[str, typer.Option(help="inner corners, columns x rows: 9x6")] = "",
    pitch_mm: Annotated[float, typer.Option(help="side of a square")] = 0.0,
    circle: Annotated[str, typer.Option(help="about where the circle is: x,y,radius in px")] = "",
    diameter_mm: Annotated[float, typer.Option(help="of the circle")] = 0.0,
    u_mm: Annotated[float, typer.Option(help="standard uncertainty of pitch or diameter")] = 0.0,
) -> None:
    """Find the scale from a target of known size; prints the plan's "scale"."""
    from vision_qc.checks.scale import from_checkerboard, from_circle
    from vision_qc.errors import CalibrationError
    from vision_qc.image_file import read_image

    size = pitch_mm if checkerboard else diameter_mm
    if bool(checkerboard) == bool(circle) or not size > 0 or not 0 <= u_mm < size / 10:
        raise CalibrationError(
            "calibrate: give --checkerboard with --pitch-mm, or --circle with --diameter-mm, and --u-mm "
            "below a tenth of it"
        )
    try:
        numbers = [
            float(part) for part in (checkerboard.lower().split("x") if checkerboard else circle.split(","))
        ]
        first, second = numbers[0], numbers[1]
        third = numbers[2] if circle else 0.0
    except (ValueError, IndexError) as error:
        raise CalibrationError("calibrate: write --checkerboard 9x6, or --circle 640,480,120") from error
    picture = read_image(image)
    if checkerboard:
        scale = from_checkerboard(picture, int(first), int(second), pitch_mm, u_mm)
    else:
        scale = from_circle(picture, first, second, third, diameter_mm, u_mm)
    sys.stdout.write(json.dumps(msgspec.to_builtins(scale)) + "\n")


def measure(
    plan: Annotated[Path, typer.Argument(help="plan of what is measured and read, as JSON")],
    images: Annotated[list[Path], typer.Argument(help="pictures, files or folders")],
) -> None:
    """Measure and read by a plan: one line of JSON a picture; exit status 1 if one is not accepted."""
    from vision_qc.checks.plan import check, read_plan
    from vision_qc.errors import FolderError, ImageError
    from vision_qc.image_file import list_images, read_image

    checks, accepted = read_plan(plan), True
    for path in images:
        for file in list_images(path) if path.is_dir() else (path,):
            try:
                told = msgspec.to_builtins(check(checks, read_image(file)))
            except (ImageError, FolderError) as error:
                told = {"verdict": None, "error": {"code": error.code, "text": str(error)}}
            accepted = accepted and told["verdict"] == "accept"
            sys.stdout.write(json.dumps({"image": str(file)} | told, ensure_ascii=False) + "\n")
    if not accepted:
        raise typer.Exit(EXIT_REJECT)
