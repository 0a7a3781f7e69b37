"""Wastewater as flows: a volume and what is in it, each conserved, and how a meter reads them.

Five loads travel with the volume: COD, suspended solids and ammonia as masses, heat as flow times
temperature, and net acid (see :mod:`sim.physics.carbonate`). Rows of a ``float64[5, n]`` are always in the
order of :data:`LOADS`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from sim.kind import Input, Sensor, Signal
from sim.physics.carbonate import ph_of

F64 = npt.NDArray[np.float64]

FLOW = "sewage_m3_h"
LOADS = ("cod_kg_h", "tss_kg_h", "nh4_kg_h", "heat_c_m3_h", "acid_mol_h")
SEWAGE = (FLOW, *LOADS)
"""Outputs of whatever discharges wastewater."""

COD, TSS, NH4, HEAT, ACID = range(5)

DOMESTIC = np.array([0.42, 0.24, 0.035, 29.0, 0.4])
"""Load of a cubic metre of sewage from wash rooms and canteens: COD, solids [kg/m³], ammonia as N [kg/m³],
°C, net acid [mol/m³]: medium strength of Metcalf & Eddy, Wastewater Engineering, 5th ed., table 3-18."""


def sewage_inputs(*, lagged: bool = False) -> tuple[Input, ...]:
    """Inputs of whatever receives wastewater: flow and loads of all upstream neighbours."""
    return tuple(
        Input(name, "wastewater", "upstream", name, lagged=lagged, usual=usual)
        for name, usual in zip(SEWAGE, (60.0, *(60.0 * DOMESTIC).tolist()), strict=True)
    )


def loads_of(inputs: Mapping[str, F64]) -> F64:
    """Gather the loads of a fleet's inputs, ``float64[5, n]``."""
    return np.stack([inputs[name] for name in LOADS])


def concentrations(flow_m3_h: F64, loads: F64, before: F64) -> F64:
    """Load per volume, ``float64[5, n]``: COD, solids, ammonia [kg/m³], °C, net acid [mol/m³]; without flow
    as it was before.

    >>> before = np.zeros((5, 2))
    >>> concentrations(np.array([10.0, 0.0]), np.ones((5, 2)), before)[0].tolist()
    [0.1, 0.0]
    """
    return np.divide(loads, flow_m3_h, out=before.copy(), where=flow_m3_h > 1e-6)


def quality(concentration: F64) -> dict[str, F64]:
    """What instruments call it: ``temperature`` [°C], ``ph``, ``cod``, ``tss``, ``ammonia`` [mg/L].

    >>> quality(DOMESTIC[:, None])["cod"].tolist()
    [420.0]
    """
    return {
        "temperature": concentration[HEAT],
        "ph": ph_of(concentration[ACID]),
        "cod": 1000.0 * concentration[COD],
        "tss": 1000.0 * concentration[TSS],
        "ammonia": 1000.0 * concentration[NH4],
    }


def outputs(flow_m3_h: F64, loads: F64) -> dict[str, F64]:
    """Flow and loads by name, to be given to the neighbours downstream."""
    return {FLOW: flow_m3_h, **dict(zip(LOADS, loads, strict=True))}


def sewage_signals(
    cod_high: float = 20_000.0, solids_high: float = 10_000.0, ammonia_high: float = 1000.0
) -> tuple[Signal, ...]:
    """The instruments of :func:`quality`, with the ends of their ranges [mg/L]."""
    return (
        Signal("temperature", "Temperature", "°C", 0, 100, sensor=Sensor(0.05, 0.1)),
        Signal("ph", "pH", "pH", 0, 14, sensor=Sensor(0.01, 0.01)),
        Signal("cod", "Chemical oxygen demand", "mg/L", 0, cod_high, sensor=Sensor(cod_high / 5000, 0.1)),
        Signal("tss", "Suspended solids", "mg/L", 0, solids_high, sensor=Sensor(solids_high / 5000, 0.1)),
        Signal("ammonia", "Ammonia as N", "mg/L", 0, ammonia_high, sensor=Sensor(ammonia_high / 5000, 0.01)),
    )
