"""Starting never waits and never gives up, whatever is missing."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from uuid import uuid4

import pytest
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from tests.twin.api.running_twin import PARK_FILE
from twin.api.runtime import TwinRuntime
from twin.api.settings import TwinSettings
from twin.bus.base import Bus, BusUnavailableError
from twin.bus.connect import open_bus
from twin.contract.clock import system_clock
from twin.park.park_file import load_park
from twin.service.settings import load


@pytest.mark.slow
async def test_whatever_keeps_the_bus_away_is_said_and_waited_for(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    failures: list[Exception] = [BusUnavailableError("the broker is away"), RuntimeError("a bug of ours")]

    def connect() -> Bus:
        if failures:
            raise failures.pop(0)
        return open_bus(f"memory:{uuid4().hex}")

    settings = load(TwinSettings, park=PARK_FILE, data_dir=tmp_path, roles="record")
    runtime = TwinRuntime(
        settings,
        load_park(PARK_FILE, environment={}),
        registry=CollectorRegistry(),
        connect=connect,
        clock=system_clock,
    )
    told: list[str] = []
    async with asyncio.timeout(60.0), runtime.lifespan(FastAPI()):
        while reasons := runtime.health():
            why = reasons.get("bus", "")
            if why and why not in told:
                told.append(why)
            await asyncio.sleep(0.01)
    assert told == ["not connected yet", "the broker is away", "RuntimeError: a bug of ours"]
    lines = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [record.levelname for record in lines] == ["WARNING", "ERROR"], "one when lost, one for the bug"
    assert lines[1].exc_info is not None
    assert (tmp_path / "twin.sqlite3").exists()
