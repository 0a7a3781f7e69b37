"""What a simulated machine is: a description of what it puts out and one step through time.

A machine may stand behind several pieces of equipment (an SMT line is eight); each is one of its *slots*,
and ``plant.yaml`` says which equipment id fills which slot.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec
import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]
U32 = npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Signal:
    """Something a machine measures or counts.

    Args:
        name: as in the tag.
        text: what an engineer would write beside it, in English.
        unit: symbol, "" for none.
        low, high: engineering range in ``unit``; a Good value never leaves it. Ignored for texts.
        data_type: OPC UA built-in type name.
    """

    name: str
    text: str
    unit: str = ""
    low: float = 0.0
    high: float = 1.0
    data_type: str = "Double"


@dataclass(frozen=True, slots=True)
class Output:
    """One signal of one of the machine's slots."""

    slot: str
    signal: Signal


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """What all outputs of a machine read at one moment, in the order of its ``outputs``.

    Args:
        value: ``float64[n]``; counts and booleans too (exact below 2^53); NaN where the output is a text.
        status: ``uint32[n]``, OPC UA status codes.
        text: row -> text, for every output that is a text.
    """

    value: F64
    status: U32
    text: Mapping[int, str] = field(default_factory=dict)


class Machine(Protocol):
    """A simulated machine. The simulation makes it once and steps it for ever, from one thread."""

    @property
    def outputs(self) -> tuple[Output, ...]:
        """What it puts out; never changes."""

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the quantities it is fed (``feeder1_kw``); ``plant.yaml`` wires each to tags whose sum it
        is; one that is not wired is 0."""

    def step(self, now_ns: int, dt_s: float, rng: np.random.Generator, inputs: F64) -> Columns:
        """Go forward by ``dt_s`` [s] to ``now_ns`` (ns since the epoch, simulated time) and read everything.

        All randomness comes from ``rng``: same seed and same steps give the same columns. Called once per
        tick, with ``dt_s`` 0 for the first reading. Must not block, sleep or do I/O, and raises nothing.
        """


@dataclass(frozen=True, slots=True)
class MachineModel:
    """A row of the table of models: what ``model:`` in ``plant.yaml`` may name.

    Args:
        name: of the model.
        parameters: frozen struct that ``parameters:`` is read into; unknown names are refused.
        slots: the equipment it stands behind.
        create: makes a machine from its parameters and the hours by which local time is ahead of UTC.
    """

    name: str
    parameters: type[msgspec.Struct]
    slots: tuple[str, ...]
    create: Callable[[Any, float], Machine]
