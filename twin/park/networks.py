"""What the networks of a park are reckoned from: the figures of its nameplates and drawings, row by row.

Links say what feeds what; these rows say with how many kVA, metres, or cubic metres. Names of signals are ""
where nothing measures.
"""

from __future__ import annotations

from dataclasses import dataclass

from twin.park.name import Name


@dataclass(frozen=True, slots=True)
class Supply:
    """Where the grid feeds the park.

    Args:
        equipment: its meter.
        voltage_kv: nominal, line to line.
        contract_kw: demand agreed with the grid; 0 = not known.
        accuracy_percent: of its meter.
        power, reactive, voltage: signals.
    """

    equipment: str
    voltage_kv: float
    contract_kw: float = 0.0
    accuracy_percent: float = 0.5
    power: str = ""
    reactive: str = ""
    voltage: str = ""


@dataclass(frozen=True, slots=True)
class Transformer:
    """A two-winding transformer; figures as on its nameplate (IEC 60076-1).

    Args:
        rated_kva, hv_kv, lv_kv: rated, at the middle tap.
        uk_percent: short-circuit voltage.
        load_loss_kw, no_load_kw: losses at rated current, and without load.
        no_load_percent: no-load current.
        tap_step_percent: by which a tap raises the low side.
        keeps_kv: what an on-load tap changer keeps on the low side; 0 = it has none.
        accuracy_percent: of its meter.
        power, reactive: signals of its high side.
        tap, breaker: signals.
    """

    equipment: str
    rated_kva: float
    hv_kv: float
    lv_kv: float
    uk_percent: float
    load_loss_kw: float
    no_load_kw: float = 0.0
    no_load_percent: float = 0.0
    tap_step_percent: float = 0.0
    keeps_kv: float = 0.0
    accuracy_percent: float = 0.5
    power: str = ""
    reactive: str = ""
    tap: str = ""
    breaker: str = ""


@dataclass(frozen=True, slots=True)
class Cable:
    """A feeder: a breaker, and behind it a cable.

    Args:
        voltage_kv: nominal.
        length_m: of the cable.
        r_ohm_km, x_ohm_km, c_nf_km: per kilometre.
        rated_a: what it carries for ever.
        accuracy_percent: of its meter.
        power, reactive: signals at its beginning.
        breaker: signal.
        unmetered: signal of what is taken at its end by none of the machines [unit of a power].
    """

    equipment: str
    voltage_kv: float
    length_m: float
    r_ohm_km: float
    x_ohm_km: float
    rated_a: float
    c_nf_km: float = 0.0
    accuracy_percent: float = 0.5
    power: str = ""
    reactive: str = ""
    breaker: str = ""
    unmetered: str = ""


@dataclass(frozen=True, slots=True)
class Board:
    """A switchboard with an incoming breaker; its meter stands for all that hangs on it.

    Args:
        voltage_kv: nominal.
        rated_a: of the incoming breaker.
        accuracy_percent: of its meter.
        power, reactive: signals of the incomer.
        breaker: signal.
        unmetered: signal of what is taken there by none of the machines.
    """

    equipment: str
    voltage_kv: float
    rated_a: float
    accuracy_percent: float = 0.5
    power: str = ""
    reactive: str = ""
    breaker: str = ""
    unmetered: str = ""


@dataclass(frozen=True, slots=True)
class Generator:
    """What feeds in: a solar array behind its inverter.

    Args:
        rated_kw: of the inverter.
        power: signal of what it gives.
    """

    equipment: str
    rated_kw: float
    power: str = ""


@dataclass(frozen=True, slots=True)
class Compensator:
    """A capacitor bank.

    Args:
        rated_kvar: of all steps.
        reactive: signal of what it draws; less than nothing while it gives.
    """

    equipment: str
    rated_kvar: float
    reactive: str = ""


@dataclass(frozen=True, slots=True)
class WaterTank:
    """A tank from which the mains are fed.

    Args:
        area_m2: of its floor.
        height_m: where it runs over.
        floor_m: over the datum of the water network.
        level, inflow, outflow: signals [m, m³/h].
    """

    equipment: str
    area_m2: float
    height_m: float
    floor_m: float = 0.0
    level: str = ""
    inflow: str = ""
    outflow: str = ""


