"""Coagulation, flocculation and settling, with alum, lime and chlorine dosed by flow; passes water on to the
filters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.fouling import Fouling
from sim.degradation.gamma_wear import GammaWear
from sim.degradation.never import NEVER
from sim.kind import ELECTRIC, F64, FailureMode, Input, MachineKind, Sensor, Setpoint, Signal, Site, Tick
from sim.physics.columns import clip, column
from sim.physics.lag import Lag
from sim.physics.wander import Wander

BLOWDOWN = 0.012
"""Share of the water that leaves with the sludge of the settling tank."""


class WaterTreatmentParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One works.

    Args:
        rated_m3_h: what it was built for [m³/h].
        chlorine_setpoint: free chlorine in the water that leaves [mg/L].
    """

    rated_m3_h: float = 450.0
    chlorine_setpoint: float = 0.8


class _Fleet:
    def __init__(self, parameters: Sequence[WaterTreatmentParameters], site: Site) -> None:
        n = len(parameters)
        self._rated = column(parameters, "rated_m3_h")
        self._settled = Lag(2400.0)
        self._chlorine = Lag(600.0)
        self._slow = Wander((0.06, 0.05), (600.0, 900.0), n)
        self._stock = np.full((2, n), 80.0)
        self._sludge_m3 = np.zeros(n)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        on = tick.running.astype(np.float64)
        raw = tick.inputs["raw_m3_h"]
        ntu = tick.inputs["raw_ntu"]
        noise, off = self._slow.step(tick.rng, tick.dt_s)
        load = raw / self._rated
        weak = tick.severity["alum_pump_wear"]
        # jar tests of the Red River delta: alum about 10 + 2.2 sqrt(NTU) mg/L
        needed_mg_l = 10.0 + 2.2 * np.sqrt(ntu)
        alum_mg_l = needed_mg_l * (1.0 - 0.6 * np.square(weak)) * on
        under = clip(1.0 - alum_mg_l / needed_mg_l, 0.0, 1.0)
        scraped = tick.severity["scraper_fouled"]
        settled = self._settled.step(
            (1.6 + 0.015 * ntu) * (1.0 + noise) * (0.6 + 0.4 * load) + ntu * 0.55 * under + 5.0 * scraped,
            tick.dt_s,
        )
        dosed = tick.setpoints["chlorine_setpoint"] * on * (1.0 - tick.severity["chlorine_failure"])
        chlorine = self._chlorine.step(dosed * (1.0 + 0.5 * off), tick.dt_s)
        used = np.array([alum_mg_l, dosed + 0.9 * (dosed > 0)]) * raw / 1000.0  # kg/h
        # a tank is refilled by lorry below a quarter
        self._stock -= used * tick.dt_s / 3600.0 * np.array([[100.0 / 4000.0], [100.0 / 600.0]])
        self._stock = np.where(self._stock < 25.0, 95.0, self._stock)
        self._sludge_m3 += raw * BLOWDOWN * tick.dt_s / 3600.0
        mixers_kw = on * (6.0 + 5.5 * np.minimum(load, 1.2))
        return {
            "inflow": raw,
            "inlet_turbidity": ntu,
            "settled_turbidity": settled,
            "ph": 7.35 - 0.011 * alum_mg_l + 0.6 * off,
            "alum_dose": alum_mg_l,
            "alum_flow": used[0],
            "alum_stock": self._stock[0].copy(),
            "chlorine_dose": np.where(dosed > 0, dosed + 0.9, 0.0),
            "chlorine": np.maximum(chlorine, 0.0),
            "chlorine_stock": self._stock[1].copy(),
            "chlorine_setpoint": tick.setpoints["chlorine_setpoint"].copy(),
            "sludge_volume": self._sludge_m3.copy(),
            "load": 100.0 * load,
            "active_power": mixers_kw,
            "active_kw": mixers_kw,
            "reactive_kvar": 0.75 * mixers_kw,
            "clarified_m3_h": raw * (1.0 - BLOWDOWN),
            "settled_ntu": settled,
            "chlorine_mg_l": np.maximum(chlorine, 0.0),
            "wanted_m3_h": tick.inputs["wanted_m3_h"] / (1.0 - BLOWDOWN),
        }


