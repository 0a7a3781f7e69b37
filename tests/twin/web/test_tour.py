"""The tour for visitors: each stop of the script is in the text with its picture, and none is lost."""

from __future__ import annotations

import re
from pathlib import Path

import cv2
import pytest

from docs.tour import IMAGES, MOST_BYTES
from docs.tour_steps import STEPS, Step

ROOT = Path(__file__).parents[3]
TOUR = (ROOT / "docs" / "tour.md").read_text()
SHOWN = re.findall(r"!\[([^\]]+)\]\(images/([^)]+)\)", TOUR)


def test_the_text_shows_the_stops_of_the_script_and_no_other() -> None:
    assert sorted(SHOWN) == sorted((step.alt, step.file) for step in STEPS)


@pytest.mark.parametrize("step", STEPS, ids=[step.name for step in STEPS])
def test_the_picture_of_a_stop_is_of_its_window_and_small(step: Step) -> None:
    path = IMAGES / step.file
    assert path.stat().st_size < MOST_BYTES
    picture = cv2.imread(str(path))
    assert picture is not None
    assert (picture.shape[1], picture.shape[0]) == step.size


def test_no_picture_is_left_over_and_the_readme_shows_three_of_them() -> None:
    assert {path.name for path in IMAGES.glob("tour-*")} == {step.file for step in STEPS}
    readme = (ROOT / "README.md").read_text()
    assert len(re.findall(r"\]\(docs/images/tour-[\w-]+\.webp\)", readme)) == 3
    for name in re.findall(r"\]\(docs/images/([\w.-]+)\)", readme):
        assert (IMAGES / name).exists(), name


def test_every_link_of_the_tour_leads_somewhere() -> None:
    for target in re.findall(r"\]\(([\w./-]+\.md)\)", TOUR):
        assert (ROOT / "docs" / target).exists(), target
    assert f"`parktwin sim inject {' '.join(STEPS_BY_NAME['alarms'].fault[:2])}`" in TOUR


STEPS_BY_NAME = {step.name: step for step in STEPS}