@dataclass(frozen=True, slots=True)
class WaterPump:
    """A distribution pump; those that feed the same mains are a station and keep its pressure together.

    Args:
        design_m3_h, design_m: flow and head at the best point.
        shut_off_m: head without flow.
        keeps_bar: what the station keeps in the mains.
        pressure, keeps: signals of the header's pressure and of the set point [bar].
        running: signal that is above 0.5 while it pumps.
    """

    equipment: str
    design_m3_h: float
    design_m: float
    shut_off_m: float
    keeps_bar: float
    pressure: str = ""
    keeps: str = ""
    running: str = ""


@dataclass(frozen=True, slots=True)
class WaterPipe:
    """A main or a service pipe.

    Args:
        length_m, diameter_mm: of the pipe.
        roughness_c: Hazen-Williams.
        falls_m: by how much its end lies lower than its beginning.
        flow, pressure_in, pressure_out: signals [m³/h, bar].
    """

    equipment: str
    length_m: float
    diameter_mm: float
    roughness_c: float = 130.0
    falls_m: float = 0.0
    flow: str = ""
    pressure_in: str = ""
    pressure_out: str = ""


@dataclass(frozen=True, slots=True)
class WaterUser:
    """A user at the end of a service pipe, with a meter.

    Args:
        length_m, diameter_mm, roughness_c: of the service pipe.
        strainer_k: loss of meter and strainer, in velocity heads.
        flow, pressure: signals of its meter [m³/h, bar].
        accuracy_percent: of its meter.
    """

    equipment: str
    length_m: float
    diameter_mm: float
    roughness_c: float = 130.0
    strainer_k: float = 0.0
    accuracy_percent: float = 0.5
    flow: str = ""
    pressure: str = ""


@dataclass(frozen=True, slots=True)
class Sewer:
    """A sewer from an outlet to the plant: what is let in arrives a travel time later.

    Args:
        outlet: equipment that measures what is let in.
        length_m, velocity_m_s: their quotient is the travel time.
        flow, load: signals of the outlet: flow [m³/h] and concentration [mg/L].
    """

    equipment: str
    outlet: str
    length_m: float
    velocity_m_s: float
    flow: str = ""
    load: str = ""

    @property
    def travel_s(self) -> float:
        """Travel time [s].

        >>> Sewer("a/sewer", "a/outlet", length_m=980.0, velocity_m_s=0.7).travel_s
        1400.0
        """
        return self.length_m / self.velocity_m_s


@dataclass(frozen=True, slots=True)
class Basin:
    """A volume of the wastewater plant that the water goes through.

    Args:
        volume_m3: full.
        stores: its level may rise; without, it is full always.
        passes: share of a load that leaves it again, the rest is broken down.
        level_percent, inflow, outflow: signals.
    """

    equipment: str
    volume_m3: float
    stores: bool = False
    passes: float = 1.0
    level_percent: str = ""
    inflow: str = ""
    outflow: str = ""


@dataclass(frozen=True, slots=True)
class Outfall:
    """Where the wastewater plant gives to the river.

    Args:
        flow, load: signals [m³/h, mg/L].
    """

    equipment: str
    flow: str = ""
    load: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to call about a place, and everything in it for which there is nobody nearer.

    Args:
        of: id of the place or equipment.
        display: who it is: a duty, not a person.
        phone: number.
    """

    of: str
    display: Name
    phone: str


@dataclass(frozen=True, slots=True)
class NetworkRules:
    """All of it."""

    supplies: tuple[Supply, ...] = ()
    transformers: tuple[Transformer, ...] = ()
    cables: tuple[Cable, ...] = ()
    boards: tuple[Board, ...] = ()
    generators: tuple[Generator, ...] = ()
    compensators: tuple[Compensator, ...] = ()
    tanks: tuple[WaterTank, ...] = ()
    pumps: tuple[WaterPump, ...] = ()
    pipes: tuple[WaterPipe, ...] = ()
    water_users: tuple[WaterUser, ...] = ()
    sewers: tuple[Sewer, ...] = ()
    basins: tuple[Basin, ...] = ()
    outfalls: tuple[Outfall, ...] = ()
    contacts: tuple[Contact, ...] = ()


NO_NETWORKS = NetworkRules()
