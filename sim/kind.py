"""What a kind of simulated machine is: one frozen description, and a fleet that steps all units of it at
once.

A kind is a file in :mod:`sim.machines`. Its fleet holds every unit of the kind that the plant has, as arrays
``float64[n]`` with one element a unit, so that a park of hundreds of machines costs tens of array operations
a step. Machines never see each other: what flows between them (power, water, air, sewage) are outputs of one
that are inputs of another, along the links of the park.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from sim.degradation.law import Law

F64 = npt.NDArray[np.float64]
U32 = npt.NDArray[np.uint32]
Bools = npt.NDArray[np.bool_]

PACKML_STATES = ("Stopped", "Idle", "Execute", "Suspended", "Held", "Aborted")
"""States of ISA-TR88.00.02 that a simulated machine is in; a state signal's value is the index in here."""
STOPPED, IDLE, EXECUTE, SUSPENDED, HELD, ABORTED = range(6)


@dataclass(frozen=True, slots=True)
class Sensor:
    """How an instrument shows a quantity.

    Args:
        noise: standard deviation of a reading [unit of the signal].
        resolution: step of the last digit [unit of the signal]; 0 = none.
    """

    noise: float = 0.0
    resolution: float = 0.0


EXACT = Sensor()
"""Counts, states and set points: what is shown is what is."""


@dataclass(frozen=True, slots=True)
class Signal:
    """Something a machine measures or counts: a tag of every unit.

    Args:
        name: as in the tag.
        text: what an engineer would write beside it, in English.
        unit: symbol as in the park file, "" for none.
        low, high: engineering range in ``unit``; a Good value never leaves it. Ignored for texts.
        data_type: OPC UA built-in type name.
        sensor: how it is measured.
        texts: for ``String``: what can be shown; the machine gives the index.
    """

    name: str
    text: str
    unit: str = ""
    low: float = 0.0
    high: float = 1.0
    data_type: str = "Double"
    sensor: Sensor = EXACT
    texts: tuple[str, ...] = ()


STATE = Signal("state", "PackML state", data_type="String", texts=PACKML_STATES)
"""Of every kind that is operated (:attr:`MachineKind.operated`); the simulation fills it, never the
machine."""

STATION = (
    Signal("starved", "Waits for material", data_type="Boolean"),
    Signal("blocked", "Waits for room behind it", data_type="Boolean"),
    Signal("cycle_time", "Time the last piece took", "s", 0, 30_000, sensor=Sensor(resolution=0.01)),
    Signal("good_count", "Pieces passed on", "pcs", 0, 4e9, "UInt32"),
    Signal("reject_count", "Pieces taken out", "pcs", 0, 4e9, "UInt32"),
)
"""Of every kind that stands in a production line; its line fills them, never the machine."""


@dataclass(frozen=True, slots=True)
class Input:
    """Something a machine is fed by its neighbours of one network.

    Args:
        name: the key in :attr:`Tick.inputs`.
        network: the network of the links it comes along, as in the park file.
        side: the neighbours: ``downstream`` = whom it feeds, ``upstream`` = who feeds it.
        output: the output of the neighbours it is made of; neighbours without it are passed over.
        combine: how those of several neighbours become one.
        default: what it is where no neighbour has the output.
        lagged: True takes the step before's values. In a loop (demand one way, pressure the other) one of
            the two must be lagged; balances close exactly on the one that is not.
        usual: what it is about in a working plant, if that is not the default; for a fleet on a bench.
    """

    name: str
    network: str
    side: Literal["upstream", "downstream"]
    output: str
    combine: Literal["sum", "mean", "min", "max"] = "sum"
    default: float = 0.0
    lagged: bool = False
    usual: float | None = None


@dataclass(frozen=True, slots=True)
class FailureMode:
    """A way in which units of a kind fail.

    Args:
        name: unique in the kind; the fault that ``parktwin sim inject`` names.
        iso14224: failure mode code of ISO 14224:2016 annex B.2.6 (VIB, ELP, OHE, PDE, ...).
        mechanism: failure mechanism of ISO 14224:2016 table B.2 ("2.4 Wear").
        law: how severity grows with running time from 0 (as new) to 1 (functional failure).
        vi, en: what it is, for people.
        shows_in: the kind's signals that speak of it.
        stops: True if the machine stands from severity 1 on until it is repaired.
        repair_h: how long a repair takes [h].
    """

    name: str
    iso14224: str
    mechanism: str
    law: Law
    vi: str
    en: str
    shows_in: tuple[str, ...]
    stops: bool = True
    repair_h: float = 4.0


