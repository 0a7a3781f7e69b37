"""What a server shows of a piece of equipment besides its signals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from sim.kind import Setpoint, Signal


@dataclass(frozen=True, slots=True)
class EquipmentNode:
    """A piece of equipment as its server shows it.

    Args:
        id: equipment id; the NodeId of its object.
        kind: name of its kind; becomes its ObjectType.
        companion: companion specification it follows: ``PackML``, ``Machinery``, ``Pumps`` or "".
        display_name: for people; the last segment of the id if empty.
        setpoints: what an operator may set.
        operated: it can be started, stopped and reset.
    """

    id: str
    kind: str
    companion: str = ""
    display_name: str = ""
    setpoints: tuple[Setpoint, ...] = ()
    operated: bool = False


class ShownTag(Protocol):
    """A tag of the simulation: a signal of a piece of equipment."""

    @property
    def tag(self) -> str:
        """``<equipment id>:<signal>``; the NodeId of its variable."""

    @property
    def equipment(self) -> str:
        """Its equipment id."""

    @property
    def signal(self) -> Signal:
        """What it is."""
