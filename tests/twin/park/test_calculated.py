"""Calculated tags of a park file: what becomes of the rows, and in which order they are worked out."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.park.calculation_order import CycleError, depths, in_order
from twin.park.model import Park
from twin.park.park_document import park_document, read_park_document
from twin.park.park_file import load_park
from twin.park.tag_patterns import TagPatterns

PARK = """
park: {id: p1, name: Park, timezone: Asia/Ho_Chi_Minh}
places:
  - {id: p1/hall, name: Hall}
kinds:
  - id: pump
    name: {vi: Máy bơm, en: Pump}
    shape: meter
    size: [1, 1, 2]
    signals:
      - {id: flow, name: {vi: Lưu lượng, en: Flow}, unit: m³/h, range: [0, 100]}
      - {id: power, name: {vi: Công suất, en: Power}, unit: kW}
  - id: board
    name: {vi: Tủ điện, en: Board}
    shape: switchboard
    size: [1, 1, 2]
    signals:
      - {id: voltage, name: {vi: Điện áp, en: Voltage}, unit: V}
equipment:
  - {id: "p1/hall/pump{1..3}", kind: pump, name: "Bơm {n}", position: [0, 0, 0], step: [3, 0, 0], source: s1}
  - {id: p1/hall/main, kind: board, name: Chính, position: [0, 9, 0], source: s1}
sources:
  - id: s1
    name: S1
    protocol: opcua
    endpoint: opc.tcp://127.0.0.1:4840/
    node: nsu=urn:plc;s={tag}
calculated:
  - {id: mean_specific, name: TB, equipment: p1/hall/main, value: "mean({../*:specific})", unit: kWh/m³}
  - {id: specific, name: Suất điện, kind: pump, value: power / flow, unit: kWh/m³, limits: {high: 2}}
  - {id: total, name: Tổng, equipment: p1/hall/main, value: "sum({../pump*:power})", unit: MW}
  - {id: busy, name: Bận, kind: pump, value: "power > 0.1 * {../main:total}", data_type: Boolean}
"""


@pytest.fixture(scope="module")
def park(tmp_path_factory: pytest.TempPathFactory) -> Park:
    path = tmp_path_factory.mktemp("park") / "park.yaml"
    path.write_text(PARK)
    return load_park(path, environment={})


def test_calculated_tags_stand_with_their_equipment_and_have_a_source_of_their_own(park: Park) -> None:
    own = [tag for tag in park.tags if tag.tag.startswith(("p1/hall/pump2:", "p1/hall/main:"))]
    assert [(tag.tag.removeprefix("p1/hall/"), tag.source) for tag in own] == [
        ("pump2:flow", "s1"),
        ("pump2:power", "s1"),
        ("pump2:specific", "calculated-p1"),
        ("pump2:busy", "calculated-p1"),
        ("main:voltage", "s1"),
        ("main:mean_specific", "calculated-p1"),
        ("main:total", "calculated-p1"),
    ]
    assert [source.id for source in park.sources] == ["s1", "calculated-p1"]
    assert own[2].signal.limits.high == 2


def test_connectors_are_not_told_of_what_no_device_says(park: Park) -> None:
    (config,) = park.source_configs()
    assert {item.tag.rpartition(":")[2] for item in config.items} == {"flow", "power", "voltage"}


def test_what_asks_for_a_calculated_tag_is_worked_out_after_it(park: Park) -> None:
    steps = [
        sorted(park.tags[tag].tag.removeprefix("p1/hall/") for group in step for tag in group.tags)
        for step in in_order(park)
    ]
    assert steps == [
        ["main:total", "pump1:specific", "pump2:specific", "pump3:specific"],
        ["main:mean_specific", "pump1:busy", "pump2:busy", "pump3:busy"],
    ]


def test_a_document_gives_the_same_park(park: Park) -> None:
    back = read_park_document(park_document(park), park.files)
    assert (back.tags, back.calculated, back.revision) == (park.tags, park.calculated, park.revision)


@given(st.lists(st.lists(st.integers(0, 9), max_size=3), min_size=1, max_size=10))
def test_depths_put_every_input_before_or_name_a_way_round(inputs: list[list[int]]) -> None:
    wants = dict(enumerate(inputs))
    try:
        found = depths(wants)
    except CycleError as error:
        ring = (*error.tags, error.tags[0])
        assert all(after in wants[tag] for tag, after in pairwise(ring))
    else:
        assert all(found[one] < found[tag] for tag, many in wants.items() for one in many if one in wants)


def test_a_chain_as_long_as_a_park_is_no_recursion() -> None:
    assert depths({n: [n + 1] for n in range(50_000)})[0] == 49_999


def test_patterns_match_within_a_segment() -> None:
    tags = TagPatterns(["p/a/m1:power", "p/a/m1/part:power", "p/b/m1:power", "p/a/m10:power_a"])
    assert tags.find("p/a/*:power") == ("p/a/m1:power",)
    assert tags.find("p/*/m1:power") == ("p/a/m1:power", "p/b/m1:power")
    assert tags.find("p/a/m*:p*") == ("p/a/m1:power", "p/a/m10:power_a")
    assert tags.find("p/c/*:power") == ()
