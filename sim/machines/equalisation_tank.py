"""An equalisation tank: evens out what the sewers bring, in flow, strength and pH, before the basins.

It gives a slow average of its inflow, corrected by its level. Acid and alkali are neutralised by dosing, as
fast as the dosing pumps can.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.fouling import Fouling
from sim.degradation.gamma_wear import GammaWear
from sim.degradation.never import NEVER
from sim.kind import ELECTRIC, F64, FailureMode, MachineKind, Sensor, Setpoint, Signal, Site, Tick
from sim.physics.columns import clip, column
from sim.physics.lag import Lag
from sim.physics.mixed_store import MixedStore
from sim.physics.sewage import (
    ACID,
    DOMESTIC,
    FLOW,
    HEAT,
    SEWAGE,
    loads_of,
    outputs,
    quality,
    sewage_inputs,
    sewage_signals,
)
from sim.physics.weather import weather


class EqualisationTankParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One tank.

    Args:
        area_m2, depth_m: of the tank.
        start_level: at the start, share of the depth.
        level_setpoint: about which it works, share of the depth.
        pumps_m3_h: most that its outlet pumps give [m³/h].
        dosing_mol_h: most acid or alkali that is dosed [mol/h].
        usual_m3_h: inflow before the start [m³/h].
    """

    area_m2: float = 140.0
    depth_m: float = 4.5
    start_level: float = 0.5
    level_setpoint: float = 0.5
    pumps_m3_h: float = 180.0
    dosing_mol_h: float = 3000.0
    usual_m3_h: float = 60.0

    def __post_init__(self) -> None:
        if self.area_m2 <= 0 or self.depth_m <= 0 or not 0 <= self.start_level <= 1:
            raise ValueError(
                f"area_m2 {self.area_m2}, depth_m {self.depth_m}, start_level {self.start_level}: "
                "above 0, and the level a share of the depth"
            )


class _Fleet:
    def __init__(self, parameters: Sequence[EqualisationTankParameters], site: Site) -> None:
        n = len(parameters)
        self._offset_h = site.utc_offset_h
        self._area_m2 = column(parameters, "area_m2")
        self._depth_m = column(parameters, "depth_m")
        self._pumps_m3_h = column(parameters, "pumps_m3_h")
        self._dosing = column(parameters, "dosing_mol_h")
        capacity = self._area_m2 * self._depth_m
        volume = capacity * column(parameters, "start_level")
        self._store = MixedStore(capacity, volume, DOMESTIC[:, None] * volume)
        self._usual = Lag(12 * 3600.0, column(parameters, "usual_m3_h"))
        self._total_m3 = np.zeros(n)
        self._spilled_m3 = np.zeros(n)
        self._silt_m3 = 0.02 * capacity

    def step(self, tick: Tick) -> Mapping[str, F64]:
        store = self._store
        inflow, loads = tick.inputs[FLOW], loads_of(tick.inputs)
        capacity = store.capacity_m3
        level = store.volume_m3 / capacity
        usual = self._usual.step(inflow, tick.dt_s)
        running = tick.running.astype(np.float64)
        wanted = usual + (level - tick.setpoints["level_setpoint"]) * capacity / 8.0
        wanted = clip(wanted, 0.0, self._pumps_m3_h) * running
        wanted = wanted * clip((level - 0.08) / 0.05, 0.0, 1.0)
        # dosing takes away what is out of the way, a third of it an hour, and no more than it can
        dosing = self._dosing * running * (1.0 - clip(tick.severity["dosing_failure"], 0.0, 1.0))
        hours = tick.dt_s / 3600.0
        third, cooling = (rate if hours <= 0 else -np.expm1(-rate * hours) / hours for rate in (0.33, 0.012))
        dosed = clip(store.content[ACID] * third + 0.6 * loads[ACID], -dosing, dosing)
        loads[ACID] -= dosed
        air_c = weather(tick.now_ns, self._offset_h).air_c
        # the open surface gives 0.012 of the excess temperature an hour to the air
        loads[HEAT] -= cooling * (store.content[HEAT] - air_c * store.volume_m3)
        drawn = store.step(inflow, loads, wanted, tick.dt_s)
        self._total_m3 += drawn.flow_m3_h * hours
        self._spilled_m3 += drawn.spilled_m3_h * hours
        mixers_kw = running * (11.0 + 4.0 * tick.severity["mixer_wear"])
        pump_kw = 998.0 * 9.80665 * drawn.flow_m3_h / 3600.0 * 6.0 / 1000.0 / 0.6
        kw = mixers_kw + pump_kw
        spare = np.maximum(capacity - store.volume_m3, 0.0)
        rising = inflow - drawn.flow_m3_h
        full_h = np.where(rising > 0.1, spare / np.maximum(rising, 0.1), 999.0)
        silt = tick.severity["silting"]
        return {
            "level": store.volume_m3 / self._area_m2,
            "level_percent": 100.0 * store.volume_m3 / capacity,
            "volume": store.volume_m3.copy(),
            "inflow": inflow.copy(),
            "outflow": drawn.flow_m3_h,
            "time_to_full": np.minimum(full_h, 999.0),
            **quality(store.concentration),
            "dosing": dosed,
            "silt": 100.0 * (0.02 + 0.2 * silt),
            "total": self._total_m3.copy(),
            "spilled": self._spilled_m3.copy(),
            "active_power": kw,
            "active_kw": kw,
            "reactive_kvar": 0.7 * kw,
            **outputs(drawn.flow_m3_h, drawn.loads),
            "cod_stored_kg": store.content[0],
        }


