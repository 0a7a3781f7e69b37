"""From register maps in a park file to readings of a real meter: the two sides speak one language."""

from __future__ import annotations

from pathlib import Path

from connectors.modbus.register import Register, parse_register
from tests.connectors.modbus.meters import meters, words
from tests.connectors.modbus.test_source import last
from tests.connectors.rig import BreakableBus, Rig
from twin.park.park_file import load_park

PARK = """
park: {{id: p1, name: Park, timezone: Asia/Ho_Chi_Minh}}
places:
  - {{id: p1/hall, name: Hall}}
kinds:
  - id: meter
    name: Meter
    size: [1, 1, 2]
    signals:
      - {{id: power, name: Power, unit: kW}}
      - {{id: energy, name: Energy, unit: kWh}}
      - {{id: tripped, name: Tripped, data_type: Boolean}}
register_maps:
  - id: board_meter
    registers:
      - {{signal: power, table: input, address: 12, type: float32, scale: 0.001, unit: kW}}
      - {{signal: energy, table: input, address: 40, type: uint32, word_order: little, scale: 0.1,
         offset: -3.5}}
      - {{signal: tripped, address: 7, type: bit, bit: 15, missing: 65535}}
sources:
  - {{id: m1, name: Meters, protocol: modbus, endpoint: "{endpoint}", node: "unit=10+{{n}};map=board_meter",
      sampling_interval_ms: 50}}
equipment:
  - {{id: "p1/hall/b{{1..2}}", kind: meter, name: "Board {{n}}", position: [0, 0, 0], step: [4, 0, 0],
      source: m1}}
"""


async def test_a_meter_of_the_park_file_is_read(tmp_path: Path) -> None:
    unit = (
        dict(enumerate(words("f", 42_500.0), 12)) | dict(enumerate(words("I", 1000)[::-1], 40)) | {7: 1 << 15}
    )
    async with meters({11: unit, 12: unit}) as server:
        (tmp_path / "park.yaml").write_text(PARK.format(endpoint=server.endpoint))
        park = load_park(tmp_path / "park.yaml", environment={})
        (config,) = park.source_configs()
        assert config.protocol == "modbus"
        assert parse_register(config.items[4].node) == Register(
            12, "input", 40, "uint32", word_order="little", scale=0.1, offset=-3.5
        )
        assert parse_register(config.items[5].node).missing == 65535
        async with Rig(tmp_path, BreakableBus("park-file")) as rig:
            await rig.manager.apply(config)
            found = await rig.arrived(lambda on_bus: len(on_bus.readings()) == 6, "all six arrive")
    assert last(found, "power") == (42.5, 0)
    assert last(found, "energy") == (96.5, 0)
    assert last(found, "tripped") == (1.0, 0)
    (tag_set,) = found.tag_sets.values()
    assert tag_set.units == ("kW", "kWh", "") * 2
