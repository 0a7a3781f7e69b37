"""The table of faults in ``docs/simulator.md``, made from the kinds themselves."""

from __future__ import annotations

from collections.abc import Iterable

from sim.faults.catalogue import Catalogue
from sim.kind import MachineKind

HEADS = ("fault", "acts on", "of", "Tiếng Việt", "English", "shows in")


def fault_rows(kinds: Iterable[MachineKind]) -> list[tuple[str, ...]]:
    """Cells of the table, a row a fault, under :data:`HEADS`.

    >>> fault_rows([])[0][:3]
    ('`trip`', 'machine', 'any machine')
    """
    general = {"sensor": "any tag", "machine": "any station", "camera": "any camera"}
    nothing = {"sensor": "the tag itself", "camera": "its pictures"}
    rows: list[tuple[str, ...]] = []
    for row in Catalogue(kinds).rows:
        of = f"`{row.kind}`" if row.kind else "any machine" if row.id == "trip" else general[row.acts]
        shows = ", ".join(f"`{name}`" for name in row.shows_in) or nothing.get(row.acts, "")
        rows.append((f"`{row.id}`", row.acts, of, row.vi, row.en, shows))
    return rows
