"""What a good park file becomes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from twin.contract.messages import SourceSecurity
from twin.park.errors import ParkFileError
from twin.park.model import Limits, Name, Park
from twin.park.park_document import park_document, read_park_document
from twin.park.park_file import check_park, load_park

GOOD = Path(__file__).parent / "good"
ENVIRONMENT = {"SMT_HOST": "10.0.0.7"}
OVEN = "yenphong/anphat/smt/reflow2"


@pytest.fixture(scope="module")
def full() -> Park:
    return load_park(GOOD / "full" / "park.yaml", environment=ENVIRONMENT)


def test_the_smallest_park_checks_without_a_word() -> None:
    report = check_park(GOOD / "minimal" / "park.yaml", {})
    assert report.faults == ()
    assert report.park is not None
    assert [tag.tag for tag in report.park.tags] == ["p1/m1:power"]


def test_tags_are_dense_and_those_of_one_equipment_stand_together(full: Park) -> None:
    assert [tag.index for tag in full.tags] == list(range(len(full.tags)))
    owners = [tag.equipment for tag in full.tags]
    assert owners == sorted(owners)
    for machine_index, machine in enumerate(full.equipment):
        own = [tag for tag in full.tags if tag.equipment == machine_index]
        assert [tag.tag for tag in own] == [f"{machine.id}:{signal.name}" for signal in machine.kind.signals]


def test_a_row_unfolds_with_numbers_in_names_positions_and_nodes(full: Park) -> None:
    feeders = [machine for machine in full.equipment if machine.id.startswith("yenphong/park/utilities/f")]
    assert [machine.id[-3:] for machine in feeders] == ["f08", "f09", "f10", "f11"]
    assert [machine.display.vi for machine in feeders] == ["Lộ 08", "Lộ 09", "Lộ 10", "Lộ 11"]
    assert [machine.position for machine in feeders] == [
        (200.1, 20, 0), (200.2, 21.2, 0), (200.3, 22.4, 0), (200.4, 23.6, 0),
    ]  # fmt: skip
    oven = next(machine for machine in full.equipment if machine.id == OVEN)
    assert oven.note == Name("Số liệu giả lập, lò 2", "Simulated data, oven 2")
    node = next(tag.node for tag in full.tags if tag.tag == f"{OVEN}:zone10_temperature")
    assert node == "nsu=urn:anphat:smt;s=Reflow2.zone10_temperature"


def test_an_equipment_changes_limits_one_by_one(full: Park) -> None:
    by_tag = {tag.tag: tag for tag in full.tags}
    oxygen = by_tag[f"{OVEN}:oxygen"].signal
    assert (oxygen.limits, oxygen.low, oxygen.high, oxygen.stale_after_s) == (
        Limits(high=1500),
        0,
        210000,
        60,
    )
    assert by_tag["yenphong/anphat/smt/reflow4:oxygen"].signal.limits == Limits()
    current = by_tag["yenphong/anphat/smt/reflow1/door:current"].signal
    assert (current.high, current.limits) == (30, Limits(high=25, high_high=None))


def test_a_signal_can_have_another_source_or_none(full: Park) -> None:
    by_tag = {tag.tag: tag for tag in full.tags}
    assert (by_tag[f"{OVEN}:recipe"].source, by_tag[f"{OVEN}:recipe"].node) == ("", "")
    breaker = by_tag["yenphong/anphat/smt/reflow1/door:breaker_closed"]
    assert breaker.source == "utilities"
    assert {tag.source for tag in full.tags if tag.tag.startswith("yenphong/anphat/smt/reflow4:")} == {""}
    configs = {config.source: config for config in full.source_configs()}
    assert configs["anphat"].endpoint == "opc.tcp://10.0.0.7:48401/smt"
    assert configs["anphat"].security == SourceSecurity()
    assert configs["utilities"].security == SourceSecurity(
        policy="Aes256Sha256RsaPss", user_name_env="EVN_USER", password_env="EVN_PASSWORD"
    )
    assert sum(len(config.items) for config in configs.values()) == sum(bool(tag.source) for tag in full.tags)


def test_connectors_are_told_how_each_signal_is_to_be_watched(full: Park) -> None:
    items = {item.tag: item for config in full.source_configs() for item in config.items}
    oxygen = items["yenphong/anphat/smt/reflow1:oxygen"]
    assert (oxygen.sampling_interval_ms, oxygen.queue_size) == (2000, 10)
    assert (oxygen.deadband, oxygen.deadband_percent) == (210, 0.1)
    current = items["yenphong/anphat/smt/reflow1/door:current"]
    assert (current.sampling_interval_ms, current.queue_size) == (None, 0)
    assert (current.deadband, current.deadband_percent) == (0.5, 0)
    zone = items["yenphong/anphat/smt/reflow1:zone1_temperature"]
    assert (zone.deadband, zone.deadband_percent) == (0, 0)


def test_what_a_simulated_source_feeds_is_simulated_unless_said(full: Park) -> None:
    simulated = {machine.id.rpartition("/")[2]: machine.simulated for machine in full.equipment}
    assert simulated == {
        "reflow1": True, "reflow2": True, "reflow3": True, "reflow4": False, "door": True,
        "f08": False, "f09": False, "f10": False, "f11": False,
    }  # fmt: skip


def test_levels_follow_the_depth_unless_given(full: Park) -> None:
    assert [place.level for place in full.places] == ["enterprise", "site", "enterprise", "line"]


def test_links_unfold_on_both_sides(full: Park) -> None:
    ends = [(link.upstream.rpartition("/")[2], link.downstream.rpartition("/")[2]) for link in full.links]
    downstream = ("smt", "reflow1", "reflow2", "reflow3")
    assert ends == [(feeder, end) for feeder in ("f08", "f09") for end in downstream]


def test_the_revision_is_of_the_content_not_of_hosts_and_folders(full: Park, tmp_path: Path) -> None:
    elsewhere = shutil.copytree(GOOD / "full", tmp_path / "copy")
    other_port = load_park(elsewhere / "park.yaml", environment={"SMT_HOST": "plc", "SMT_PORT": "1234"})
    assert other_port.sources[0].endpoint == "opc.tcp://plc:1234/smt"
    assert other_port.revision == full.revision
    assert len(full.revision) == 16
    assert int(full.revision, 16) > 0


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("kinds.yaml", "high: 560", "high: 561"),
        ("kinds.yaml", "vi: Ngăn lộ", "vi: Ngăn"),
        ("park.yaml", "width: 8", "width: 9"),
        ("areas/utilities.yaml", "s={equipment}/{signal}", "s={equipment}.{signal}"),
        ("areas/smt.yaml", ":-48401", ":-48402"),
        ("areas/utilities.yaml", "f{08..11}", "f{08..12}"),
    ],
)
def test_whatever_changes_changes_the_revision(
    full: Park, tmp_path: Path, file: str, old: str, new: str
) -> None:
    folder = shutil.copytree(GOOD / "full", tmp_path / "copy")
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new))
    assert load_park(folder / "park.yaml", environment=ENVIRONMENT).revision != full.revision


def test_comments_and_layout_do_not_change_the_revision(full: Park, tmp_path: Path) -> None:
    folder = shutil.copytree(GOOD / "full", tmp_path / "copy")
    for file in folder.rglob("*.yaml"):
        file.write_bytes(b"\xef\xbb\xbf# a comment\r\n" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert load_park(folder / "park.yaml", environment=ENVIRONMENT).revision == full.revision


def test_a_document_gives_the_same_park_and_the_same_bytes(full: Park) -> None:
    document = park_document(full)
    back = read_park_document(document, full.files)
    assert back.tags == full.tags
    assert back.equipment == full.equipment
    assert park_document(back) == document


def test_decomposed_vietnamese_letters_are_composed(tmp_path: Path) -> None:
    text = (GOOD / "minimal" / "park.yaml").read_text().replace("name: M1", "name: Ma\u0301y ne\u0301n")
    (tmp_path / "park.yaml").write_text(text)
    park = load_park(tmp_path / "park.yaml", environment={})
    assert park.equipment[0].display.vi == "Máy nén"


def test_loading_a_bad_park_raises_with_every_error(tmp_path: Path) -> None:
    text = (
        (GOOD / "minimal" / "park.yaml").read_text().replace("kW", "KW").replace("kind: meter", "kind: metre")
    )
    (tmp_path / "park.yaml").write_text(text)
    with pytest.raises(ParkFileError) as caught:
        load_park(tmp_path / "park.yaml", environment={})
    assert caught.value.code == "park.file"
    assert [fault.code for fault in caught.value.report.faults] == ["unit.unknown", "reference.kind"]
    assert "did you mean 'kW'?" in str(caught.value)
    assert "did you mean 'meter'?" in str(caught.value)


@pytest.mark.parametrize(("value", "codes"), [("0", []), ("-1", ["schema.value"]), ("true", ["schema.type"])])
def test_a_server_may_be_asked_to_tell_every_change(tmp_path: Path, value: str, codes: list[str]) -> None:
    text = (GOOD / "minimal" / "park.yaml").read_text()
    assert "protocol: opcua," in text
    text = text.replace("protocol: opcua,", f"protocol: opcua, sampling_interval_ms: {value},")
    (tmp_path / "park.yaml").write_text(text)
    assert [fault.code for fault in check_park(tmp_path / "park.yaml", {}).faults] == codes
