"""The site file: crews, tenants' calendars, jobs by kind of machine, spare parts. ``sample.yaml`` is the
default, the documentation and a test input.

Everything is checked at once, so that a site file is used whole or not at all.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from holidays import list_supported_countries
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from maintenance.errors import MaintenanceError

SAMPLE = Path(__file__).parent / "sample.yaml"
SIGNALS = "signals"
ANY_MODE = "*"

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ClockTime = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Money = Annotated[float, Field(ge=0.0, allow_inf_nan=False)]
Hours = Annotated[float, Field(gt=0.0, le=10_000.0)]
Name = Annotated[str, Field(min_length=1, max_length=120)]


class SiteFileError(MaintenanceError, ValueError):
    """A site file cannot be read or contradicts itself."""

    code = "maintenance.site_file"


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Shift(_Entry):
    """A shift; an end not after the start lies on the next day, and the shift belongs to the first."""

    start: ClockTime
    end: ClockTime
    days: tuple[Day, ...] = DAYS


class DaysOff(_Entry):
    """Days on which no shift starts, both included: Tet, a shutdown."""

    first: date
    last: date
    name_vi: str = ""
    name_en: str = ""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise ValueError(f"last {self.last} lies before first {self.first}")
        return self


class Period(_Entry):
    """From a moment to another, on the clock of the site."""

    begin: datetime
    end: datetime
    name_vi: str = ""
    name_en: str = ""

    @field_validator("begin", "end")
    @classmethod
    def _local(cls, value: datetime) -> datetime:
        if value.tzinfo is not None:
            raise ValueError("write the clock of the site, without an offset")
        return value

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end <= self.begin:
            raise ValueError(f"end {self.end} does not lie after begin {self.begin}")
        return self


class Crew(_Entry):
    """People who do one job at a time; ``rate_per_h`` is of all of them together."""

    id: Name
    name_vi: Name
    name_en: Name
    skills: tuple[Name, ...] = Field(min_length=1)
    shifts: tuple[Shift, ...] = Field(min_length=1)
    rate_per_h: Money
    works_holidays: bool = False
    away: tuple[DaysOff, ...] = ()


class Tenant(_Entry):
    """Whose machines begin with ``prefix``; the longest prefix counts.

    Args:
        production: shifts in which machines run; none = always.
        shutdowns: no production; the best of times for maintenance.
        closed: nobody may come in.
        power_cuts: announced; no production, and no job that needs power.
        stop_cost_per_h: of one machine standing still during production.
        stop_cost_fixed: of stopping and starting a line once, whatever is done meanwhile.
    """

    prefix: Name
    name: Name
    production: tuple[Shift, ...] = ()
    works_holidays: bool = False
    shutdowns: tuple[DaysOff, ...] = ()
    closed: tuple[Period, ...] = ()
    power_cuts: tuple[Period, ...] = ()
    stop_cost_per_h: Money
    stop_cost_fixed: Money = 0.0


class Job(_Entry):
    """What is done about a failure mode (``*`` = any other) before it fails, and what is to be done after.

    Args:
        hours: of the crew and of standing still, planned.
        failed_hours: standing still after a failure with the part on the shelf.
        damage: what breaks along with it.
        usual_life_h: running time between two such jobs where there is no forecast.
        parts: how many of each.
    """

    mode: Name = ANY_MODE
    skill: Name
    usual_life_h: Annotated[float, Field(gt=0.0, le=1_000_000.0)]
    hours: Hours
    failed_hours: Hours
    damage: Money = 0.0
    parts: dict[Name, Annotated[int, Field(ge=1, le=1000)]] = {}
    needs_power: bool = False


class Kind(_Entry):
    """A kind of machine, and what is done about it."""

    kind: Name
    name_vi: Name
    name_en: Name
    inspection_hours: Hours = 1.0
    jobs: tuple[Job, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _one_job_a_mode(self) -> Self:
        modes = [job.mode for job in self.jobs]
        if len(set(modes)) < len(modes):
            raise ValueError(f"kind {self.kind!r}: two jobs of one mode")
        if ANY_MODE not in modes:
            raise ValueError(f"kind {self.kind!r}: no job of mode '*', for what nobody has foreseen")
        return self

    def job(self, mode: str) -> Job:
        """The job of a mode."""
        by_mode = {job.mode: job for job in self.jobs}
        return by_mode.get(mode, by_mode[ANY_MODE])


class Delivery(_Entry):
    """Parts that are under way."""

    arrives: date
    count: Annotated[int, Field(ge=1)]


class Part(_Entry):
    """A spare part of the shared store; ``service_level`` is the wanted probability of not running out before
    the next delivery, ``rush_days`` the wait when it was missing after a failure."""

    id: Name
    name_vi: Name
    name_en: Name
    price: Money
    on_hand: Annotated[int, Field(ge=0)]
    lead_days: Annotated[int, Field(ge=1, le=730)]
    rush_days: Annotated[float, Field(gt=0.0, le=365.0)] = 3.0
    service_level: Annotated[float, Field(ge=0.5, lt=1.0)] = 0.95
    on_order: tuple[Delivery, ...] = ()


class Site(_Entry):
    """Everything that planning needs to know and forecasts do not say.

    Args:
        example: the figures are made up; every plan and report says so.
        public_holidays: country (ISO 3166) as the package ``holidays`` reckons them; "" = none.
        horizon_weeks: how far ahead jobs are placed.
        notice_h: no job begins earlier than this from now.
        signals: what people call the signals of a kind of machine, in Vietnamese and English; in the file
            also the name of a file beside it that has them.
    """

    example: bool = False
    currency: Name = "VND"
    time_zone: str = "Asia/Ho_Chi_Minh"
    public_holidays: str = "VN"
    horizon_weeks: Annotated[int, Field(ge=1, le=52)] = 12
    notice_h: Annotated[float, Field(ge=0.0, le=720.0)] = 24.0
    crews: tuple[Crew, ...] = Field(min_length=1)
    tenants: tuple[Tenant, ...] = Field(min_length=1)
    kinds: tuple[Kind, ...] = Field(min_length=1)
    parts: tuple[Part, ...] = ()
    signals: dict[Name, dict[Name, tuple[Name, Name]]] = {}

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        for what, names in (
            ("crews", [one.id for one in self.crews]),
            ("tenants", [one.prefix for one in self.tenants]),
            ("kinds", [one.kind for one in self.kinds]),
            ("parts", [one.id for one in self.parts]),
        ):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"{what}: {twice[0]!r} is there twice; keep one")
        parts = {one.id for one in self.parts}
        skills = {skill for crew in self.crews for skill in crew.skills}
        for kind in self.kinds:
            for job in kind.jobs:
                if job.skill not in skills:
                    raise ValueError(
                        f"kind {kind.kind!r}: no crew has the skill {job.skill!r}; add it to one"
                    )
                for part in sorted(set(job.parts) - parts):
                    raise ValueError(f"kind {kind.kind!r}: part {part!r} is not under 'parts'; add it")
        if self.public_holidays and self.public_holidays not in list_supported_countries():
            raise ValueError(f"public_holidays {self.public_holidays!r}: no known country; write VN, or ''")
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"time_zone {self.time_zone!r}: unknown; write Asia/Ho_Chi_Minh") from error
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The time zone."""
        return ZoneInfo(self.time_zone)

    def tenant(self, machine: str) -> Tenant | None:
        """Whose machine it is."""
        found = [one for one in self.tenants if machine == one.prefix or machine.startswith(f"{one.prefix}/")]
        return max(found, key=lambda one: len(one.prefix), default=None)

    def kind(self, name: str) -> Kind | None:
        """The kind of that name."""
        return next((one for one in self.kinds if one.kind == name), None)

    def part(self, name: str) -> Part:
        """The part of that name, which is there once the file is checked."""
        return next(one for one in self.parts if one.id == name)


def read_site(path: Path) -> Site:
    """Read and check a site file.

    Raises:
        SiteFileError: it cannot be read, or something in it cannot be; all faults of the schema are told.

    >>> read_site(SAMPLE).example
    True
    """
    content = _read_yaml(path)
    if isinstance(content, dict) and isinstance(content.get(SIGNALS), str):
        content[SIGNALS] = _read_yaml(path.parent / content[SIGNALS])
    try:
        return Site.model_validate(content)
    except ValidationError as error:
        faults = [
            f"{'.'.join(str(part) for part in one['loc']) or 'file'}: {one['msg']}" for one in error.errors()
        ]
        raise SiteFileError(
            f"{path}: {len(faults)} faults: {'; '.join(faults)}; see {SAMPLE.name}"
        ) from error


def _read_yaml(path: Path) -> object:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SiteFileError(f"{path}: cannot be read: {error.strerror}; give another site file") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SiteFileError(f"{path}: is no YAML: {error}") from error
