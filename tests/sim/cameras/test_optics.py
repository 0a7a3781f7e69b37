"""The way from scene to picture, against the standard's model and against what was asked of it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from sim.cameras.optics import Exposure, Optics, expose, set_up
from sim.cameras.picture import Mark, Scene
from tests.sim.cameras.pieces import Made, camera

FLAT = Optics(fall=0, slope=0)


def flat(level: int, *, colour: bool = False) -> Scene:
    shape = (256, 256, 3) if colour else (256, 256)
    return Scene(np.full(shape, level, np.uint8), (), "flat")


@pytest.mark.parametrize("level", [20, 90, 160, 220])
def test_noise_is_that_of_emva_1288(level: int) -> None:
    picture, _ = expose(flat(level), FLAT, Exposure(0), ("s",), np.random.default_rng(1))
    gain = 255 / FLAT.full_well_e
    # rounding to whole numbers adds a twelfth
    expected = (gain * FLAT.read_e) ** 2 + gain * level + 1 / 12
    assert picture.mean() == pytest.approx(level, abs=0.05)
    assert picture.var() == pytest.approx(expected, rel=0.03)


def test_noise_of_neighbours_and_of_pictures_has_nothing_in_common() -> None:
    rng = np.random.default_rng(2)
    one, two = (expose(flat(120), FLAT, Exposure(0), ("s",), rng)[0].astype(float) - 120 for _ in "ab")
    assert abs(np.corrcoef(one.ravel(), two.ravel())[0, 1]) < 0.02
    assert abs(np.corrcoef(one[:, 1:].ravel(), one[:, :-1].ravel())[0, 1]) < 0.02


def test_light_saturates_and_never_wraps_around() -> None:
    bright, _ = expose(flat(250), FLAT, Exposure(0, gain=2.0), ("s",), np.random.default_rng(1))
    assert bright.min() == 255
    dark, _ = expose(flat(0), FLAT, Exposure(0), ("s",), np.random.default_rng(1))
    assert dark.max() <= 2


def test_colours_survive_the_bayer_filter() -> None:
    scene = Scene(np.full((64, 64, 3), (40, 120, 200), np.uint8), (), "flat")
    picture, _ = expose(scene, FLAT, Exposure(0), ("s",), np.random.default_rng(1))
    assert picture[8:-8, 8:-8].mean(axis=(0, 1)) == pytest.approx([40, 120, 200], abs=0.5)


def test_the_lens_blurs_a_point_as_wide_as_it_says() -> None:
    image = np.zeros((101, 101), np.uint8)
    image[50, 50] = 255
    quiet = Optics(fall=0, slope=0, full_well_e=1e12, read_e=0)
    picture, _ = expose(Scene(image, (), "point"), quiet, Exposure(1.5), ("s",), np.random.default_rng(1))
    weight = picture / picture.sum()
    spread = np.sqrt((weight.sum(axis=0) * (np.arange(101) - 50) ** 2).sum())
    assert spread == pytest.approx(1.5, rel=0.1)


def test_pieces_lie_as_scattered_as_the_fixture_lets_them() -> None:
    optics = Optics(shift_px=1.5, turn_deg=0.1, flicker=0.01)
    rng = np.random.default_rng(5)
    drawn = [set_up(optics, rng) for _ in range(4000)]
    shifts = np.array([exposure.shift for exposure in drawn])
    assert shifts.mean(axis=0) == pytest.approx([0, 0], abs=0.08)
    assert shifts.std(axis=0) == pytest.approx([1.5, 1.5], rel=0.05)
    assert np.std([exposure.turn_deg for exposure in drawn]) == pytest.approx(0.1, rel=0.05)
    assert np.std([exposure.gain for exposure in drawn]) == pytest.approx(0.01, rel=0.05)


def test_boards_are_seen_where_they_lie() -> None:
    watching = camera("deeppcb")
    pictures = [watching.take(Made(f"A-{n}")).picture.astype(np.float32) for n in range(24)]
    moved = np.array([cv2.phaseCorrelate(pictures[0], other)[0] for other in pictures[1:]])
    # of two independent places the difference has twice the variance; the first one is common to all
    assert moved.std(axis=0).min() > 0.7 * 1.5
    assert moved.std(axis=0).max() < 1.4 * 1.5


def test_a_mark_moves_with_its_scene() -> None:
    image = np.full((200, 300), 40, np.uint8)
    image[60:80, 100:140] = 200
    mark = Mark("spot", 100, 60, np.ones((20, 40), np.bool_))
    exposure = Exposure(0.7, shift=(25.0, -10.0), turn_deg=3.0)
    picture, mask = expose(Scene(image, (mark,), "spot"), FLAT, exposure, ("s",), np.random.default_rng(1))
    assert np.count_nonzero(mask) == pytest.approx(800, rel=0.03)
    # turned clockwise about the middle: what lies left of it and above goes up and right
    ys, xs = np.nonzero(mask)
    assert (xs.mean(), ys.mean()) == pytest.approx((146.2, 57.1), abs=1.0)
    assert picture[mask > 0].mean() > 180
    assert picture[mask == 0].mean() < 45
