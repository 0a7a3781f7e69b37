"""Every camera of the shipped park can show what its line may do to a piece."""

from __future__ import annotations

import msgspec
import pytest
import yaml

from sim.cameras.errors import CameraError
from sim.cameras.park_cameras import CameraRow, ParkCameras
from sim.line.rows import LineRow
from sim.line.unfold import unfold_lines
from sim.plant import SHIPPED
from tests.sim.cameras.pieces import Made, camera

SOURCE_OF = {"aoi": "deeppcb", "cmm": "machined_part", "inspect": "fabric", "inspector": "bottle"}
"""By what the station is called, without its number."""


def inspected() -> list[tuple[LineRow, str]]:
    """Lines and their inspection stations."""
    parts = [
        yaml.safe_load(path.read_text(encoding="utf-8")) for path in (SHIPPED.parent / "plant").glob("*.yaml")
    ]
    rows = [msgspec.convert(row, LineRow) for part in parts for row in part.get("lines", ())]
    return [(line, s.equipment) for line in unfold_lines(rows) for s in line.stations if s.inspects]


def test_every_defect_of_a_line_is_one_that_its_camera_shows() -> None:
    stations = inspected()
    assert len(stations) >= 8
    for line, station in stations:
        name = station.rsplit("/", 1)[1].rstrip("0123456789")
        watching = camera(SOURCE_OF[name], station=station)
        defects = sorted({defect for row in line.stations for defect in row.defects})
        assert defects
        watching.check_defects(tuple(defects))
        if not station.split("/")[-2].endswith("1"):
            continue  # the lines of a pattern are alike: what pictures show is tried on the first
        for product in line.products:
            for defect in defects:
                label = watching.take(Made("A-1", product.id, (defect,))).label
                assert label.defects[0].area_px >= 12, (station, product.id, defect)


def test_equal_cameras_are_one_row() -> None:
    cameras = ParkCameras([CameraRow(station="a/line{1..3}/aoi1", source="deeppcb")], seed=1)
    assert list(cameras.feeds) == ["a/line1/aoi1", "a/line2/aoi1", "a/line3/aoi1"]
    cameras.close()
    with pytest.raises(CameraError, match="must have exactly one pattern"):
        ParkCameras([CameraRow(station="a/line{1..}/aoi1", source="deeppcb")], seed=1)
