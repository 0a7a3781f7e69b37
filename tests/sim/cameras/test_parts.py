"""What is drawn is as large as it says: measured back from the pictures."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from sim.cameras import filled_bottle, machined_part, part_drawing
from sim.cameras.picture import generator
from tests.sim.cameras.pieces import Made, camera

U8 = npt.NDArray[np.uint8]


def bore_px(picture: U8) -> float:
    """Radius of the bore, from the area that is dark in the middle."""
    middle = picture[280:680, 440:840].astype(np.float32)
    dark = (np.asarray(cv2.GaussianBlur(middle, (0, 0), 1.0)) < 100).astype(np.uint8)
    _, parts = cv2.connectedComponents(dark)
    return float(np.sqrt(np.count_nonzero(parts == parts[200, 200]) / np.pi))


def test_bores_measure_what_they_are_to_a_tenth_of_a_pixel() -> None:
    watching = camera("machined_part")
    nominal = part_drawing.design("flange-110").bore
    measured = np.array([bore_px(watching.take(Made(f"A-{n}", "flange-110")).picture) for n in range(12)])
    # the threshold sits at one place of the edge for all parts, so that only the scatter is exact
    assert measured.mean() == pytest.approx(nominal, abs=1.0)
    assert measured.std() < 0.45


def test_a_wrong_dimension_is_wrong_by_more_than_any_good_part() -> None:
    rng = np.random.default_rng(1)
    for number in range(40):
        good = part_drawing.clamp(part_drawing.design("flange-110"), rng)
        bad = machined_part.misshape(good, rng)
        off = [abs(bad.bore - good.bore), abs(bad.outer - good.outer)]
        for was, is_ in zip(good.holes, bad.holes, strict=True):
            off += [abs(is_.radius - was.radius), float(np.hypot(is_.x - was.x, is_.y - was.y))]
        assert sum(value > 0 for value in off) == 1, number
        assert max(off) >= 0.59 * part_drawing.PX_PER_MM


def test_parts_of_one_product_are_alike_and_products_differ() -> None:
    """Seen from so far that tool marks do not show, as every part has its own."""
    watching = camera("machined_part")
    products = ("flange-110", "flange-110", "shaft-32", "housing-8")
    taken = [watching.take(Made(f"A-{n}", product)).picture for n, product in enumerate(products)]
    far = [cv2.resize(p, (80, 60), interpolation=cv2.INTER_AREA).astype(float) for p in taken]
    alike, *different = (np.abs(far[0] - other).mean() for other in far[1:])
    assert 4 * alike < min(different)


def test_the_level_in_a_bottle_is_where_it_was_filled_to() -> None:
    made = filled_bottle.design("tea-455")
    watching = camera("bottle")
    for number in range(4):
        piece = Made(f"B-{number}", "tea-455")
        filled = filled_bottle.fill_one(made, generator(7, watching.station, piece.serial, "tea-455", "base"))
        picture = watching.take(piece).picture
        column = picture[180:420, round(filled.x) - 20 : round(filled.x) + 20, 0].mean(axis=1)
        level = 180 + int(np.argmin(np.diff(cv2.GaussianBlur(column[:, None], (0, 0), 1.5).ravel())))
        assert level == pytest.approx(filled.fill_y + filled.drop_px, abs=3)


def test_a_product_s_name_may_say_what_is_in_it() -> None:
    assert filled_bottle.design("tea-455").drink == "tea"
    assert filled_bottle.design("water-500").drink == "water"
