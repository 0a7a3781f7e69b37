"""Dimensions and codes against what was drawn: bias and scatter by noise, uncertainty, decisions, reading."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.vision_qc.products import good
from vision_qc.checks.decision import GUARD
from vision_qc.checks.edges import F32, measure_circle, measure_gap
from vision_qc.checks.plan import check, make_plan
from vision_qc.checks.scale import EDGE_PX, from_checkerboard, from_circle
from vision_qc.errors import CalibrationError, RecipeError
from vision_qc.features import shared_network
from vision_qc.image_file import U8
from vision_qc.recipe import load, save
from vision_qc.teach import teach

FINE = 8
DARK, BRIGHT = 60.0, 180.0
MM_PER_PX = 0.05


def grid(size: int) -> tuple[F32, F32]:
    """Return where the sub-pixels are [px]."""
    places = (np.arange(size * FINE, dtype=np.float32) + 0.5) / FINE - 0.5
    return np.asarray(places[None, :], np.float32), np.asarray(places[:, None], np.float32)


def expose(inside: np.ndarray, noise: float, rng: np.random.Generator) -> F32:
    """Average sub-pixels to pixels, blur as a lens does, add noise and read out in 8 bits."""
    size = len(inside) // FINE
    share = inside.astype(np.float32).reshape(size, FINE, size, FINE).mean((1, 3))
    light = cv2.GaussianBlur(DARK + (BRIGHT - DARK) * share, (0, 0), 0.7)
    return np.asarray(np.clip(np.rint(light + rng.normal(0, noise, light.shape)), 0, 255), np.float32)


def disc(x: float, y: float, radius: float, noise: float, rng: np.random.Generator) -> F32:
    """Draw a bright disc of known size."""
    right, down = grid(112)
    return expose((right - x) ** 2 + (down - y) ** 2 < radius**2, noise, rng)


def slot(middle: float, width: float, turn: float, noise: float, rng: np.random.Generator) -> F32:
    """Draw a bright slot of known width, turned [rad]."""
    right, down = grid(96)
    away = (right - middle) * np.cos(turn) + (down - 48) * np.sin(turn)
    return expose(np.abs(away) < width / 2, noise, rng)


def coloured(grey: F32) -> U8:
    """Return three equal channels."""
    return np.repeat(grey.astype(np.uint8)[:, :, None], 3, axis=2)


@pytest.mark.parametrize(
    ("noise", "most_bias", "most_scatter"), [(0, 0.03, 0.03), (2, 0.03, 0.04), (8, 0.04, 0.08)]
)
def test_circles_and_gaps_are_measured_to_hundredths_of_a_pixel(
    noise: float, most_bias: float, most_scatter: float
) -> None:
    rng = np.random.default_rng(3)
    off: dict[str, list[tuple[float, float]]] = {"circle": [], "gap": []}
    for _ in range(16):
        x, y, radius = rng.uniform(55, 57), rng.uniform(55, 57), rng.uniform(18, 40)
        found = measure_circle(disc(x, y, radius, noise, rng), 56, 56, radius + 1, 7, "bright")
        assert found is not None
        off["circle"].append((found.px - 2 * radius, found.u_px))
        middle, width, turn = rng.uniform(47.5, 48.5), rng.uniform(12, 25), np.radians(rng.uniform(-3, 3))
        found = measure_gap(slot(middle, width, turn, noise, rng), (26, 48), (70, 48), 30, "bright")
        assert found is not None
        off["gap"].append((found.px - width, found.u_px))
    for errors in off.values():
        error, u = np.array(errors).T
        assert abs(error.mean()) < most_bias
        assert error.std() < most_scatter
        # the uncertainty told covers what is wrong: k = 2 is 95 %, and 2 of 16 outside are well within chance
        total = np.hypot(u, 2 * EDGE_PX / 3**0.5)
        assert (np.abs(error) > 2 * total).sum() <= 2


def test_a_circle_that_is_not_there_is_not_measured() -> None:
    rng = np.random.default_rng(0)
    noise = rng.normal(100, 5, (96, 96)).astype(np.float32)
    assert measure_circle(noise, 48, 48, 25, 8, "any") is None
    assert measure_gap(noise, (20, 48), (76, 48), 20, "any") is None


def test_a_chip_on_the_edge_does_not_move_the_circle() -> None:
    rng = np.random.default_rng(1)
    right, down = grid(112)
    inside = ((right - 56) ** 2 + (down - 56) ** 2 < 30**2) & ~((right > 80) & (np.abs(down - 56) < 5))
    found = measure_circle(expose(inside, 2, rng), 56, 56, 30, 8, "bright")
    assert found is not None
    assert found.px == pytest.approx(60, abs=0.08)


def checkerboard(turn_deg: float, pitch_px: float) -> U8:
    """Draw 9 x 6 inner corners, turned."""
    right, down = grid(360)
    turn = np.radians(turn_deg)
    u = ((right - 180) * np.cos(turn) + (down - 180) * np.sin(turn)) / pitch_px + 5
    v = ((down - 180) * np.cos(turn) - (right - 180) * np.sin(turn)) / pitch_px + 3.5
    board = (u > 0) & (u < 10) & (v > 0) & (v < 7)
    white = ~board | (((np.floor(u) + np.floor(v)) % 2) == 0)
    return coloured(expose(white, 2, np.random.default_rng(4)))


def test_the_scale_comes_from_a_checkerboard_or_a_circle() -> None:
    pitch_px, pitch_mm = 27.3, 27.3 * MM_PER_PX
    scale = from_checkerboard(checkerboard(3, pitch_px), 9, 6, pitch_mm, 0.0005)
    assert abs(scale.mm_per_px - MM_PER_PX) < 2 * scale.u_rel * MM_PER_PX
    assert scale.u_rel < 1e-3
    round_ = coloured(disc(56.3, 55.8, 40.2, 2, np.random.default_rng(2)))
    scale = from_circle(round_, 56, 56, 41, 80.4 * MM_PER_PX, 0.0005)
    assert abs(scale.mm_per_px - MM_PER_PX) < 2 * scale.u_rel * MM_PER_PX
    with pytest.raises(CalibrationError, match="not to be seen"):
        from_checkerboard(round_, 9, 6, 1.0, 0.0)


def plan_of(lower: float, upper: float) -> dict[str, object]:
    return {
        "scale": {"mm_per_px": MM_PER_PX, "u_rel": 0.0005},
        "measure": [
            {"kind": "diameter", "name": "bore", "x": 56, "y": 56, "radius_px": 30, "search_px": 8,
             "lower_mm": lower, "upper_mm": upper, "inside": "bright"}
        ],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("lower", "upper", "verdict"),
    [(2.9, 3.1, "accept"), (3.0, 3.1, "review"), (3.1, 3.2, "reject"), (2.8, 2.9, "reject")],
)
def test_a_tolerance_is_decided_with_its_guard_band(lower: float, upper: float, verdict: str) -> None:
    picture = coloured(disc(56.2, 55.9, 30, 2, np.random.default_rng(5)))
    told = check(make_plan(plan_of(lower, upper)), picture)
    assert told.verdict == verdict
    (one,) = told.measured
    assert one.value_mm == pytest.approx(3.0, abs=0.004)
    assert one.u_mm is not None
    assert one.u_mm**2 == pytest.approx(sum(part**2 for part in one.budget_mm.values()))
    assert one.guard_mm == pytest.approx(GUARD * one.u_mm)
    assert ("bore" in told.why) == (verdict != "accept")


def test_what_cannot_be_measured_is_for_a_person() -> None:
    told = check(make_plan(plan_of(2.9, 3.1)), np.full((112, 112, 3), 90, np.uint8))
    assert (told.verdict, told.measured[0].value_mm) == ("review", None)
    assert "bore" in told.why


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"scale": None}, "needs a scale"),
        ({"mesure": []}, "mesure"),
        ({"scale": {"mm_per_px": -1, "u_rel": 0}}, "mm_per_px"),
        ({"measure": plan_of(3.1, 2.9)["measure"]}, "not below upper_mm"),
        ({"measure": 2 * list(plan_of(2.9, 3.1)["measure"])}, "two of this name"),  # type: ignore[call-overload]
        ({"code": {"pattern": "("}}, "no regular expression"),
        ({"code": {"region": [9, 9, 2, 2]}}, "left, top, right, bottom"),
        ({"code": {"kinds": []}}, "no kinds"),
    ],
)
def test_a_wrong_plan_is_named(change: dict[str, object], told: str) -> None:
    with pytest.raises(RecipeError, match=told):
        make_plan(plan_of(2.9, 3.1) | change)


def qr(text: str, turn_deg: float = 0.0) -> U8:
    """Draw a QR code, turned, on a grey part."""
    code = cv2.resize(
        cv2.QRCodeEncoder.create().encode(text), None, fx=5, fy=5, interpolation=cv2.INTER_NEAREST
    )
    part = cv2.copyMakeBorder(np.asarray(code), 60, 60, 60, 60, cv2.BORDER_CONSTANT, value=255)
    middle = (part.shape[1] / 2, part.shape[0] / 2)
    turned = cv2.warpAffine(
        part, cv2.getRotationMatrix2D(middle, turn_deg, 1), part.shape[::-1], borderValue=255
    )
    noise = np.random.default_rng(0).normal(0, 6, turned.shape)
    grey = cv2.GaussianBlur(0.6 * turned + 40 + noise, (0, 0), 0.8)
    return coloured(np.clip(grey, 0, 255).astype(np.float32))


def ean13(digits: str) -> U8:
    """Draw an EAN-13 bar code (GS1 General Specifications, 5.2.1)."""
    odd = [
        "0001101",
        "0011001",
        "0010011",
        "0111101",
        "0100011",
        "0110001",
        "0101111",
        "0111011",
        "0110111",
        "0001011",
    ]
    first = [
        "OOOOOO",
        "OOEOEE",
        "OOEEOE",
        "OOEEEO",
        "OEOOEE",
        "OEEOOE",
        "OEEEOO",
        "OEOEOE",
        "OEOEEO",
        "OEEOEO",
    ]
    right = ["".join("10"[int(bit)] for bit in code) for code in odd]
    even = [code[::-1] for code in right]
    left = "".join(
        (odd if kind == "O" else even)[int(digit)]
        for digit, kind in zip(digits[1:7], first[int(digits[0])], strict=True)
    )
    bars = "101" + left + "01010" + "".join(right[int(digit)] for digit in digits[7:]) + "101"
    row = np.repeat([255 * (bit == "0") for bit in bars], 3).astype(np.uint8)
    label = cv2.copyMakeBorder(np.tile(row, (90, 1)), 40, 40, 40, 40, cv2.BORDER_CONSTANT, value=255)
    return coloured(np.asarray(cv2.GaussianBlur(label.astype(np.float32), (0, 0), 0.8), np.float32))


def test_serial_numbers_are_read_and_others_are_for_a_person() -> None:
    plan = make_plan({"code": {"pattern": r"SN-\d{4}"}})
    for turn in (0, 20, 90):
        assert check(plan, qr("SN-0042", turn)).code == "SN-0042"
    assert check(make_plan({"code": {"kinds": ["barcode"]}}), ean13("4006381333931")).code == "4006381333931"
    for picture, why in ((qr("XX-0042"), "does not match"), (good(1), "no qr or barcode")):
        told = check(plan, picture)
        assert (told.verdict, told.code) == ("review", None)
        assert why in told.why
    both = np.hstack([qr("SN-0001"), qr("SN-0002")])
    told = check(plan, both)
    assert told.code is None
    assert "different ones" in told.why
    width = both.shape[1] // 2
    left = make_plan({"code": {"region": [0, 0, width, both.shape[0]]}})
    assert check(left, both).code == "SN-0001"


def test_the_worst_of_detectors_and_checks_is_the_verdict_and_survives_saving(tmp_path: Path) -> None:
    from dataclasses import replace

    plan = make_plan({"code": {}})
    station = replace(
        teach([good(n) for n in range(20)], [], shared_network(), registration="off").station, plan=plan
    )
    save(station, tmp_path)
    loaded = load(tmp_path).station
    assert loaded.plan == plan
    judgement = loaded.judge(good(100), shared_network())
    assert judgement.verdict in ("review", "reject")
    assert "no qr or barcode" in judgement.why
    content = json.loads((tmp_path / "recipe.json").read_text())
    content["checks"]["code"]["kinds"] = ["ocr"]
    (tmp_path / "recipe.json").write_text(json.dumps(content))
    with pytest.raises(RecipeError, match="ocr"):
        load(tmp_path)


def test_the_command_line_calibrates_and_measures(tmp_path: Path) -> None:
    picture, plan = tmp_path / "disc.png", tmp_path / "plan.json"
    cv2.imwrite(str(picture), disc(56.2, 55.9, 30, 2, np.random.default_rng(5)))

    def qc(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "vision_qc", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    done = qc("calibrate", picture, "--circle", "56,56,30", "--diameter-mm", "3", "--u-mm", "0.001")
    assert done.returncode == 0, done.stderr
    plan.write_text(json.dumps(plan_of(2.9, 3.1) | {"scale": json.loads(done.stdout)}))
    done = qc("measure", plan, picture)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["measured"][0]["value_mm"] == pytest.approx(3.0, abs=1e-6)
    plan.write_text("{")
    done = qc("measure", plan, picture)
    assert done.returncode == 2
    assert "vision.recipe" in done.stderr
