"""A source over several connections: every tag on exactly one, alarms on all, nothing empty."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from twin.park.model import Park
from twin.park.park_file import load_park

TEXT = """
park: {{id: p1, name: Park, timezone: Asia/Ho_Chi_Minh}}
places:
  - {{id: p1/hall, name: Hall}}
kinds:
  - id: pump
    name: {{vi: Máy bơm, en: Pump}}
    size: [1, 1, 2]
    signals:
      - {{id: "flow{{1..40}}", name: Flow, unit: m³/h}}
equipment:
  - id: "p1/hall/pump{{1..{pumps}}}"
    kind: pump
    name: A
    position: [0, 0, 0]
    step: [2, 0, 0]
    source: plc
  - {{id: p1/hall/other, kind: pump, name: B, position: [0, 9, 0], source: other}}
sources:
  - id: plc
    name: {{vi: Bộ điều khiển, en: Controller}}
    protocol: opcua
    endpoint: opc.tcp://127.0.0.1:4840/
    node: nsu=urn:plc;s={{tag}}
    connections: {connections}
  - {{id: other, name: O, protocol: opcua, endpoint: "opc.tcp://127.0.0.1:4841/", node: "nsu=o;s={{tag}}"}}
alarms:
  - {{id: gone, name: Gone, type: stale, source: [plc, other], after_s: 5}}
"""


def park_of(folder: Path, connections: int, pumps: int = 20) -> Park:
    path = folder / "park.yaml"
    path.write_text(TEXT.format(connections=connections, pumps=pumps))
    return load_park(path, environment={})


def test_every_tag_is_read_over_one_connection_and_they_are_shared_out(tmp_path: Path) -> None:
    park = park_of(tmp_path, 3)
    assert [source.id for source in park.sources] == ["plc", "plc-2", "plc-3", "other"]
    assert park.sources[1].display.vi == "Bộ điều khiển (kết nối 2/3)"
    assert park.sources[1].display.en == "Controller (connection 2/3)"
    configs = {config.source: config for config in park.source_configs()}
    assert len({config.endpoint for name, config in configs.items() if name != "other"}) == 1
    counts = Counter(tag.source for tag in park.tags)
    assert counts["other"] == 40
    assert sum(counts.values()) == 840
    assert all(200 < counts[name] < 340 for name in ("plc", "plc-2", "plc-3"))
    for name, config in configs.items():
        assert [item.tag for item in config.items] == [tag.tag for tag in park.tags if tag.source == name]


def test_what_watches_the_source_watches_all_its_connections(tmp_path: Path) -> None:
    assert park_of(tmp_path, 3).alarms[0].sources == ("plc", "plc-2", "plc-3", "other")
    assert park_of(tmp_path, 1).alarms[0].sources == ("plc", "other")


def test_one_connection_more_moves_only_what_it_takes(tmp_path: Path) -> None:
    before = {tag.tag: tag.source for tag in park_of(tmp_path, 2).tags}
    after = {tag.tag: tag.source for tag in park_of(tmp_path, 3).tags}
    assert {after[tag] for tag, source in before.items() if after[tag] != source} == {"plc-3"}


def test_a_connection_without_tags_is_left_out(tmp_path: Path) -> None:
    park = park_of(tmp_path, 32, pumps=1)
    used = {tag.source for tag in park.tags}
    assert {source.id for source in park.sources} == used
    assert len(used) < 33
    assert set(park.alarms[0].sources) == used
