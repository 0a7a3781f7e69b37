"""The plan of a recipe's checks: what a person writes down, as JSON, and what comes of it for a picture."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

import cv2
import msgspec
import numpy as np

from vision_qc.checks.code_reader import CodePlan, read_code
from vision_qc.checks.edges import F64
from vision_qc.checks.measurement import Characteristic, Gap, Measured, measure
from vision_qc.checks.scale import Scale
from vision_qc.checks.text_reader import require_reader
from vision_qc.errors import RecipeError
from vision_qc.image_file import U8
from vision_qc.type_rules import TypeRule, check_rules
from vision_qc.verdicts import worst

MOST = 64
IDENTITY: F64 = np.eye(2, 3)


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All checks of a recipe.

    Args:
        scale: of the camera; needed where something is measured.
        measure: characteristics.
        code: the serial number; null = none is read.
        types: thresholds by type of defect; types that are not named go by the station's.
    """

    scale: Scale | None = None
    measure: Annotated[tuple[Characteristic, ...], msgspec.Meta(max_length=MOST)] = ()
    code: CodePlan | None = None
    types: Annotated[dict[str, TypeRule], msgspec.Meta(max_length=MOST)] = {}


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """What came of the checks.

    Args:
        verdict: the worst of them.
        why: reasons of what is not ``accept``, "" if there are none.
        measured: in the order of the plan.
        code: the serial number that was read.
    """

    verdict: str = "accept"
    why: str = ""
    measured: tuple[Measured, ...] = ()
    code: str | None = None


def make_plan(content: Any) -> Plan:
    """Read a plan out of what JSON holds.

    Raises:
        RecipeError: a field is unknown, missing, of another kind, or contradicts another.
    """
    try:
        plan = msgspec.convert(content, Plan)
    except msgspec.ValidationError as error:
        raise RecipeError(f"checks: {error}; see docs/inspection.md") from error
    if plan.measure and plan.scale is None:
        raise RecipeError("checks: measure needs a scale; parktwin qc calibrate finds it")
    names = [characteristic.name for characteristic in plan.measure]
    for characteristic in plan.measure:
        name = f"checks: characteristic {characteristic.name!r}"
        if names.count(characteristic.name) > 1:
            raise RecipeError(f"{name}: there are two of this name; give each its own")
        if characteristic.lower_mm >= characteristic.upper_mm:
            raise RecipeError(
                f"{name}: lower_mm {characteristic.lower_mm:g} is not below upper_mm "
                f"{characteristic.upper_mm:g}; mend the tolerance"
            )
        if isinstance(characteristic, Gap):
            ends = (characteristic.x0, characteristic.y0), (characteristic.x1, characteristic.y1)
            if np.hypot(*np.subtract(*ends)) < 8:
                raise RecipeError(f"{name}: its line is shorter than 8 px; let it cross both edges")
        elif characteristic.search_px >= characteristic.radius_px:
            raise RecipeError(f"{name}: search_px is not below radius_px; look nearer to the edge")
    if plan.code is not None:
        _check_code(plan.code)
    check_rules(plan.types)
    return plan


def read_plan(path: Path) -> Plan:
    """Read the file of a plan.

    Raises:
        RecipeError: it is missing, no JSON, or no plan.
    """
    try:
        return make_plan(msgspec.json.decode(path.read_bytes()))
    except OSError as error:
        raise RecipeError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RecipeError(f"{path}: no JSON ({error}); mend it") from error


def check(plan: Plan, picture: U8, place: F64 = IDENTITY) -> Checked:
    """Make all checks.

    Args:
        plan: what to check.
        picture: ``uint8[height, width, 3]`` in the camera's full size.
        place: ``float64[2, 3]``, from where things were taught to where they are [px].
    """
    measured: tuple[Measured, ...] = ()
    if plan.measure and plan.scale is not None:
        grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
        measured = tuple(measure(one, plan.scale, grey, place) for one in plan.measure)
    why = [_tell(one) for one in measured if one.verdict != "accept"]
    verdicts = ["accept", *(one.verdict for one in measured)]
    code = None
    if plan.code is not None:
        code, reason = read_code(picture, plan.code)
        if code is None:
            verdicts.append("review")
            why.append(reason)
    return Checked(verdict=worst(*verdicts), why="; ".join(why), measured=measured, code=code)


def _tell(one: Measured) -> str:
    if one.value_mm is None or one.guard_mm is None:
        return f"{one.name}: edges not to be found; look at the part"
    tolerance = f"{one.lower_mm:g} to {one.upper_mm:g} mm"
    if one.verdict == "reject":
        return f"{one.name} {one.value_mm:.4f} mm: outside of {tolerance}"
    return f"{one.name} {one.value_mm:.4f} mm: within {one.guard_mm:.4f} mm of a limit of {tolerance}"


def _check_code(code: CodePlan) -> None:
    if not code.kinds:
        raise RecipeError("checks: code has no kinds; give qr, barcode, text or several")
    if "text" in code.kinds:
        require_reader()
        if code.region is None or not code.pattern:
            raise RecipeError(
                "checks: code of the kind text needs region and pattern; a part shows other text too"
            )
    try:
        re.compile(code.pattern)
    except re.error as error:
        raise RecipeError(
            f"checks: code pattern {code.pattern!r}: no regular expression ({error})"
        ) from error
    if code.region is not None and not (code.region[0] < code.region[2] and code.region[1] < code.region[3]):
        raise RecipeError(f"checks: code region {code.region}: left, top, right, bottom; mend it")
