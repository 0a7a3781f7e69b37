"""Servers that nobody here wrote the values path of, each test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.connectors.opcua.servers.process import Node, NodeOpcUaProcess, ServerProcess

StartServer = Callable[..., ServerProcess]


@pytest.fixture
def start_asyncua(tmp_path: Path) -> Iterator[StartServer]:
    """Start plain asyncua servers; they are killed at the end."""
    yield from starter(tmp_path, ServerProcess)


@pytest.fixture(
    params=[
        pytest.param(ServerProcess, id="asyncua"),
        pytest.param(NodeOpcUaProcess, id="node-opcua", marks=pytest.mark.node),
    ]
)
def start_server(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[StartServer]:
    """Start servers of each kind in turn; they are killed at the end."""
    yield from starter(tmp_path, request.param)


def starter(folder: Path, kind: type[ServerProcess]) -> Iterator[StartServer]:
    """Give a test servers of one kind, and kill them at the end."""
    started: list[ServerProcess] = []

    def start(nodes: Sequence[Node], **options: Any) -> ServerProcess:
        place = folder / f"server{len(started)}"
        place.mkdir()
        server = kind(place, nodes, **options)
        started.append(server)
        server.start()
        return server

    yield start
    for server in started:
        server.kill()
