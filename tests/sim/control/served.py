"""A small park under control, without a process around it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.types import ASGIApp

from sim.control.app import create_control_app
from sim.control.bad_days import ActiveBadDay, BadDayRow
from tests.sim.faults.park import START_NS, Park, make_park
from twin.contract.clock import NS_PER_S


@dataclass
class ParkClock:
    """The clock of a park that a test steps."""

    park: Park
    speed: float = 1.0

    @property
    def now_ns(self) -> int:
        return self.park.now_ns

    def set_speed(self, speed: float) -> None:
        self.speed = speed


@dataclass
class FewBadDays:
    """Bad days that only keep a list."""

    active: tuple[ActiveBadDay, ...] = ()
    table: tuple[BadDayRow, ...] = (
        BadDayRow("slow_answers", "Trả lời chậm", "Answers late", {"delay_s": "delay [s], 2"}, 60.0),
        BadDayRow("restart", "Khởi động lại", "Restarts with other namespace indices", {}),
    )
    servers: tuple[str, ...] = ("anphat", "utilities")

    async def begin(
        self, server: str, name: str, parameters: Mapping[str, float | str], duration_s: float
    ) -> ActiveBadDay:
        ends_ns = START_NS + round(duration_s * NS_PER_S) if duration_s else None
        day = ActiveBadDay(len(self.active) + 1, name, server, parameters, START_NS, ends_ns)
        self.active = (*self.active, day)
        return day

    async def end(self, number: int) -> None:
        self.active = tuple(day for day in self.active if day.number != number)


@dataclass
class Served:
    """A park, its clock, its bad days and the app in front of them."""

    park: Park = field(default_factory=make_park)
    token: str = ""

    def __post_init__(self) -> None:
        self.clock = ParkClock(self.park)
        self.bad_days = FewBadDays()

    def app(self) -> ASGIApp:
        """The app."""
        return create_control_app(
            board=self.park.board,
            log=self.park.log,
            clock=self.clock,
            bad_days=self.bad_days,
            token=self.token,
        )
