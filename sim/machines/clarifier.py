"""A secondary clarifier: sludge settles, clear water runs over the weir, with it what does not settle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.fouling import Fouling
from sim.degradation.gamma_wear import GammaWear
from sim.kind import ELECTRIC, F64, FailureMode, Input, MachineKind, Sensor, Signal, Site, Tick
from sim.physics.columns import clip, column
from sim.physics.lag import Lag
from sim.physics.sewage import COD, FLOW, NH4, SEWAGE, TSS, concentrations, loads_of, outputs, sewage_inputs
from sim.physics.wander import Wander

COD_OF_SOLIDS = 1.1
"""COD of a gram of sludge that runs over the weir [g/g]."""
RETURN_SHARE = 0.75
"""Return sludge over inflow."""


class ClarifierParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One clarifier.

    Args:
        area_m2: of its surface.
        depth_m: at the rim.
        drive_kw: of the scraper.
    """

    area_m2: float = 80.0
    depth_m: float = 4.0
    drive_kw: float = 1.5

    def __post_init__(self) -> None:
        if self.area_m2 <= 0 or self.depth_m <= 0:
            raise ValueError(f"area_m2 {self.area_m2}, depth_m {self.depth_m}: must be above 0")


class _Fleet:
    def __init__(self, parameters: Sequence[ClarifierParameters], site: Site) -> None:
        n = len(parameters)
        self._area_m2 = column(parameters, "area_m2")
        self._depth_m = column(parameters, "depth_m")
        self._drive_kw = column(parameters, "drive_kw")
        self._blanket = Lag(3600.0)
        self._slow = Wander((0.08, 0.03), (1200.0, 60.0), n)
        self._reads = np.zeros((5, n))
        self._carried_kg = np.zeros(n)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        flow, loads = tick.inputs[FLOW], loads_of(tick.inputs)
        solids_mg_l, index = tick.inputs["mlss_mg_l"], tick.inputs["sludge_ml_g"]
        cloudy, shake = self._slow.step(tick.rng, tick.dt_s)
        running = tick.running.astype(np.float64)
        surface_m_h = flow / self._area_m2
        solids_kg_m2_h = flow * (1.0 + RETURN_SHARE) * solids_mg_l / 1000.0 / self._area_m2
        # the blanket rises with what settles badly on too small a surface, and without a scraper
        stands = 1.0 - running
        target_m = 0.35 + 0.12 * solids_kg_m2_h * np.square(index / 100.0) + 2.2 * stands
        blanket_m = self._blanket.step(np.minimum(target_m, self._depth_m), tick.dt_s)
        near = clip(blanket_m / self._depth_m - 0.55, 0.0, 1.0)
        weir = tick.severity["weir_fouled"]
        out_mg_l = (7.0 + 6.0 * surface_m_h + 900.0 * np.square(near) + 8.0 * weir) * (1.0 + cloudy)
        carried = np.minimum(out_mg_l, solids_mg_l) * flow / 1000.0
        loads = loads.copy()
        loads[TSS] = carried
        loads[COD] = loads[COD] + COD_OF_SOLIDS * carried
        self._reads = concentrations(flow, loads, self._reads)
        self._carried_kg += carried * tick.dt_s / 3600.0
        worn = tick.severity["scraper_wear"]
        torque = running * (18.0 + 14.0 * blanket_m / self._depth_m + 55.0 * np.square(worn)) * (1.0 + shake)
        kw = running * self._drive_kw * (0.35 + 0.6 * torque / 100.0)
        return {
            "flow": flow.copy(),
            "surface_loading": surface_m_h,
            "solids_loading": solids_kg_m2_h,
            "sludge_blanket": blanket_m,
            "return_flow": RETURN_SHARE * flow * running,
            "return_solids": solids_mg_l * (1.0 + RETURN_SHARE) / RETURN_SHARE / 1000.0,
            "tss": 1000.0 * self._reads[TSS],
            "turbidity": 0.4 * 1000.0 * self._reads[TSS],
            "ammonia": 1000.0 * self._reads[NH4],
            "torque": torque,
            "waste_sludge": tick.inputs["waste_kg_h"].copy(),
            "active_power": kw,
            "active_kw": kw,
            "reactive_kvar": 0.9 * kw,
            "waste_kg_h": tick.inputs["waste_kg_h"].copy(),
            "carried_kg_h": carried,
            **outputs(flow, loads),
        }


KIND = MachineKind(
    name="clarifier",
    parameters=ClarifierParameters,
    signals=(
        Signal("flow", "Flow", "m³/h", 0, 1000, sensor=Sensor(0.1, 0.1)),
        Signal("surface_loading", "Surface loading (m/h)", "", 0, 10, sensor=Sensor(0.002, 0.001)),
        Signal("solids_loading", "Solids loading (kg/(m²·h))", "", 0, 50, sensor=Sensor(0.01, 0.01)),
        Signal("sludge_blanket", "Sludge blanket", "m", 0, 8, sensor=Sensor(0.01, 0.01)),
        Signal("return_flow", "Return sludge", "m³/h", 0, 1000, sensor=Sensor(0.2, 0.1)),
        Signal("return_solids", "Solids of the return sludge (g/L)", "", 0, 60, sensor=Sensor(0.03, 0.01)),
        Signal("tss", "Suspended solids over the weir", "mg/L", 0, 5000, sensor=Sensor(0.3, 0.1)),
        Signal("turbidity", "Turbidity over the weir", "NTU", 0, 2000, sensor=Sensor(0.1, 0.1)),
        Signal("ammonia", "Ammonia as N", "mg/L", 0, 500, sensor=Sensor(0.03, 0.01)),
        Signal("torque", "Torque of the scraper", "%", 0, 150, sensor=Sensor(0.4, 0.1)),
        Signal("waste_sludge", "Waste sludge, dry", "kg/h", 0, 1000, sensor=Sensor(0.05, 0.01)),
        Signal("active_power", "Active power", "kW", 0, 20, sensor=Sensor(0.005, 0.001)),
    ),
    create=_Fleet,
    every_s=5.0,
    flows=(*ELECTRIC, *SEWAGE, "waste_kg_h", "carried_kg_h"),
    inputs=(
        *sewage_inputs(),
        Input("mlss_mg_l", "wastewater", "upstream", "mlss_mg_l", "mean", default=3000.0),
        Input("sludge_ml_g", "wastewater", "upstream", "sludge_ml_g", "mean", default=100.0),
        Input("waste_kg_h", "wastewater", "upstream", "waste_kg_h", usual=20.0),
    ),
    modes=(
        FailureMode(
            "scraper_wear",
            "VIB",
            "2.4 Wear",
            GammaWear(28_000.0),
            "Mòn bánh xe, xích gạt bùn",
            "Worn scraper",
            ("torque", "active_power"),
            repair_h=24.0,
        ),
        FailureMode(
            "weir_fouled",
            "PLU",
            "5.2 Contamination",
            Fouling(2500.0),
            "Máng răng cưa bám rêu",
            "Fouled weir",
            ("tss", "turbidity"),
            stops=False,
            repair_h=3.0,
        ),
    ),
)
"""See the module."""
