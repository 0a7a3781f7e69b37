"""Discovery on a real server: a draft that checks, and a comparison that a restart does not fool."""

from __future__ import annotations

import asyncio
import json
import random
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from asyncua import ua
from asyncua.server.server import Server
from hypothesis import example, given, settings
from hypothesis import strategies as st

from connectors.commands import run
from connectors.errors import NodeAddressError
from connectors.opcua.address_space import Found, Header, read_address_space
from connectors.opcua.address_space_diff import compare
from connectors.opcua.browse import Walk, WalkCounts
from connectors.opcua.companion import MACHINERY, PACKML
from connectors.opcua.mapping_draft import gather, write_draft
from connectors.opcua.session import Session
from tests.support.ports import free_port
from twin.park.park_file import check_park

PLANT = "urn:plant:line1"
ORDERS = ([PLANT, PACKML, MACHINERY], [MACHINERY, "urn:new", PACKML, PLANT])
"""Namespaces as a server registers them, and after an update of its software."""


@asynccontextmanager
async def plant(namespaces: list[str], *, changed: bool = False) -> AsyncIterator[str]:
    """A server with an oven, a PackML unit and what a mapping has to leave out."""
    server = Server()
    await server.init()
    endpoint = f"opc.tcp://127.0.0.1:{free_port()}/"
    server.set_endpoint(endpoint)
    server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    at = {uri: await server.register_namespace(uri) for uri in namespaces}
    p, packml, machinery = at[PLANT], at[PACKML], at[MACHINERY]
    objects = server.nodes.objects

    async def add(parent: Any, name: str, value: Any, kind: ua.VariantType, index: int = p) -> Any:
        node = ua.NodeId(ua.String(f"{parent.nodeid.Identifier}.{name}"), ua.Int16(p))
        return await parent.add_variable(
            node, ua.QualifiedName(name, ua.UInt16(index)), ua.Variant(value, kind)
        )

    machines = await objects.add_folder(
        ua.NodeId(ua.String("machines"), ua.Int16(machinery)),
        ua.QualifiedName("Machines", ua.UInt16(machinery)),
    )
    for number in (1, 2):
        oven = await machines.add_object(
            ua.NodeId(ua.String(f"oven{number}"), ua.Int16(p)), f"{p}:Lò {number}"
        )
        zone = await add(oven, "ZoneTemperature", 20.0, ua.VariantType.Double)
        high = 400.0 if changed and number == 2 else 300.0
        await zone.add_property(0, "EURange", ua.Range(0.0, high))
        unit = ua.EUInformation(
            "http://www.opcfoundation.org/UA/units/un/cefact", 4408652, ua.LocalizedText("°C")
        )
        await zone.add_property(0, "EngineeringUnits", unit)
        folder = await oven.add_folder(ua.NodeId(ua.String(f"oven{number}.Belt"), ua.Int16(p)), f"{p}:Belt")
        speed = await add(folder, "Speed", 1.0, ua.VariantType.Float)
        odd = ua.EUInformation("urn:own", -1, ua.LocalizedText("furlong"))
        await speed.add_property(0, "EngineeringUnits", odd)
        await add(oven, "Profile", [1.0, 2.0], ua.VariantType.Double)
        await add(oven, "Recipe", "A", ua.VariantType.String)
    if not changed:
        await add(oven, "Gone", 1, ua.VariantType.Int32)
    unit_object = await objects.add_object(ua.NodeId(ua.String("unit"), ua.Int16(p)), f"{packml}:Unit")
    await add(unit_object, "StateCurrent", 6, ua.VariantType.Int32, packml)
    await add(unit_object, "ProdDefectiveCount", 0, ua.VariantType.Int32, packml)
    async with server:
        yield endpoint


async def found_at(endpoint: str, **options: Any) -> tuple[Header, list[Found], Walk]:
    """Everything a walk finds."""
    session = Session(endpoint, name="test")
    await session.open()
    try:
        walk = Walk(session, WalkCounts(), **{"max_nodes": 10_000, **options})
        await walk.begin()
        found = [entry async for entry in walk.nodes()]
    finally:
        await session.close()
    return Header("parktwin.address_space@1", endpoint, walk.namespaces), found, walk


