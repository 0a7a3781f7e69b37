"""What every picture source must do, whatever it draws."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from sim.cameras.errors import UnknownDefectError, UnknownSourceError
from sim.cameras.picture import VISIBLE_DN
from sim.cameras.sources import SOURCES, create_source
from tests.sim.cameras.pieces import Made, camera

EVERY_DEFECT = [(name, defect) for name in SOURCES for defect in create_source(name, None)[0].defects]
SPREAD_PX = 6
"""How far lens and Bayer interpolation carry a difference."""


@pytest.mark.parametrize("source", SOURCES)
def test_the_same_piece_gives_the_same_bytes_whatever_was_asked_before(source: str) -> None:
    defects = create_source(source, None)[0].defects[:2]
    first, second = camera(source), camera(source)
    second.take(Made("another"))
    for piece in (Made("A-1"), Made("A-2", defects=defects)):
        one, two = first.take(piece), second.take(piece)
        assert one.picture.tobytes() == two.picture.tobytes()
        assert one.mask.tobytes() == two.mask.tobytes()
        assert one.label == two.label


@pytest.mark.parametrize("source", SOURCES)
def test_everything_that_names_a_picture_changes_it(source: str) -> None:
    one = camera(source).take(Made("A-1")).picture
    others = (
        camera(source).take(Made("A-2")),
        camera(source).take(Made("A-1", product="power-b1")),
        camera(source, station="elsewhere").take(Made("A-1")),
        camera(source, seed=8).take(Made("A-1")),
    )
    assert all(not np.array_equal(one, other.picture) for other in others)
    same = camera(source).take(Made("A-1", time_ns=0))
    assert np.array_equal(one, same.picture)


@pytest.mark.parametrize("source", SOURCES)
def test_pictures_are_as_large_and_coloured_as_the_source_says(source: str) -> None:
    watching = camera(source)
    width, height = watching.source.size
    shot = watching.take(Made("A-1"))
    assert shot.picture.shape == ((height, width, 3) if watching.source.colour else (height, width))
    assert shot.picture.dtype == np.uint8
    assert shot.mask.shape == (height, width)
    assert 640 <= width <= 1280
    assert 640 <= height <= 1024
    # neither black nor burnt out
    assert 25 < shot.picture.mean() < 225
    assert np.mean(shot.picture == 255) < 0.01


@pytest.mark.parametrize("source", SOURCES)
def test_a_good_piece_has_no_label_and_no_mask(source: str) -> None:
    shot = camera(source).take(Made("A-1"))
    assert shot.label.defects == ()
    assert not shot.mask.any()
    assert (shot.label.serial, shot.label.product) == ("A-1", "mainboard-a3")


@pytest.mark.parametrize(("source", "defect"), EVERY_DEFECT)
def test_a_defect_is_seen_where_its_label_says_and_nowhere_else(source: str, defect: str) -> None:
    watching = camera(source)
    for number in range(6):
        flawed = watching.take(Made(f"A-{number}", defects=(defect,)))
        clean = watching.take(Made(f"A-{number}"))
        (label,) = flawed.label.defects
        assert label.type == defect
        here = flawed.mask == 1
        assert label.area_px == np.count_nonzero(here) >= 20
        x0, y0, x1, y1 = label.box
        assert np.count_nonzero(here[y0:y1, x0:x1]) == label.area_px
        difference = cv2.absdiff(flawed.picture, clean.picture)
        strongest = difference if difference.ndim == 2 else difference.max(axis=2)
        # photon noise is 2 DN: a faint scratch of one pixel still stands out of it
        assert strongest[here].mean() > 1.5 * VISIBLE_DN
        assert np.quantile(strongest[here], 0.9) > 2.5 * VISIBLE_DN
        near = cv2.dilate(here.astype(np.uint8), np.ones((2 * SPREAD_PX + 1, 2 * SPREAD_PX + 1))) > 0
        assert strongest[~near].max() <= 2 * VISIBLE_DN
        assert strongest[~near].mean() < 0.02


@pytest.mark.parametrize("source", SOURCES)
def test_a_piece_may_have_every_defect_at_once(source: str) -> None:
    watching = camera(source)
    types = watching.source.defects
    shot = watching.take(Made("A-1", defects=tuple(reversed(types))))
    assert [defect.type for defect in shot.label.defects] == list(reversed(types))
    assert all(defect.area_px for defect in shot.label.defects)
    assert set(np.unique(shot.mask)) <= set(range(len(types) + 1))


@pytest.mark.parametrize("source", SOURCES)
def test_a_defect_that_two_stations_made_is_there_once(source: str) -> None:
    watching = camera(source)
    defect = watching.source.defects[0]
    twice = watching.take(Made("A-1", defects=(defect, defect)))
    assert np.array_equal(twice.picture, watching.take(Made("A-1", defects=(defect,))).picture)
    assert len(twice.label.defects) == 1


def test_what_a_source_cannot_show_is_refused() -> None:
    with pytest.raises(UnknownDefectError, match="cannot show 'rust', only low_fill, missing_cap"):
        camera("bottle").take(Made("A-1", defects=("rust",)))
    with pytest.raises(UnknownSourceError, match="'x-ray': there is none; choose of deeppcb, "):
        create_source("x-ray", None)


@pytest.mark.parametrize("source", SOURCES)
def test_labels_count_what_pieces_have(source: str) -> None:
    watching = camera(source)
    rng = np.random.default_rng(3)
    types = watching.source.defects
    pieces = [Made(f"A-{n}", defects=tuple(t for t in types if rng.random() < 0.15)) for n in range(25)]
    labels = [watching.take(piece).label for piece in pieces]
    for piece, label in zip(pieces, labels, strict=True):
        assert tuple(defect.type for defect in label.defects) == piece.defects
    assert 0 < sum(bool(label.defects) for label in labels) < len(pieces)
