"""The whole server, as node-opcua's client finds it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.opcua.plant_space import plant_space
from tests.sim.opcua.node_client import node_client
from tests.sim.opcua.serving import double, served, serving, write
from tests.sim.opcua.test_operation import LATHE, Clerk
from tests.sim.opcua.test_operation import space as operated_space
from tests.sim.opcua.test_plant_space import EQUIPMENT, TAGS

START_MS = 1_790_000_000_000

pytestmark = pytest.mark.node


@pytest.mark.slow
async def test_every_node_can_be_browsed_and_read(tmp_path: Path) -> None:
    async with serving(plant_space(TAGS, EQUIPMENT), history_depth=10) as server:
        rows = np.arange(len(TAGS))
        texts = ["Execute" if tag.signal.data_type == "String" else None for tag in TAGS]
        await server.columns.write(rows, np.ones(len(TAGS)), np.zeros(len(TAGS), np.uint32), 10**18, texts)
        async with node_client(server.endpoint, tmp_path) as client:
            found = await client.order("crawl")
            assert found.get("bad") == [], found
            assert found["variables"] > 3 * len(TAGS)
            assert found["nodes"] > found["variables"] + len(EQUIPMENT)


async def test_methods_are_called(tmp_path: Path) -> None:
    clerk = Clerk()
    async with serving(operated_space(), operator=clerk) as server:
        types = server.namespaces.index("urn:parktwin:sim:types")
        async with node_client(server.endpoint, tmp_path) as client:
            answer = await client.order(
                "call", object=f"ns=2;s={LATHE}", method=f"ns={types};s=cnc_machine.Start"
            )
            assert answer == {"status": "Good"}
    assert clerk.done == [("start", LATHE)]


async def test_history_is_read(tmp_path: Path) -> None:
    async with served([double("a")], history_depth=100) as server:
        for step in range(5):
            await write(server, float(step), time_ns=(START_MS + 1000 * step) * 10**6)
        async with node_client(server.endpoint, tmp_path) as client:
            answer = await client.order("history", node="ns=2;s=a", startMs=START_MS, endMs=START_MS + 4000)
            assert [one["value"] for one in answer["values"]] == [0.0, 1.0, 2.0, 3.0]
            assert [one["sourceMs"] for one in answer["values"]] == [START_MS + 1000 * n for n in range(4)]
