"""What the fault board needs to know of a plant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sim.kind import MachineKind


@dataclass(frozen=True, slots=True)
class PlantView:
    """The machines and tags of a plant.

    Args:
        kind_of: equipment id -> its kind, in the order of the columns of machines.
        tags: every tag, in the order of the columns of tags.
        utc_offset_h: by how much local time is ahead of UTC [h].
        cameras: equipment ids of the stations that have one.
    """

    kind_of: Mapping[str, MachineKind]
    tags: tuple[str, ...]
    utc_offset_h: float
    cameras: frozenset[str] = frozenset()
    unit: Mapping[str, int] = field(init=False, repr=False)
    row: Mapping[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "unit", {equipment: number for number, equipment in enumerate(self.kind_of)})
        object.__setattr__(self, "row", {tag: number for number, tag in enumerate(self.tags)})