KIND = MachineKind(
    name="equalisation_tank",
    parameters=EqualisationTankParameters,
    signals=(
        Signal("level", "Level", "m", 0, 12, sensor=Sensor(0.003, 0.001)),
        Signal("level_percent", "Level", "%", 0, 100, sensor=Sensor(0.05, 0.1)),
        Signal("volume", "Volume", "m³", 0, 100000, sensor=Sensor(0.5, 0.1)),
        Signal("inflow", "Inflow", "m³/h", 0, 2000, sensor=Sensor(0.2, 0.1)),
        Signal("outflow", "Outflow", "m³/h", 0, 2000, sensor=Sensor(0.2, 0.1)),
        Signal("time_to_full", "Time until full at this rate", "h", 0, 999, sensor=Sensor(0.0, 0.1)),
        *sewage_signals(),
        Signal(
            "dosing",
            "Alkali dosed, or acid if less than 0 (mol/h)",
            "",
            -20000,
            20000,
            sensor=Sensor(5.0, 1.0),
        ),
        Signal("silt", "Silt on the floor", "%", 0, 100, sensor=Sensor(0.1, 0.1)),
        Signal("total", "Volume passed on", "m³", 0, 1e9, sensor=Sensor(0.0, 0.1)),
        Signal("spilled", "Volume spilled", "m³", 0, 1e9, sensor=Sensor(0.0, 0.1)),
        Signal("active_power", "Active power", "kW", 0, 200, sensor=Sensor(0.02, 0.01)),
    ),
    create=_Fleet,
    every_s=5.0,
    flows=(*ELECTRIC, *SEWAGE, "cod_stored_kg"),
    inputs=sewage_inputs(),
    modes=(
        FailureMode(
            "mixer_wear",
            "VIB",
            "2.4 Wear",
            GammaWear(22_000.0),
            "Máy khuấy mòn",
            "Worn mixers",
            ("active_power",),
            stops=False,
            repair_h=8.0,
        ),
        FailureMode(
            "silting",
            "PLU",
            "5.2 Contamination",
            Fouling(12_000.0),
            "Bể lắng cặn",
            "Silted tank",
            ("silt",),
            stops=False,
            repair_h=24.0,
        ),
        FailureMode(
            "dosing_failure",
            "FTF",
            "4.0 Electrical failure",
            NEVER,
            "Mất châm hóa chất trung hòa",
            "Neutralisation fails",
            ("ph", "dosing"),
            stops=False,
            repair_h=2.0,
        ),
    ),
    setpoints=(
        Setpoint("level_setpoint", "", 0.2, 0.9, 0.5, "Level about which it works, share of the depth"),
    ),
)
"""See the module."""
