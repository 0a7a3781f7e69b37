"""A scenario: a YAML file of faults, what, where, when and how strong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
import yaml

from sim.faults.errors import FaultError, ScenarioError
from sim.faults.moments import parse_moment_ns
from sim.faults.order import CheckedOrder, FaultOrder


class ScenarioName(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What it is called, for people."""

    vi: str
    en: str


class ScenarioHead(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A scenario file.

    Args:
        name: what it is called.
        about: what happens and what should be noticed.
        events: each a fault order with a moment, ``at``; read one by one, so that every mistake is told.
    """

    name: ScenarioName
    events: tuple[dict[str, Any], ...]
    about: str = ""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario that can be played.

    Args:
        name: what it is called.
        about: what happens.
        orders: begin [ns] and order, in the order of the file.
    """

    name: ScenarioName
    about: str
    orders: tuple[tuple[int, CheckedOrder], ...]


def read_scenario(
    text: str,
    where: str,
    *,
    check: Callable[[FaultOrder], CheckedOrder],
    now_ns: int,
    utc_offset_h: float,
) -> Scenario:
    """Read and check a scenario.

    Args:
        text: of the file; a list of events alone will do.
        where: the file, for errors.
        check: whether an order can be carried out on this plant.
        now_ns: simulated time, from which ``+10m`` counts.
        utc_offset_h: by how much local time is ahead of UTC [h].

    Raises:
        ScenarioError: every mistake, a line each.
    """
    try:
        read = yaml.load(text, yaml.CSafeLoader)
        if isinstance(read, list):
            read = {"name": {"vi": where, "en": where}, "events": read}
        head = msgspec.convert(read, ScenarioHead)
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise ScenarioError(
            f"scenario {where}: {error}; a scenario is a name (vi, en) and a list of events, "
            "each with at, fault and equipment"
        ) from error
    if not head.events:
        raise ScenarioError(
            f"scenario {where}: events: must have at least one; add one with at, fault, equipment"
        )
    orders, mistakes = [], []
    for number, event in enumerate(head.events, start=1):
        try:
            orders.append(_read_event(dict(event), check, now_ns, utc_offset_h))
        except (FaultError, msgspec.ValidationError) as error:
            mistakes.append(f"scenario {where}: event {number}: {error}")
    if mistakes:
        raise ScenarioError("\n".join(mistakes))
    return Scenario(head.name, head.about, tuple(orders))


def _read_event(
    event: dict[str, Any], check: Callable[[FaultOrder], CheckedOrder], now_ns: int, utc_offset_h: float
) -> tuple[int, CheckedOrder]:
    at = event.pop("at", None)
    if at is None:
        raise ScenarioError("at: is missing; write at: +10m, 08:30 or a time with its offset from UTC")
    # YAML reads 08:30 without quotes as a number to base sixty, and a time as a datetime of its own
    if not isinstance(at, str):
        raise ScenarioError(f"at: {at}: must be a text; put it in quotes")
    return parse_moment_ns(at, now_ns, utc_offset_h), check(msgspec.convert(event, FaultOrder))
