"""Networks: from entries to rows, with equipment that exists, stands once, and has the signals named."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final, TypeVar, cast

from twin.contract.pattern import PatternError, unfold
from twin.park.data_types import DATA_TYPES
from twin.park.faults import FaultLog, Located, did_you_mean
from twin.park.model import Equipment, Link, Name, SignalKind
from twin.park.network_schema import NETWORK_SECTIONS, ContactEntry, NetworkEntry, SewerEntry
from twin.park.networks import (
    NO_NETWORKS,
    Basin,
    Board,
    Cable,
    Compensator,
    Contact,
    Generator,
    NetworkRules,
    Outfall,
    Sewer,
    Supply,
    Transformer,
    WaterPipe,
    WaterPump,
    WaterTank,
    WaterUser,
)
from twin.park.sections import Sections

R = TypeVar("R")

_ROWS: Final[Mapping[str, type[Any]]] = {
    "supplies": Supply,
    "transformers": Transformer,
    "cables": Cable,
    "boards": Board,
    "generators": Generator,
    "compensators": Compensator,
    "tanks": WaterTank,
    "pumps": WaterPump,
    "pipes": WaterPipe,
    "water_users": WaterUser,
    "sewers": Sewer,
    "basins": Basin,
    "outfalls": Outfall,
}

_USUAL: Final[Mapping[str, Mapping[str, str]]] = {
    "supplies": {"power": "active_power", "reactive": "reactive_power", "voltage": "voltage"},
    "transformers": {
        "power": "active_power",
        "reactive": "reactive_power",
        "tap": "tap_position",
        "breaker": "breaker_closed",
    },
    "cables": {
        "power": "active_power",
        "reactive": "reactive_power",
        "breaker": "breaker_closed",
        "unmetered": "base_load",
    },
    "boards": {
        "power": "active_power",
        "reactive": "reactive_power",
        "breaker": "breaker_closed",
        "unmetered": "base_load",
    },
    "generators": {"power": "ac_power"},
    "compensators": {"reactive": "reactive_power"},
    "tanks": {"level": "level", "inflow": "inflow", "outflow": "outflow"},
    "pumps": {"pressure": "discharge_pressure", "keeps": "pressure_setpoint", "running": "on_duty"},
    "pipes": {"flow": "flow", "pressure_in": "pressure_in", "pressure_out": "pressure_out"},
    "water_users": {"flow": "flow", "pressure": "pressure"},
    "sewers": {"flow": "flow", "load": "cod"},
    "basins": {"level_percent": "level_percent", "inflow": "inflow", "outflow": "outflow"},
    "outfalls": {"flow": "flow", "load": "cod"},
}
"""The signal that a key of a section names if it is left out."""

_NETWORK: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("supplies", "transformers", "cables", "boards", "generators", "compensators"), "electricity"
    ),
    **dict.fromkeys(("tanks", "pumps", "pipes", "water_users"), "water"),
    **dict.fromkeys(("sewers", "basins", "outfalls"), "wastewater"),
}
"""Over which links the rows of a section hang together."""


@dataclass(frozen=True, slots=True)
class _Known:
    signals: Mapping[str, Mapping[str, SignalKind]]
    linked: Collection[tuple[str, str]]
    log: FaultLog


def make_network_rules(
    sections: Sections,
    given: Collection[str],
    equipment: Sequence[Equipment],
    links: Sequence[Link],
    log: FaultLog,
) -> NetworkRules:
    """Make all rows; ``given`` are ids of equipment and places."""
    signals = {one.id: {signal.name: signal for signal in one.kind.signals} for one in equipment}
    linked = {(link.network, end) for link in links for end in (link.upstream, link.downstream)}
    known = _Known(signals, linked, log)
    taken: dict[tuple[str, str], Located[NetworkEntry]] = {}
    made: dict[str, tuple[Any, ...]] = {}
    for section, row in _ROWS.items():
        rows: list[Any] = []
        for located in sections.of(section, NETWORK_SECTIONS[section]):
            entry = cast("Located[NetworkEntry]", located)
            rows.extend(_rows(section, row, entry, known, taken))
        made[section] = tuple(rows)
    contacts = _contacts(sections.of("contacts", ContactEntry), given, log)
    rules = NetworkRules(**made, contacts=contacts)
    return NO_NETWORKS if rules == NO_NETWORKS else rules


def _rows(
    section: str,
    row: type[R],
    located: Located[NetworkEntry],
    known: _Known,
    taken: dict[tuple[str, str], Located[NetworkEntry]],
) -> list[R]:
    network = _NETWORK[section]
    found: list[R] = []
    for number, name in _names(located, "equipment", known.log):
        loc = ("equipment", number)
        if name not in known.signals:
            step = did_you_mean(name, known.signals, "describe it under 'equipment'")
            rule = f"{name!r} is no equipment of this park"
            known.log.at("network.reference", located, *loc, rule=rule, next_step=step)
            continue
        other = taken.setdefault((network, name), located)
        if other is not located:
            rule = f"{name} is described already at {other.at()}"
            known.log.at("network.duplicate", located, *loc, rule=rule, next_step="delete one of them")
        if (network, name) not in known.linked:
            rule = f"no link of {network} names {name}"
            step = f"add one under 'links', with network: {network}"
            known.log.at("network.unlinked", located, *loc, rule=rule, next_step=step)
        measured = name
        if isinstance(located.entry, SewerEntry):
            measured = located.entry.outlet
            if measured not in known.signals:
                step = did_you_mean(measured, known.signals, "describe it under 'equipment'")
                rule = f"{measured!r} is no equipment of this park"
                known.log.at("network.reference", located, "outlet", rule=rule, next_step=step)
                continue
        values = {key.name: getattr(located.entry, key.name) for key in fields(cast(Any, row))}
        values |= _signals(section, located, measured, known) | {"equipment": name}
        found.append(row(**values))
    return found


def _signals(section: str, located: Located[NetworkEntry], name: str, known: _Known) -> dict[str, str]:
    signals = known.signals[name]
    named: dict[str, str] = {}
    for key, usual in _USUAL[section].items():
        given = getattr(located.entry, key)
        wanted = usual if given is None else given
        signal = signals.get(wanted)
        named[key] = "" if signal is None else wanted
        if given is None:
            continue
        if signal is None:
            step = did_you_mean(given, signals, f"{name} has {', '.join(signals) or 'none'}")
            rule = f"{name} has no signal {given!r}"
            known.log.at("network.signal", located, key, rule=rule, next_step=step)
        elif DATA_TYPES[signal.data_type].family == "text":
            rule = f"signal {given} carries texts"
            known.log.at("network.signal", located, key, rule=rule, next_step="name one that is a number")
    return named


def _contacts(
    entries: Sequence[Located[ContactEntry]], given: Collection[str], log: FaultLog
) -> tuple[Contact, ...]:
    found: dict[str, Contact] = {}
    for located in entries:
        display = Name(located.entry.name.vi, located.entry.name.en)
        for number, name in _names(located, "of", log):
            if name not in given:
                step = did_you_mean(name, given, "describe it under 'equipment' or 'places'")
                rule = f"{name!r} is no equipment and no place of this park"
                log.at("network.reference", located, "of", number, rule=rule, next_step=step)
            elif name in found:
                rule = f"{name} has somebody to call already"
                log.at("network.duplicate", located, "of", number, rule=rule, next_step="delete one of them")
            else:
                found[name] = Contact(name, display, located.entry.phone)
    return tuple(found.values())


def _names(located: Located[Any], key: str, log: FaultLog) -> list[tuple[int, str]]:
    names = []
    for number, text in enumerate(getattr(located.entry, key)):
        try:
            names += [(number, name) for name, _ in unfold(text)]
        except PatternError as error:
            step = "write e.g. .../tx{1..2}"
            log.at("pattern.bad", located, key, number, rule=str(error), next_step=step)
    return names