KIND = MachineKind(
    name="water_treatment",
    parameters=WaterTreatmentParameters,
    signals=(
        Signal("inflow", "Flow", "m³/h", 0, 2000, sensor=Sensor(0.5, 0.1)),
        Signal("inlet_turbidity", "Turbidity of raw water", "NTU", 0, 2000, sensor=Sensor(0.4, 0.1)),
        Signal("settled_turbidity", "Turbidity of settled water", "NTU", 0, 1000, sensor=Sensor(0.03, 0.01)),
        Signal("ph", "pH", "pH", 0, 14, sensor=Sensor(0.01, 0.01)),
        Signal("alum_dose", "Alum dose", "mg/L", 0, 200, sensor=Sensor(0.1, 0.1)),
        Signal("alum_flow", "Alum used", "kg/h", 0, 200, sensor=Sensor(0.02, 0.01)),
        Signal("alum_stock", "Alum in stock", "%", 0, 100, sensor=Sensor(0.05, 0.1)),
        Signal("chlorine_dose", "Chlorine dose", "mg/L", 0, 20, sensor=Sensor(0.01, 0.01)),
        Signal("chlorine", "Free chlorine behind the dosing point", "mg/L", 0, 10, sensor=Sensor(0.01, 0.01)),
        Signal("chlorine_stock", "Hypochlorite in stock", "%", 0, 100, sensor=Sensor(0.05, 0.1)),
        Signal("chlorine_setpoint", "Free chlorine to be kept", "mg/L", 0, 5),
        Signal("sludge_volume", "Sludge drawn off", "m³", 0, 1e9, sensor=Sensor(0.0, 0.01)),
        Signal("load", "Load of the works", "%", 0, 300, sensor=Sensor(0.1, 0.1)),
        Signal("active_power", "Active power", "kW", 0, 100, sensor=Sensor(0.02, 0.01)),
    ),
    create=_Fleet,
    every_s=5.0,
    flows=(*ELECTRIC, "clarified_m3_h", "settled_ntu", "chlorine_mg_l", "wanted_m3_h"),
    inputs=(
        Input("raw_m3_h", "water", "upstream", "raw_m3_h", usual=300.0),
        Input("raw_ntu", "water", "upstream", "raw_ntu", combine="mean", default=28.0, lagged=True),
        Input("wanted_m3_h", "water", "downstream", "wanted_m3_h", combine="max", default=200.0, lagged=True),
    ),
    modes=(
        FailureMode(
            "alum_pump_wear",
            "LOO",
            "2.4 Wear",
            GammaWear(9000.0),
            "Bơm định lượng phèn mòn",
            "Worn alum dosing pump",
            ("alum_dose", "alum_flow", "settled_turbidity"),
            stops=False,
            repair_h=3.0,
        ),
        FailureMode(
            "scraper_fouled",
            "PLU",
            "5.2 Contamination",
            Fouling(6000.0),
            "Bể lắng đầy bùn",
            "Sludge in the settling tank",
            ("settled_turbidity",),
            stops=False,
            repair_h=6.0,
        ),
        FailureMode(
            "chlorine_failure",
            "FTF",
            "4.0 Electrical failure",
            NEVER,
            "Mất châm clo",
            "Chlorine dosing fails",
            ("chlorine", "chlorine_dose"),
            stops=False,
            repair_h=2.0,
        ),
    ),
    setpoints=(Setpoint("chlorine_setpoint", "mg/L", 0, 2, 0.8, "Free chlorine in the water that leaves"),),
)
"""See the module."""
