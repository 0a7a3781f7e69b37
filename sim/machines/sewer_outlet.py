"""Where a tenant's wastewater leaves its plot: a balancing pit, a flume, and a cabinet of analysers.

Flow goes through at once, what is in it is mixed in the pit; no mass is lost. Besides the machines' effluent
the pit takes the sewage of wash rooms and canteens, which is simulated as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.fouling import Fouling
from sim.degradation.never import NEVER
from sim.kind import F64, FailureMode, MachineKind, Sensor, Signal, Site, Tick
from sim.physics.columns import column
from sim.physics.daily_curve import Curve, DailyCurves
from sim.physics.mixing_tank import MixingTank
from sim.physics.sewage import (
    ACID,
    COD,
    DOMESTIC,
    HEAT,
    NH4,
    SEWAGE,
    TSS,
    concentrations,
    loads_of,
    outputs,
    quality,
    sewage_inputs,
)
from sim.physics.wander import Wander

SPILL_C = 45.0
"""Temperature of spent baths [°C]."""


class SewerOutletParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One outlet.

    Args:
        pit_m3: volume of the balancing pit [m³].
        base_m3_h: peak of the sewage of people [m³/h].
        base_curve: how that goes through the day.
        flume_m: throat width of the Parshall flume [m].
        spill_m3_h: strong liquor (spent dye and size baths) that a spill lets go at severity 1 [m³/h].
        spill_cod_kg_h: COD in it [kg/h].
        spill_acid_mol_h: net acid that a spill of acid adds at severity 1 [mol/h].
    """

    pit_m3: float = 20.0
    base_m3_h: float = 4.0
    base_curve: Curve = "two_shifts"
    flume_m: float = 0.152
    spill_m3_h: float = 30.0
    spill_cod_kg_h: float = 600.0
    spill_acid_mol_h: float = 800.0

    def __post_init__(self) -> None:
        if self.pit_m3 <= 0 or self.flume_m <= 0:
            raise ValueError(f"pit_m3 {self.pit_m3}, flume_m {self.flume_m}: must be above 0")


class _Fleet:
    def __init__(self, parameters: Sequence[SewerOutletParameters], site: Site) -> None:
        n = len(parameters)
        self._base_m3_h = column(parameters, "base_m3_h")
        self._curves = DailyCurves([unit.base_curve for unit in parameters])
        self._flume_m = column(parameters, "flume_m")
        self._spill_m3_h = column(parameters, "spill_m3_h")
        self._spill_cod = column(parameters, "spill_cod_kg_h")
        self._spill_acid = column(parameters, "spill_acid_mol_h")
        pit_m3 = column(parameters, "pit_m3")
        self._pit = MixingTank(pit_m3, DOMESTIC[:, None] * pit_m3)
        self._reads = np.repeat(DOMESTIC[:, None], n, axis=1)
        self._slow = Wander((0.1, 0.12), (300.0, 1800.0), n)
        self._total_m3 = np.zeros(n)
        self._cod_kg = np.zeros(n)
        self._salt = site.rng().uniform(0.9, 1.6, n)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        flow_off, strength_off = self._slow.step(tick.rng, tick.dt_s)
        people = self._base_m3_h * self._curves.at(tick.hour) * (1.0 + flow_off)
        liquor = self._spill_m3_h * tick.severity["cod_spill"]
        flow = tick.inputs["sewage_m3_h"] + people + liquor
        loads = loads_of(tick.inputs) + DOMESTIC[:, None] * people
        loads[:HEAT] += DOMESTIC[:HEAT, None] * people * strength_off
        spilled = self._spill_cod * tick.severity["cod_spill"]
        loads[COD] += spilled
        loads[HEAT] += SPILL_C * liquor
        loads[TSS] += 0.15 * spilled
        loads[ACID] += self._spill_acid * tick.severity["acid_spill"]
        left = self._pit.step(flow, loads, tick.dt_s)
        self._reads = concentrations(flow, left, self._reads)
        hours = tick.dt_s / 3600.0
        self._total_m3 += flow * hours
        self._cod_kg += left[COD] * hours
        read = quality(self._reads)
        # ISO 9826: free flow through a Parshall flume of 152 mm, Q [m³/s] = 2.5 b h^1.58 about
        depth = np.power(flow / 3600.0 / (2.5 * self._flume_m), 1.0 / 1.58)
        silted = tick.severity["flume_silting"]
        return {
            "flow": flow,
            "flume_level": depth + 0.12 * silted,
            **read,
            "conductivity": self._salt + 0.5 * np.abs(self._reads[ACID]) + 0.6 * self._reads[COD],
            "cod_load": left[COD],
            "ammonia_load": left[NH4],
            "total": self._total_m3.copy(),
            "cod_total": self._cod_kg.copy(),
            **outputs(flow, left),
            "spill_kg_h": spilled,
        }


KIND = MachineKind(
    name="sewer_outlet",
    parameters=SewerOutletParameters,
    signals=(
        Signal("flow", "Flow", "m³/h", 0, 500, sensor=Sensor(0.1, 0.01)),
        Signal("flume_level", "Level in the flume", "m", 0, 2, sensor=Sensor(0.001, 0.001)),
        Signal("temperature", "Temperature", "°C", 0, 100, sensor=Sensor(0.05, 0.1)),
        Signal("ph", "pH", "pH", 0, 14, sensor=Sensor(0.01, 0.01)),
        Signal("cod", "Chemical oxygen demand", "mg/L", 0, 20000, sensor=Sensor(4.0, 1.0)),
        Signal("tss", "Suspended solids", "mg/L", 0, 10000, sensor=Sensor(2.0, 1.0)),
        Signal("ammonia", "Ammonia as N", "mg/L", 0, 1000, sensor=Sensor(0.2, 0.1)),
        Signal("conductivity", "Conductivity", "mS/cm", 0, 100, sensor=Sensor(0.01, 0.01)),
        Signal("cod_load", "COD load", "kg/h", 0, 2000, sensor=Sensor(0.05, 0.01)),
        Signal("ammonia_load", "Ammonia load", "kg/h", 0, 200, sensor=Sensor(0.005, 0.001)),
        Signal("total", "Volume discharged", "m³", 0, 1e9, sensor=Sensor(0.0, 0.01)),
        Signal("cod_total", "COD discharged", "kg", 0, 1e9, sensor=Sensor(0.0, 0.1)),
    ),
    create=_Fleet,
    flows=(*SEWAGE, "spill_kg_h"),
    inputs=sewage_inputs(),
    modes=(
        FailureMode(
            "cod_spill",
            "OTH",
            "5.3 Miscellaneous external influences",
            NEVER,
            "Xả đột ngột nước thải có COD cao",
            "Spill of strong effluent",
            ("cod", "cod_load", "tss"),
            stops=False,
            repair_h=3.0,
        ),
        FailureMode(
            "acid_spill",
            "OTH",
            "2.2 Corrosion",
            NEVER,
            "Xả axit",
            "Spill of acid",
            ("ph", "conductivity"),
            stops=False,
            repair_h=2.0,
        ),
        FailureMode(
            "flume_silting",
            "PLU",
            "5.1 Blockage/plugged",
            Fouling(4000.0),
            "Máng đo lắng cặn",
            "Silted flume",
            ("flume_level",),
            stops=False,
            repair_h=2.0,
        ),
    ),
    operated=False,
    companion="",
)
"""See the module."""