@dataclass(frozen=True, slots=True)
class Setpoint:
    """Something an operator may set on every unit, by name, from the signal of that name.

    Args:
        name: the key in :attr:`Tick.setpoints`; also the kind's signal that shows it, if there is one so
            named.
        unit: symbol, "" for none.
        low, high: what is accepted.
        default: until somebody sets it; a unit's parameter of the same name wins.
        text: what it is, in English.
    """

    name: str
    unit: str
    low: float
    high: float
    default: float
    text: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Tick:
    """One step of a fleet of n units; everything is one element a unit.

    Args:
        now_ns: simulated time at the end of the step, ns since the epoch.
        dt_s: its length [s]; 0 at the first reading.
        hour: local hour of the day, 0 to 24.
        rng: all randomness comes from here; never shared with another fleet.
        inputs: by :attr:`Input.name`, ``float64[n]``.
        severity: by :attr:`FailureMode.name`, ``float64[n]``, 0 = as new, 1 = failed; at most 1.5.
        setpoints: by :attr:`Setpoint.name`, ``float64[n]``.
        running: ``bool[n]``: PackML Execute (powered, wanted, whole, fed). All True for kinds not operated.
        powered: ``bool[n]``: electricity is there (True for units without an electricity link).
        work: ``float64[n]``: share of the step it really worked on pieces, for stations of a line; else
            ``running`` as numbers.
        begun: ``float64[n]``: pieces that entered during the step, for stations of a line; else 0.
        wip: ``float64[n]``: pieces it holds, for stations of a line; else 0.
        made: ``float64[n]``: good + reject pieces since the start, for stations of a line; else 0.
    """

    now_ns: int
    dt_s: float
    hour: float
    rng: np.random.Generator
    inputs: Mapping[str, F64]
    severity: Mapping[str, F64]
    setpoints: Mapping[str, F64]
    running: Bools
    powered: Bools
    work: F64
    begun: F64
    wip: F64
    made: F64


class Fleet(Protocol):
    """All units of a kind. Made once, stepped for ever, from one thread."""

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """Go forward by one step and say what is true now.

        Returns every signal of the kind (but those of :data:`STATE` and :data:`STATION`) and every flow, by
        name, ``float64[n]``, before sensors: exact, without noise or rounding. Same rng and ticks, same
        bytes. Must not block or do I/O, and raises nothing; any ``dt_s`` from 0 to a day is stable (exact
        solutions of first-order lags, sub-steps where there is none).
        """


@dataclass(frozen=True, slots=True)
class Site:
    """What a fleet is told of the plant when it is made.

    Args:
        utc_offset_h: by how much local time is ahead of UTC [h].
        equipment: the id of each unit, in the order of the arrays.
        seed: for what is drawn once at the start (unit-to-unit spread); use ``site.rng()``.
    """

    utc_offset_h: float
    equipment: tuple[str, ...]
    seed: tuple[int, ...]

    def rng(self) -> np.random.Generator:
        """A generator for draws at the start; the same on every call."""
        return np.random.default_rng(self.seed)


@dataclass(frozen=True, slots=True)
class MachineKind:
    """A row of the table of kinds: what ``kind:`` in ``plant.yaml`` may name.

    Args:
        name: as in the plant file; the park file's kind of the same equipment has the same name.
        parameters: frozen struct that a row's ``parameters:`` is read into; unknown names are refused.
        signals: what it shows besides :data:`STATE` and :data:`STATION`.
        create: makes a fleet from the parameters of each unit.
        flows: names of outputs that are no tags but are passed to neighbours (``active_kw``) or to the line:
            ``pace`` (speed as a share of nominal, 0 to 1) and ``reject_share`` (additional, 0 to 1), and
            ``ready`` (0 = the machine cannot run for a reason of its process: it is Held).
        inputs: what it is fed.
        modes: how it fails.
        setpoints: what an operator may set.
        operated: it has a state and can be started and stopped.
        station: it stands in a line (implies ``operated``).
        every_s: how often units are worked out [s]; between, what they put out stands still, unless one of
            them starts, stops or loses its supply. For slow processes; 0 = in every step. Not for stations,
            nor for what must add up in every step.
        companion: OPC UA companion type of its object: ``PackML`` for stations, ``Machinery``, ``Pumps`` or
            "".
    """

    name: str
    parameters: type[msgspec.Struct]
    signals: tuple[Signal, ...]
    create: Callable[[Sequence[Any], Site], Fleet]
    flows: tuple[str, ...] = ()
    inputs: tuple[Input, ...] = ()
    modes: tuple[FailureMode, ...] = ()
    setpoints: tuple[Setpoint, ...] = ()
    operated: bool = True
    station: bool = False
    every_s: float = 0.0
    companion: str = "Machinery"
    all_signals: tuple[Signal, ...] = field(init=False)

    @property
    def has_state(self) -> bool:
        """Whether it can be started and stopped, and shows a PackML state."""
        return self.operated or self.station

    def __post_init__(self) -> None:
        first = (STATE,) if self.has_state else ()
        line = STATION if self.station else ()
        object.__setattr__(self, "all_signals", (*first, *line, *self.signals))


ELECTRIC = ("active_kw", "reactive_kvar")
"""Flows of whatever draws electricity: what it takes from its supply now, 0 without power."""
