"""The outfall: what the park gives to the river, measured as the permit asks, around the clock.

Once a day the analysers are calibrated: for twenty minutes they read their standards, and say so. What flows
is the same meanwhile, in the flows of this machine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.fouling import Fouling
from sim.degradation.never import NEVER
from sim.kind import F64, FailureMode, MachineKind, Sensor, Signal, Site, Tick
from sim.physics.columns import clip, column
from sim.physics.lag import Lag
from sim.physics.sewage import (
    COD,
    FLOW,
    SEWAGE,
    concentrations,
    loads_of,
    outputs,
    quality,
    sewage_inputs,
    sewage_signals,
)

STANDARDS = {"ph": 7.0, "cod": 50.0, "tss": 25.0, "ammonia": 2.5}
"""What the analysers read while they are calibrated."""
PERMIT_A = {"cod": 75.0, "tss": 50.0, "ammonia": 5.0, "temperature": 40.0}
"""QCVN 40:2011/BTNMT, table 1, column A (into water that is used for supply) [mg/L, °C]; pH 6 to 9. Column
B: COD 150, solids 100, ammonia 10. Its successor QCVN 40:2025/BTNMT binds plants that exist from 2032 on."""


class OutfallParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One outfall.

    Args:
        permit_factor: Kq times Kf of the regulation, by receiving water and flow.
        calibrated_at_h: local hour at which calibration begins.
        calibration_s: how long it takes [s].
    """

    permit_factor: float = 1.0
    calibrated_at_h: float = 2.0
    calibration_s: float = 1200.0

    def __post_init__(self) -> None:
        if self.permit_factor <= 0 or not 0 <= self.calibrated_at_h < 24 or self.calibration_s < 0:
            raise ValueError(
                f"permit_factor {self.permit_factor}, calibrated_at_h {self.calibrated_at_h}, "
                f"calibration_s {self.calibration_s}: above 0, 0 to below 24, at least 0"
            )


class _Fleet:
    def __init__(self, parameters: Sequence[OutfallParameters], site: Site) -> None:
        n = len(parameters)
        self._factor = column(parameters, "permit_factor")
        self._at_h = column(parameters, "calibrated_at_h")
        self._length_s = column(parameters, "calibration_s")
        self._reads = np.repeat(np.array([[0.045], [0.012], [0.0008], [28.0], [0.0]]), n, axis=1)
        self._mean = Lag(3600.0)
        self._total_m3 = np.zeros(n)
        self._cod_kg = np.zeros(n)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        flow, loads = tick.inputs[FLOW], loads_of(tick.inputs)
        self._reads = concentrations(flow, loads, self._reads)
        true = quality(self._reads)
        since_h = np.mod(tick.hour - self._at_h, 24.0)
        calibrating = since_h < self._length_s / 3600.0
        shown = {
            name: np.where(calibrating, STANDARDS.get(name, value), value) for name, value in true.items()
        }
        fouled = tick.severity["probe_fouling"]
        shown["tss"] = shown["tss"] + 12.0 * fouled
        shown["ph"] = shown["ph"] - 0.5 * clip(tick.severity["ph_probe_ageing"], 0.0, 1.5)
        used = np.max([true[name] / (limit * self._factor) for name, limit in PERMIT_A.items()], axis=0)
        hours = tick.dt_s / 3600.0
        self._total_m3 += flow * hours
        self._cod_kg += loads[COD] * hours
        cod_1h = self._mean.step(true["cod"], tick.dt_s)
        return {
            "flow": flow.copy(),
            **shown,
            "colour": 12.0 + 0.45 * np.maximum(shown["cod"] - 10.0, 0.0),
            "conductivity": 1.2 + 0.01 * shown["cod"],
            "cod_1h": cod_1h,
            "cod_load": loads[COD],
            "permit_use": 100.0 * used,
            "total": self._total_m3.copy(),
            "cod_total": self._cod_kg.copy(),
            "calibrating": calibrating.astype(np.float64),
            "gate_open": 1.0 - (tick.severity["gate_shut"] >= 0.5),
            **outputs(flow, loads),
        }


KIND = MachineKind(
    name="outfall",
    parameters=OutfallParameters,
    signals=(
        Signal("flow", "Flow", "m³/h", 0, 2000, sensor=Sensor(0.1, 0.1)),
        *sewage_signals(1000.0, 500.0, 100.0),
        Signal("colour", "Colour (Pt-Co)", "", 0, 1000, sensor=Sensor(0.5, 1.0)),
        Signal("conductivity", "Conductivity", "mS/cm", 0, 100, sensor=Sensor(0.005, 0.01)),
        Signal("cod_1h", "Chemical oxygen demand, hourly mean", "mg/L", 0, 1000, sensor=Sensor(0.0, 0.1)),
        Signal("cod_load", "COD load", "kg/h", 0, 1000, sensor=Sensor(0.005, 0.001)),
        Signal("permit_use", "Nearest limit of the permit", "%", 0, 1000, sensor=Sensor(0.0, 0.1)),
        Signal("total", "Volume discharged", "m³", 0, 1e9, sensor=Sensor(0.0, 0.1)),
        Signal("cod_total", "COD discharged", "kg", 0, 1e9, sensor=Sensor(0.0, 0.1)),
        Signal("calibrating", "Analysers are being calibrated", "", 0, 1, "Boolean"),
        Signal("gate_open", "Gate open", "", 0, 1, "Boolean"),
    ),
    create=_Fleet,
    every_s=5.0,
    flows=SEWAGE,
    inputs=sewage_inputs(),
    modes=(
        FailureMode(
            "probe_fouling",
            "AIR",
            "5.2 Contamination",
            Fouling(1100.0),
            "Đầu dò TSS bám bẩn",
            "Fouled solids probe",
            ("tss",),
            stops=False,
            repair_h=0.5,
        ),
        FailureMode(
            "ph_probe_ageing",
            "AIR",
            "2.0 Material failure",
            Fouling(6000.0),
            "Điện cực pH già hóa",
            "Ageing pH electrode",
            ("ph",),
            stops=False,
            repair_h=0.5,
        ),
        FailureMode(
            "gate_shut",
            "SPO",
            "3.1 Control failure",
            NEVER,
            "Cửa xả đóng do vượt chuẩn",
            "Gate shut against a breach of the permit",
            ("gate_open",),
            stops=False,
            repair_h=1.0,
        ),
    ),
    operated=False,
    companion="",
)
"""See the module."""
