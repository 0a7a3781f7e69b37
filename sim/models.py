"""The table of machine models: a new one is a file in :mod:`sim.machines` and a row here."""

from __future__ import annotations

from sim.machine import MachineModel
from sim.machines import cmapss_compressor, smt_line, substation

MODELS: dict[str, MachineModel] = {
    model.name: model for model in (cmapss_compressor.MODEL, smt_line.MODEL, substation.MODEL)
}
