"""The service without a process around it: the clock is the test's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from sim.errors import PlantError
from sim.service import SimService
from sim.settings import SimSettings
from tests.sim.opcua.serving import Told, moment
from twin.contract.clock import NS_PER_S

PORTS = {"anphat": 0, "dongho": 0, "utilities": 0}
START_NS = 1_790_000_000 * NS_PER_S


@dataclass
class Wall:
    """A clock that a test sets."""

    ns: int = START_NS

    def __call__(self) -> int:
        return self.ns


async def test_a_faster_clock_simulates_more_and_stamps_with_the_time_of_day() -> None:
    wall = Wall()
    service = SimService(SimSettings(ports=PORTS, speed=60.0), clock=wall)
    await service.start()
    try:
        cycle = next(row for row, tag in enumerate(service.simulation.tags) if tag.tag.endswith("c05:cycle"))
        assert service.simulation.value[cycle] == 1
        wall.ns += NS_PER_S
        await service.advance(1.0, wall.ns)
        assert service.simulation.now_ns == START_NS + 60 * NS_PER_S
        assert service.simulation.value[cycle] == 31
        columns = service.servers["dongho"].columns
        assert Told.of(columns.data_value(0)).source_time == moment(START_NS + NS_PER_S)
    finally:
        await service.stop()


async def test_it_says_when_it_stands_still() -> None:
    wall = Wall()
    service = SimService(SimSettings(ports=PORTS), clock=wall)
    await service.start()
    try:
        assert service.unhealthy() == {}
        wall.ns += 20 * NS_PER_S
        assert "no step for 20.0 s" in service.unhealthy()["simulation"]
    finally:
        await service.stop()


async def test_without_a_plant_nothing_starts() -> None:
    with pytest.raises(PlantError, match="nowhere"):
        SimService(SimSettings(park=Path("nowhere.yaml")))


async def test_being_reachable_from_outside_is_told(caplog: pytest.LogCaptureFixture) -> None:
    service = SimService(SimSettings(ports=PORTS, host="0.0.0.0"))
    await service.start()
    try:
        assert "whoever reaches" in caplog.text
    finally:
        await service.stop()
