"""An order to bring about a fault, as it is written, and as it is once it has been checked."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from sim.faults.fault_kind import FaultKind


class FaultOrder(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"lasts": "for"}
):
    """A fault as somebody orders it; what is left out is as the catalogue says.

    Args:
        fault: its name in the catalogue.
        equipment: equipment id; of an instrument, its tag ``<equipment id>:<signal>``.
        strength: in the fault's own unit.
        ramp: how long it takes to come to its strength: seconds or ``5m``.
        lasts: how long it lasts, written ``for``: seconds or ``1h``; 0 = until it is cleared.
        seed: of its randomness, where it has any.
    """

    fault: str
    equipment: str
    strength: float | None = None
    ramp: str | float | None = None
    lasts: str | float | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True)
class CheckedOrder:
    """A fault that can be brought about.

    Args:
        kind: its row of the catalogue.
        target: equipment id or tag.
        number: of the pair, the machine or the tag, by what the kind acts on.
        strength, ramp_s, duration_s: whole; 0 s = until cleared.
        seed: of its randomness.
    """

    kind: FaultKind
    target: str
    number: int
    strength: float
    ramp_s: float
    duration_s: float
    seed: int

    @property
    def equipment(self) -> str:
        """The equipment id of the target."""
        return self.target.partition(":")[0]

    @property
    def signal(self) -> str:
        """The signal of the target, "" for a machine."""
        return self.target.partition(":")[2]