def draft_of(header: Header, found: list[Found], folder: Path) -> str:
    """The text of the draft, written where a check can read it."""
    text = ""
    for name, lines in write_draft(header, gather(header, found), "server", "park"):
        (folder / name).write_text("\n".join(lines) + "\n")
        text += (folder / name).read_text()
    return text


@pytest.mark.slow
async def test_the_draft_checks_and_names_nodes_by_uri(tmp_path: Path) -> None:
    async with plant(ORDERS[0]) as endpoint:
        header, found, _ = await found_at(endpoint)
    text = draft_of(header, found, tmp_path)
    report = check_park(tmp_path / "park.yaml", {})
    assert report.park is not None, report.faults
    by_tag = {tag.tag: tag for tag in report.park.tags}
    zone = by_tag["draft/plant/machines-lo-1:zone_temperature"]
    assert zone.node == f"nsu={PLANT};s=oven1.ZoneTemperature"
    assert (zone.signal.unit, zone.signal.low, zone.signal.high) == ("°C", 0, 300)
    speed = by_tag["draft/plant/machines-lo-1:belt_speed"]
    assert (speed.signal.unit, speed.signal.data_type) == ("", "Float")
    assert "the server's unit 'furlong'" in text
    assert f"nsu={PLANT};s=oven1.Profile: an array" in text
    roles = {tag.signal.role: tag.tag for tag in report.park.tags if tag.signal.role}
    assert roles["state"] == "draft/plant/unit:state_current"
    assert roles["reject_count"] == "draft/plant/unit:prod_defective_count"
    assert "# PackML: 3 nodes" in text
    assert "# Machinery: 1 nodes" in text
    assert "ns=2" not in text


@pytest.mark.slow
async def test_a_renumbered_server_has_not_changed_and_a_changed_one_is_told() -> None:
    async with plant(ORDERS[0]) as endpoint:
        old_header, old, _ = await found_at(endpoint)
    async with plant(ORDERS[1]) as endpoint:
        same_header, same, _ = await found_at(endpoint)
    assert same_header.namespaces != old_header.namespaces
    assert list(compare(old_header, old, same_header, same)) == []
    async with plant(ORDERS[1], changed=True) as endpoint:
        header, now, _ = await found_at(endpoint)
    changes = {
        (change.what, change.node.partition(";")[2]): change
        for change in compare(old_header, old, header, now)
    }
    assert set(changes) == {("removed", "s=oven2.Gone"), ("changed", "s=oven2.ZoneTemperature")}
    assert changes["changed", "s=oven2.ZoneTemperature"].detail == "high 300.0 -> 400.0"
    moved = [Found(node="nsu=urn:x;s=new", path=old[0].path, kind="object")]
    (change, *_) = compare(old_header, old, old_header, moved)
    assert (change.what, change.detail) == ("moved", f"was {old[0].node}")


@pytest.mark.slow
async def test_small_limits_and_a_bound_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    async with plant(ORDERS[0]) as endpoint:
        _, whole, _ = await found_at(endpoint)
        monkeypatch.setattr("connectors.opcua.browse.BATCH", 2)
        monkeypatch.setattr("connectors.opcua.browse.MAX_REFERENCES", 1)
        _, found, walk = await found_at(endpoint)
        assert not walk.cut
        assert {entry.node for entry in found} == {entry.node for entry in whole}
        _, part, walk = await found_at(endpoint, max_nodes=5)
        assert walk.cut
        assert len(part) < len(whole)


