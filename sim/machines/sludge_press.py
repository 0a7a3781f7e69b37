"""A belt press for waste sludge: works off its store whenever that is full enough, and makes cake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.fouling import Fouling
from sim.degradation.shock_wear import ShockWear
from sim.kind import ELECTRIC, F64, FailureMode, Input, MachineKind, Sensor, Signal, Site, Tick
from sim.physics.columns import column
from sim.physics.wander import Wander

THICKENED_KG_M3 = 25.0
"""Solids of thickened sludge."""


class SludgePressParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One press.

    Args:
        rated_kg_h: dry solids that it presses [kg/h].
        store_kg: dry solids that its sludge tank holds [kg].
        motor_kw: of belts, pumps and wash water [kW].
    """

    rated_kg_h: float = 60.0
    store_kg: float = 900.0
    motor_kw: float = 9.0

    def __post_init__(self) -> None:
        if self.rated_kg_h <= 0 or self.store_kg <= 0:
            raise ValueError(f"rated_kg_h {self.rated_kg_h}, store_kg {self.store_kg}: must be above 0")


class _Fleet:
    def __init__(self, parameters: Sequence[SludgePressParameters], site: Site) -> None:
        n = len(parameters)
        self._rated = column(parameters, "rated_kg_h")
        self._room_kg = column(parameters, "store_kg")
        self._motor_kw = column(parameters, "motor_kw")
        self._stored_kg = self._room_kg * 0.45
        self._pressing = np.ones(n, np.bool_)
        self._slow = Wander((0.05, 0.04), (400.0, 900.0), n)
        self._cake_t = np.zeros(n)
        self._lost_kg = np.zeros(n)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        hours = tick.dt_s / 3600.0
        came = tick.inputs["waste_kg_h"]
        share = self._stored_kg / self._room_kg
        self._pressing = np.where(share > 0.55, True, self._pressing & (share > 0.12))
        on = (self._pressing & tick.running).astype(np.float64)
        feed_off, dry_off = self._slow.step(tick.rng, tick.dt_s)
        blinded = tick.severity["belt_blinded"]
        speed = on * (1.0 + feed_off) * (1.0 - 0.5 * blinded)
        there = self._stored_kg + came * hours
        pressed_kg = np.minimum(self._rated * speed * hours, there)
        pressed = pressed_kg / hours if hours > 0 else self._rated * speed
        over_kg = np.maximum(there - pressed_kg - self._room_kg, 0.0)
        self._stored_kg = there - pressed_kg - over_kg
        self._lost_kg += over_kg
        dryness = (20.0 + 30.0 * dry_off) * (1.0 - 0.25 * blinded - 0.15 * tick.severity["belt_worn"])
        caught = 0.97 - 0.12 * blinded - 0.08 * tick.severity["belt_worn"]
        cake = pressed * caught / np.maximum(dryness / 100.0, 0.05)
        self._cake_t += cake * hours / 1000.0
        fed_m3_h = pressed / THICKENED_KG_M3
        kw = on * self._motor_kw * (0.55 + 0.35 * speed) + 0.4 * tick.powered
        return {
            "stock": self._stored_kg.copy(),
            "stock_percent": 100.0 * self._stored_kg / self._room_kg,
            "feed": fed_m3_h,
            "solids_feed": pressed,
            "belt_speed": 3.2 * speed,
            "belt_tension": on * 5.0 * (1.0 - 0.25 * tick.severity["belt_worn"]),
            "polymer": 0.005 * pressed,
            "cake": cake,
            "cake_dryness": np.where(on > 0, dryness, 0.0),
            "filtrate_solids": np.where(
                on > 0, 1000.0 * pressed * (1.0 - caught) / np.maximum(fed_m3_h, 1e-6), 0.0
            ),
            "cake_total": self._cake_t.copy(),
            "active_power": kw,
            "active_kw": kw,
            "reactive_kvar": 0.75 * kw,
        }


KIND = MachineKind(
    name="sludge_press",
    parameters=SludgePressParameters,
    signals=(
        Signal("stock", "Dry solids in the sludge tank", "kg", 0, 20000, sensor=Sensor(2.0, 1.0)),
        Signal("stock_percent", "Filling of the sludge tank", "%", 0, 100, sensor=Sensor(0.2, 0.1)),
        Signal("feed", "Sludge fed", "m³/h", 0, 50, sensor=Sensor(0.02, 0.01)),
        Signal("solids_feed", "Dry solids fed", "kg/h", 0, 1000, sensor=Sensor(0.3, 0.1)),
        Signal("belt_speed", "Belt speed", "m/min", 0, 20, sensor=Sensor(0.01, 0.01)),
        Signal("belt_tension", "Belt tension (pressure)", "bar", 0, 10, sensor=Sensor(0.01, 0.01)),
        Signal("polymer", "Polymer", "kg/h", 0, 20, sensor=Sensor(0.002, 0.001)),
        Signal("cake", "Cake", "kg/h", 0, 5000, sensor=Sensor(1.0, 1.0)),
        Signal("cake_dryness", "Dry solids of the cake", "%", 0, 100, sensor=Sensor(0.1, 0.1)),
        Signal("filtrate_solids", "Solids in the filtrate", "mg/L", 0, 20000, sensor=Sensor(5.0, 1.0)),
        Signal("cake_total", "Cake made", "t", 0, 1e7, sensor=Sensor(0.0, 0.001)),
        Signal("active_power", "Active power", "kW", 0, 100, sensor=Sensor(0.02, 0.01)),
    ),
    create=_Fleet,
    every_s=5.0,
    flows=ELECTRIC,
    inputs=(Input("waste_kg_h", "wastewater", "upstream", "waste_kg_h", usual=40.0),),
    modes=(
        FailureMode(
            "belt_blinded",
            "PLU",
            "5.2 Contamination",
            Fouling(900.0),
            "Băng lọc bị bít",
            "Blinded belt",
            ("belt_speed", "cake_dryness", "filtrate_solids"),
            stops=False,
            repair_h=2.0,
        ),
        FailureMode(
            "belt_worn",
            "STD",
            "2.4 Wear",
            ShockWear(8000.0),
            "Băng lọc mòn, rách",
            "Worn, torn belt",
            ("belt_tension", "cake_dryness", "filtrate_solids"),
            repair_h=8.0,
        ),
    ),
)
"""See the module."""
