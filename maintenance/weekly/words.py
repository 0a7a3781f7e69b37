"""Days, moments and signals in the weekly report, as people of a plant say them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo

from maintenance.wording import Language, pick
from twin.contract.clock import NS_PER_S
from twin.contract.health import HealthReason, MachineHealth

SignalNames = Mapping[str, Mapping[str, tuple[str, str]]]
"""What people call the signals of a kind of machine, in Vietnamese and English, by kind and signal."""


def day_of(time_ns: int, zone: tzinfo, language: Language) -> str:
    """The day of a moment.

    >>> from zoneinfo import ZoneInfo
    >>> evening = 1_795_802_400 * NS_PER_S  # 18:00 UTC, when it is the next day in Vietnam
    >>> day_of(evening, ZoneInfo("Asia/Ho_Chi_Minh"), "vi"), day_of(evening, ZoneInfo("UTC"), "en")
    ('28/11/2026', '27 Nov 2026')
    """
    day = datetime.fromtimestamp(time_ns / NS_PER_S, zone)
    return f"{day:%d/%m/%Y}" if language == "vi" else f"{day.day} {day:%b %Y}"


def moment_of(time_ns: int, zone: tzinfo, language: Language) -> str:
    """The day and the minute of a moment."""
    return f"{datetime.fromtimestamp(time_ns / NS_PER_S, zone):%H:%M} {day_of(time_ns, zone, language)}"


def said_by_name(
    health: MachineHealth, reason: HealthReason, language: Language, signals: SignalNames
) -> str:
    """A reason with its signal called by name, where the site file has one."""
    said = pick((reason.vi, reason.en), language)
    called = signals.get(health.kind, {}).get(reason.signal)
    return said if called is None else said.replace(reason.signal, pick(called, language), 1)
