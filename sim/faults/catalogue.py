"""The catalogue: every fault that a plant's machines and instruments can have."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from sim.faults.errors import UnknownFaultError
from sim.faults.fault_kind import (
    OF_ANY_CAMERA,
    OF_ANY_MACHINE,
    OF_ANY_STATION,
    FaultKind,
    of_mode,
    of_trouble,
)
from sim.kind import MachineKind
from sim.sensors.trouble import TROUBLES


class Catalogue:
    """Rows of the kinds' own failure modes, then those of any machine, then those of any instrument.

    Args:
        kinds: of machines; a kind that is there more than once counts once.
    """

    def __init__(self, kinds: Iterable[MachineKind]) -> None:
        by_name = {kind.name: kind for kind in kinds}
        own = [of_mode(kind, mode) for kind in by_name.values() for mode in kind.modes]
        own.sort(key=lambda row: (row.kind, row.id))
        self.rows: tuple[FaultKind, ...] = (
            *own,
            *OF_ANY_MACHINE,
            *OF_ANY_STATION,
            *OF_ANY_CAMERA,
            *(of_trouble(trouble) for trouble in TROUBLES.values()),
        )
        self._of_kind = {(row.id, row.kind): row for row in self.rows}
        self.names = tuple(dict.fromkeys(row.id for row in self.rows))

    def of_instruments(self, fault: str) -> FaultKind | None:
        """The row of a trouble of instruments, or None."""
        row = self._of_kind.get((fault, ""))
        return row if row is not None and row.acts == "sensor" else None

    def of_machine(self, fault: str, equipment: str, kind: MachineKind, *, camera: bool = False) -> FaultKind:
        """Find the row of a fault on a machine.

        Args:
            fault: its name.
            equipment: for the error.
            kind: of the machine.
            camera: it is a station that has one.

        Raises:
            UnknownFaultError: there is no such fault, or machines of this kind do not have it.
        """
        row = self._of_kind.get((fault, kind.name)) or self._of_kind.get((fault, ""))
        suits = row is not None and (
            row.kind == kind.name
            or (row in OF_ANY_MACHINE and (kind.operated or kind.station))
            or (row in OF_ANY_STATION and kind.station)
            or (row in OF_ANY_CAMERA and camera)
        )
        if row is not None and suits:
            return row
        self.check_name(fault)
        can = sorted(row.id for row in self.rows if row.kind == kind.name)
        if self.of_instruments(fault) is not None:
            raise UnknownFaultError(
                f"fault {fault!r} on {equipment}: is one of instruments; "
                f"name the tag, as {equipment}:<signal>"
            )
        if row in OF_ANY_CAMERA:
            raise UnknownFaultError(
                f"fault {fault!r} on {equipment}: is one of cameras, and there is none; "
                "name an inspection station that has one"
            )
        raise UnknownFaultError(
            f"fault {fault!r} on {equipment}: a {kind.name} does not have it; "
            f"it has {', '.join(can) or 'none'}"
        )

    def check_name(self, fault: str) -> None:
        """Refuse a name that no fault has.

        Raises:
            UnknownFaultError: with the names that are nearest.
        """
        if fault not in self.names:
            near = get_close_matches(fault, self.names, n=3)
            hint = f"did you mean {' or '.join(near)}? " if near else ""
            raise UnknownFaultError(
                f"fault {fault!r}: there is none of this name; {hint}'parktwin sim --list-faults' lists all"
            )
