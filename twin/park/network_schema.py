"""Entries of a park file that its networks are reckoned from; :mod:`twin.park.networks` says what they mean.

``equipment`` may have a pattern; a signal that is left out is the usual one of the section, if the kind has
it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import AllowInfNan, Field, Strict

from twin.park.entry import Entry, Flag, Key, NameOrText, Text, TextOrTexts

Positive = Annotated[float, Strict(), AllowInfNan(False), Field(gt=0, le=1e9)]
NotNegative = Annotated[float, Strict(), AllowInfNan(False), Field(ge=0, le=1e9)]
Height = Annotated[float, Strict(), AllowInfNan(False), Field(ge=-10_000, le=10_000)]
Percent = Annotated[float, Strict(), AllowInfNan(False), Field(gt=0, le=100)]
Share = Annotated[float, Strict(), AllowInfNan(False), Field(ge=0, le=1)]
Phone = Annotated[str, Strict(), Field(pattern=r"^\+?[0-9][0-9 ()./-]{2,30}$")]


class NetworkEntry(Entry):
    """What every row of a network has."""

    equipment: TextOrTexts


class SupplyEntry(NetworkEntry):
    """Where the grid feeds the park."""

    voltage_kv: Positive
    contract_kw: NotNegative = 0.0
    accuracy_percent: Percent = 0.5
    power: Key | None = None
    reactive: Key | None = None
    voltage: Key | None = None


class TransformerEntry(NetworkEntry):
    """A two-winding transformer."""

    rated_kva: Positive
    hv_kv: Positive
    lv_kv: Positive
    uk_percent: Percent
    load_loss_kw: Positive
    no_load_kw: NotNegative = 0.0
    no_load_percent: NotNegative = 0.0
    tap_step_percent: NotNegative = 0.0
    keeps_kv: NotNegative = 0.0
    accuracy_percent: Percent = 0.5
    power: Key | None = None
    reactive: Key | None = None
    tap: Key | None = None
    breaker: Key | None = None


class CableEntry(NetworkEntry):
    """A feeder with its cable."""

    voltage_kv: Positive
    length_m: Positive
    r_ohm_km: Positive
    x_ohm_km: NotNegative
    rated_a: Positive
    c_nf_km: NotNegative = 0.0
    accuracy_percent: Percent = 0.5
    power: Key | None = None
    reactive: Key | None = None
    breaker: Key | None = None
    unmetered: Key | None = None


class BoardEntry(NetworkEntry):
    """A switchboard."""

    voltage_kv: Positive
    rated_a: Positive
    accuracy_percent: Percent = 0.5
    power: Key | None = None
    reactive: Key | None = None
    breaker: Key | None = None
    unmetered: Key | None = None


class GeneratorEntry(NetworkEntry):
    """What feeds in."""

    rated_kw: Positive
    power: Key | None = None


class CompensatorEntry(NetworkEntry):
    """A capacitor bank."""

    rated_kvar: Positive
    reactive: Key | None = None


class WaterTankEntry(NetworkEntry):
    """A tank from which the mains are fed."""

    area_m2: Positive
    height_m: Positive
    floor_m: Height = 0.0
    level: Key | None = None
    inflow: Key | None = None
    outflow: Key | None = None


class WaterPumpEntry(NetworkEntry):
    """A distribution pump."""

    design_m3_h: Positive
    design_m: Positive
    shut_off_m: Positive
    keeps_bar: Positive
    pressure: Key | None = None
    keeps: Key | None = None
    running: Key | None = None


class WaterPipeEntry(NetworkEntry):
    """A main."""

    length_m: Positive
    diameter_mm: Positive
    roughness_c: Positive = 130.0
    falls_m: Height = 0.0
    flow: Key | None = None
    pressure_in: Key | None = None
    pressure_out: Key | None = None


class WaterUserEntry(NetworkEntry):
    """A user at the end of a service pipe."""

    length_m: Positive
    diameter_mm: Positive
    roughness_c: Positive = 130.0
    strainer_k: NotNegative = 0.0
    accuracy_percent: Percent = 0.5
    flow: Key | None = None
    pressure: Key | None = None


class SewerEntry(NetworkEntry):
    """A sewer from an outlet to the plant."""

    outlet: Text
    length_m: Positive
    velocity_m_s: Positive
    flow: Key | None = None
    load: Key | None = None


class BasinEntry(NetworkEntry):
    """A volume of the wastewater plant."""

    volume_m3: Positive
    stores: Flag = False
    passes: Share = 1.0
    level_percent: Key | None = None
    inflow: Key | None = None
    outflow: Key | None = None


class OutfallEntry(NetworkEntry):
    """Where the plant gives to the river."""

    flow: Key | None = None
    load: Key | None = None


class ContactEntry(Entry):
    """Whom to call."""

    of: TextOrTexts
    name: NameOrText
    phone: Phone


NETWORK_SECTIONS: Mapping[str, type[Entry]] = {
    "supplies": SupplyEntry,
    "transformers": TransformerEntry,
    "cables": CableEntry,
    "boards": BoardEntry,
    "generators": GeneratorEntry,
    "compensators": CompensatorEntry,
    "tanks": WaterTankEntry,
    "pumps": WaterPumpEntry,
    "pipes": WaterPipeEntry,
    "water_users": WaterUserEntry,
    "sewers": SewerEntry,
    "basins": BasinEntry,
    "outfalls": OutfallEntry,
    "contacts": ContactEntry,
}
