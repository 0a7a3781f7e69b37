"""The engines that the history is tested on.

``chdb`` is the default of one box. ``clickhouse-connect`` drives the same client that speaks to a server,
with
chDB behind it instead of HTTP: all of :class:`ClusterEngine` but the transport. A running server named by
``PARKTWIN_TEST_CLICKHOUSE=host:port`` (user ``default``, database ``default``, which it fills) is tested too.
"""

from __future__ import annotations

import os
from pathlib import Path

import clickhouse_connect

from twin.historian.cluster import ClusterEngine, connect_engine
from twin.historian.embedded import EmbeddedEngine
from twin.historian.engine import Engine

SERVER = os.environ.get("PARKTWIN_TEST_CLICKHOUSE", "")
ENGINES = ["chdb", "clickhouse-connect", *(["server"] if SERVER else [])]


def open_engine(kind: str, directory: Path) -> Engine:
    """Open an engine of that kind, on ``directory`` where it has one."""
    if kind == "chdb":
        return EmbeddedEngine(directory)
    if kind == "server":
        return connect_engine(
            f"clickhouse://default@{SERVER}/default",
            password=os.environ.get("PARKTWIN_CLICKHOUSE_PASSWORD", ""),
        )
    return ClusterEngine(clickhouse_connect.get_client(interface="chdb", path=str(directory)))
