"""The table of machine kinds: every file of :mod:`sim.machines` with a ``KIND`` or ``KINDS`` is in it."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

import sim.machines
from sim.errors import PlantError
from sim.kind import MachineKind


@cache
def machine_kinds() -> dict[str, MachineKind]:
    """Find every kind, by name.

    Raises:
        PlantError: two files have a kind of one name.
    """
    found: dict[str, MachineKind] = {}
    for module in sorted(info.name for info in pkgutil.iter_modules(sim.machines.__path__)):
        loaded = import_module(f"sim.machines.{module}")
        kinds = (*getattr(loaded, "KINDS", ()), *(k for k in (getattr(loaded, "KIND", None),) if k))
        for kind in kinds:
            if kind.name in found:
                raise PlantError(f"kind {kind.name!r} is in two files of sim/machines; rename one")
            found[kind.name] = kind
    return found