@pytest.mark.slow
async def test_the_commands_write_a_draft_and_compare(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PARKTWIN_DATA_DIR", str(tmp_path))

    def command(*arguments: str) -> int | str | None:
        with pytest.raises(SystemExit) as end:
            run(["opcua", *arguments])
        return end.value.code

    async with plant(ORDERS[0]) as endpoint:
        out = tmp_path / "line1.yaml"
        assert (
            await asyncio.to_thread(command, "browse", endpoint, "--out", str(out), "--source", "line1") == 0
        )
        nodes = f"{out}.nodes.jsonl"
        assert await asyncio.to_thread(command, "diff", endpoint, nodes) == 0
        assert await asyncio.to_thread(command, "browse", endpoint) == 0
        assert f"nsu={PLANT};s=oven1.ZoneTemperature\tDouble\t°C [0, 300]" in capsys.readouterr().out
        assert await asyncio.to_thread(command, "browse", endpoint, "--root", "nsu=urn:none;s=x") == 2
    assert check_park(out, {}).park is not None
    async with plant(ORDERS[1], changed=True) as endpoint:
        assert await asyncio.to_thread(command, "diff", endpoint, nodes) == 1
        assert "oven2.Gone" in capsys.readouterr().out


def test_a_draft_of_very_many_nodes_is_parted_into_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.opcua.mapping_draft.MAX_FILE_BYTES", 20_000)
    header = Header(
        "parktwin.address_space@1", "opc.tcp://plc:4840/", ("http://opcfoundation.org/UA/", "urn:x")
    )
    found: list[Found] = []
    for machine in range(40):
        path = ("0:Objects", f"1:M{machine}")
        found.append(Found(node=f"nsu=urn:x;i={machine}", path=path, kind="object"))
        for signal in range(12):
            node = f"nsu=urn:x;s={'long/' * 8}{machine}/{signal}"
            found.append(Found(node=node, path=(*path, f"1:S{signal}"), kind="variable", data_type="Double"))
    draft_of(header, found, tmp_path)
    assert all(path.stat().st_size < 25_000 for path in tmp_path.iterdir())
    assert len(list(tmp_path.iterdir())) > 3
    report = check_park(tmp_path / "park.yaml", {})
    assert report.park is not None, report.faults[:5]
    assert len(report.park.tags) == 480


NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)


@example([("Máy", "On", ""), ("null", "NULL", "°C"), ("{1}", "0x1F", "\n")], 0)
@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(NAMES, NAMES, NAMES), min_size=1, max_size=6), st.integers(0, 2**32))
def test_whatever_a_server_calls_its_nodes_the_draft_checks(
    names: list[tuple[str, str, str]], seed: int
) -> None:
    rng = random.Random(seed)
    header = Header(
        "parktwin.address_space@1", "opc.tcp://plc:4840/", ("http://opcfoundation.org/UA/", "urn:x")
    )
    found = []
    for number, (machine, signal, unit) in enumerate(names):
        path = ("0:Objects", f"1:{machine}")
        found.append(Found(node=f"nsu=urn:x;i={number}", path=path, kind="object"))
        found.append(
            Found(
                node=f"nsu=urn:x;s=v{number}", path=(*path, f"1:{signal}"), kind="variable", unit_shown=unit,
                data_type=rng.choice(["Double", "String", "", "Int32"]),
            )
        )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        draft_of(header, found, Path(folder))
        report = check_park(Path(folder) / "park.yaml", {})
    wrong = {fault.code for fault in report.faults if fault.severity == "error"}
    # a server of which nothing can be a tag leaves nothing to read
    assert wrong <= {"source.no_items"}, report.faults


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text("no json\n")
    with pytest.raises(NodeAddressError, match="no file of"):
        read_address_space(path)


@pytest.mark.parametrize("line", [b'{"node":"\xa2"}', b'{"\xa2":1}', b"{", b"[]"])
def test_a_damaged_line_of_a_browsed_file_is_named(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "nodes"
    header = {"format": "parktwin.address_space@1", "endpoint": "opc.tcp://plc:4840/", "namespaces": ["a"]}
    path.write_bytes(json.dumps(header).encode() + b"\n" + line + b"\n")
    _, found = read_address_space(path)
    with pytest.raises(NodeAddressError, match=f"{path}:2"):
        list(found)
