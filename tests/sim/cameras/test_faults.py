"""Each fault of a camera shows in its pictures, the more the worse it is."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from sim.cameras.errors import CameraDeadError, UnknownFaultError
from sim.cameras.faults import CAMERA_FAULTS
from sim.cameras.sources import SOURCES
from tests.sim.cameras.pieces import Made, camera

SHARED = {"camera_defocus", "camera_dirty_lens", "camera_exposure_drift", "camera_misalignment"}


def sharpness(picture: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> float:
    """Variance of the Laplacian, after what noise adds has been smoothed away."""
    smooth = cv2.GaussianBlur(picture.astype(np.float32), (0, 0), 1.0)
    return float(np.asarray(cv2.Laplacian(smooth, cv2.CV_32F)).var())


def test_the_table_names_what_iso_14224_names() -> None:
    assert set(CAMERA_FAULTS) == {*SHARED, "camera_dead"}
    for name, fault in CAMERA_FAULTS.items():
        assert fault.name == name
        assert len(fault.iso14224) == 3
        assert fault.vi
        assert fault.en


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("name", sorted(SHARED))
def test_a_fault_grows_with_its_severity_and_leaves_the_piece_alone(source: str, name: str) -> None:
    watching = camera(source)
    piece = Made("A-1", defects=watching.source.defects[:1])
    sound = watching.take(piece)
    changes = []
    for severity in (0.0, 0.25, 0.6, 1.0):
        shot = watching.take(piece, {name: severity})
        changes.append(float(cv2.absdiff(shot.picture, sound.picture).mean()))
        assert [defect.type for defect in shot.label.defects] == list(piece.defects)
        assert shot.label.faults == (((name, severity),) if severity else ())
    assert changes[0] == 0
    assert changes == sorted(changes)
    assert changes[1] > 0.3


def test_defocus_takes_the_edges() -> None:
    watching = camera("machined_part")
    sharp = [sharpness(watching.take(Made("A-1"), {"camera_defocus": s}).picture) for s in (0, 0.3, 0.6, 1)]
    assert sharp[0] > 1.5 * sharp[1]
    assert sharp[1] > 1.5 * sharp[2] > 1.5 * sharp[3]


def test_dirt_stays_where_it_is_while_pieces_pass() -> None:
    watching = camera("fabric")
    pieces = [Made(f"A-{n}", product="greige") for n in range(6)]
    takes = [
        np.mean([watching.take(p, f).picture for p in pieces], axis=(0, 3))
        for f in ({}, {"camera_dirty_lens": 1.0})
    ]
    light = cv2.GaussianBlur(takes[1] / takes[0], (0, 0), 5)
    assert light.min() < 0.75 * np.median(light)
    other = np.mean(
        [
            watching.take(Made(f"B-{n}", product="greige"), {"camera_dirty_lens": 1.0}).picture
            for n in range(6)
        ],
        axis=(0, 3),
    )
    again = cv2.GaussianBlur(other / takes[0], (0, 0), 5)
    assert np.corrcoef(light.ravel(), again.ravel())[0, 1] > 0.9


def test_exposure_drifts_by_a_stop_and_a_half() -> None:
    watching = camera("machined_part")
    before = watching.take(Made("A-1")).picture.mean()
    after = watching.take(Made("A-1"), {"camera_exposure_drift": 1.0}).picture.mean()
    ratio = max(after / before, before / after)
    assert ratio == pytest.approx(2**1.5, rel=0.15)


def test_a_knocked_camera_looks_elsewhere_and_labels_go_along() -> None:
    watching = camera("deeppcb")
    piece = Made("A-1", defects=("copper",))
    sound, knocked = watching.take(piece), watching.take(piece, {"camera_misalignment": 0.5})
    (here,), (there,) = sound.label.defects, knocked.label.defects
    moved = np.hypot(here.box[0] - there.box[0], here.box[1] - there.box[1])
    assert 12 < moved < 60
    clean = watching.take(Made("A-1"), {"camera_misalignment": 0.5})
    difference = cv2.absdiff(clean.picture, knocked.picture)
    assert difference[knocked.mask == 1].mean() > 60


def test_a_dying_camera_sends_black_pictures_and_then_none() -> None:
    watching = camera("deeppcb")
    shots = [watching.take(Made(f"A-{n}", defects=("spur",)), {"camera_dead": 0.5}) for n in range(60)]
    black = [shot for shot in shots if shot.picture.max() < 10]
    assert 18 <= len(black) <= 42
    for shot in black:
        # the piece is as bad as it was; the picture shows nothing of it
        assert [defect.area_px for defect in shot.label.defects] == [0]
        assert not shot.mask.any()
    again = watching.take(Made("A-3", defects=("spur",)), {"camera_dead": 0.5})
    assert np.array_equal(again.picture, shots[3].picture)
    with pytest.raises(CameraDeadError, match="sends nothing"):
        watching.take(Made("A-1"), {"camera_dead": 1.0})


def test_faults_add_up_and_unknown_ones_are_refused() -> None:
    watching = camera("deeppcb")
    both = watching.take(Made("A-1"), {"camera_defocus": 0.5, "camera_exposure_drift": 0.8})
    assert both.label.faults == (("camera_exposure_drift", 0.8), ("camera_defocus", 0.5))
    with pytest.raises(UnknownFaultError, match="'haunted': there is none; choose of camera_defocus"):
        watching.take(Made("A-1"), {"haunted": 0.5})
