"""The file of meters: what it holds, and what is refused with which words."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.modbus.errors import MetersFileError
from sim.modbus.meters_file import read_meters

SAMPLE = Path(__file__).with_name("meters.yaml")


def test_the_sample_is_read() -> None:
    meters = read_meters(SAMPLE)
    (server,) = meters.servers
    found = meters.meters(server)
    assert [(meter.unit, meter.equipment.rpartition("/")[2], meter.map.id) for meter in found] == [
        (1, "board1", "feeder_meter"),
        (2, "board2", "feeder_meter"),
        (10, "water-meter", "water_meter"),
    ]
    assert meters.tags[2] == "yenphong/anphat-electronics/f1/power/board1:active_power"
    assert len(meters.tags) == 15


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("address: 6", "address: 1", "both have input register 1"),
        ("address: 72", "address: 65535", "ends beyond register 65535"),
        ("map: water_meter", "map: gas_meter", "'gas_meter' is not one of"),
        ("unit: 10,", "unit: 2,", "give each its own"),
        ("unit: 10,", "unit: 248,", "<= 247"),
        ("power/board{1..2}", "power/board{1..300}", "unit 248"),
        ("power/board{1..2}", "power/board{2..1}", "must count up"),
        ("id: water_meter", "id: feeder_meter", "is there twice"),
        ("type: uint32, table", "type: uint33, table", "uint33"),
        ("word_order: little", "order: little", "order"),
        ("scale: 0.001", "scale: 0", "scale"),
        ("utilities/water-meter", "Utilities/Đồng hồ", "Utilities"),
    ],
)
def test_what_does_not_hold_together_is_said(old: str, new: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / "meters.yaml"
    whole = SAMPLE.read_text(encoding="utf-8")
    assert old in whole
    path.write_text(whole.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(MetersFileError, match=text) as raised:
        read_meters(path)
    assert str(path) in str(raised.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(MetersFileError, match=r"nothing\.yaml"):
        read_meters(tmp_path / "nothing.yaml")
