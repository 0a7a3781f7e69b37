"""What the catalogue makes of a rule: the node, or the register, and how it is seen."""

from __future__ import annotations

from pathlib import Path

from twin.commands.catalogue import Catalogue
from twin.park.park_file import check_park

TEXT = """
park: {id: p1, name: Park, timezone: Asia/Ho_Chi_Minh}
places:
  - {id: p1/hall, name: Hall}
kinds:
  - id: pump
    name: Pump
    shape: pump
    size: [1, 1, 2]
    signals:
      - {id: wanted, name: Wanted, unit: Hz, range: [0, 60]}
      - {id: speed, name: Speed, unit: Hz, range: [0, 60]}
register_maps:
  - id: drive
    registers:
      - {signal: wanted, address: 10, type: uint16, scale: 0.1, unit: Hz}
      - {signal: speed, table: input, address: 4, type: uint16, scale: 0.1, unit: Hz}
equipment:
  - {id: "p1/hall/p{1..3}", kind: pump, name: "P{n}", position: [0, 0, 0], step: [3, 0, 0], source: bus1}
sources:
  - id: bus1
    name: Bus
    protocol: modbus
    endpoint: modbus.tcp://127.0.0.1:502
    node: unit={n};map=drive
    commands: true
commands:
  - id: set_frequency
    name: Set the frequency
    kind: pump
    equipment: p1/hall/p2
    risk: low
    write: wanted
    argument: {range: [20, 50]}
    read_back: {signal: speed, tolerance: 0.5, hold_s: 2, within_s: 30}
"""


def test_a_register_of_a_drive_is_written_and_another_one_read_back(tmp_path: Path) -> None:
    path = tmp_path / "park.yaml"
    path.write_text(TEXT)
    report = check_park(path, {})
    assert report.park is not None, report.faults
    catalogue = Catalogue(report.park)
    assert catalogue.equipment() == ("p1/hall/p2",)
    (offer,) = catalogue.offers("p1/hall/p2")
    target = offer.target
    assert (target.action, target.node) == ("write", "unit=2;holding=10;type=uint16;scale=0.1")
    assert (target.low, target.high, target.unit) == (20.0, 50.0, "Hz")
    assert target.read_back is not None
    assert target.read_back.node == "unit=2;input=4;type=uint16;scale=0.1"
    assert (target.read_back.hold_ms, target.read_back.within_ms) == (2000, 30_000)
    (config,) = report.park.source_configs()
    assert config.commands
