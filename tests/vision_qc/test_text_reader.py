"""Printed serial numbers: read where they are plain, and a person looks where they are not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.support.require import missing
from vision_qc.checks import text_reader
from vision_qc.checks.plan import check, make_plan
from vision_qc.errors import RecipeError
from vision_qc.image_file import U8

PLAN = {"code": {"kinds": ["text"], "pattern": r"SN-\d{6}", "region": [20, 20, 460, 140]}}


def label(text: str, noise: float, seed: int) -> U8:
    """Draw a printed label: ``uint8[300, 480, 3]``."""
    part = np.full((300, 480, 3), 140, np.uint8)
    cv2.putText(part, text, (50, 100), cv2.FONT_HERSHEY_SIMPLEX, 1.8, (40, 40, 40), 4, cv2.LINE_AA)
    cv2.putText(part, "LOT SN-999999", (50, 250), cv2.FONT_HERSHEY_SIMPLEX, 1.4, (40, 40, 40), 3, cv2.LINE_AA)
    noisy = part + np.random.default_rng(seed).normal(0, noise, part.shape)
    return np.asarray(np.clip(noisy, 0, 255), np.uint8)


@pytest.fixture
def reader() -> None:
    try:
        text_reader.require_reader()
    except RecipeError:
        missing("the package rapidocr", "pip install -e '.[dev,ocr]' -c constraints.txt")


@pytest.mark.usefixtures("reader")
def test_plain_print_is_read_and_only_in_its_region() -> None:
    plan = make_plan(PLAN)
    numbers = [f"SN-{number:06d}" for number in (4217, 880031, 715302, 96644)]
    read = [check(plan, label(number, 8, seed)).code for seed, number in enumerate(numbers)]
    assert read == numbers


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize(("text", "why"), [("XN-004217", "does not match"), ("", "no text to be read")])
def test_what_is_no_serial_number_goes_to_a_person(text: str, why: str) -> None:
    told = check(make_plan(PLAN), label(text, 4, 1))
    assert (told.verdict, told.code) == ("review", None)
    assert why in told.why


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("gone", ["region", "pattern"])
def test_a_plan_says_where_and_what(gone: str) -> None:
    code = {name: value for name, value in PLAN["code"].items() if name != gone}
    with pytest.raises(RecipeError, match="needs region and pattern"):
        make_plan({"code": code})


def test_without_the_package_a_plan_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_reader, "find_spec", lambda name: None)
    with pytest.raises(RecipeError, match=r"pip install 'parktwin\[ocr\]'"):
        make_plan(PLAN)
