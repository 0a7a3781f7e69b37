"""An aeration basin: activated sludge takes COD and ammonia out of the water, with the oxygen the blowers
give.

The basins of a plant share its flow equally, and its air as each asks for it. A part of the COD cannot be
broken down (dyes, above all) and passes. Sludge beyond the set point is taken out as waste.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.fouling import Fouling
from sim.degradation.never import NEVER
from sim.kind import F64, FailureMode, Input, MachineKind, Sensor, Setpoint, Signal, Site, Tick
from sim.physics.activated_sludge import Basins, saturation_mg_l
from sim.physics.columns import clip, column, stations
from sim.physics.lag import Lag
from sim.physics.mixing_tank import MixingTank
from sim.physics.sewage import (
    ACID,
    COD,
    DOMESTIC,
    FLOW,
    HEAT,
    NH4,
    SEWAGE,
    TSS,
    loads_of,
    outputs,
    quality,
    sewage_inputs,
)
from sim.physics.wander import Wander

OXYGEN_KG_NM3 = 0.2995
"""Oxygen in a normal cubic metre of air."""
TRANSFER_EFFICIENCY, ALPHA = 0.26, 0.6
"""Fine-bubble diffusers under 5 m of water, and what sewage leaves of it (Metcalf & Eddy, 5th ed., table
5-29)."""
AIR_TAU_S = 300.0


class AerationBasinParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One basin.

    Args:
        volume_m3: of its water.
        inert_share: share of the COD that cannot be broken down.
        oxygen_setpoint: dissolved oxygen to be kept [mg/L].
        sludge_setpoint: suspended solids to be kept [mg/L].
        most_air_nm3_h: that its diffusers take [Nm³/h].
    """

    volume_m3: float = 350.0
    inert_share: float = 0.06
    oxygen_setpoint: float = 2.0
    sludge_setpoint: float = 3000.0
    most_air_nm3_h: float = 1300.0

    def __post_init__(self) -> None:
        if self.volume_m3 <= 0 or not 0 <= self.inert_share < 1:
            raise ValueError(
                f"volume_m3 {self.volume_m3}, inert_share {self.inert_share}: above 0, and 0 to below 1"
            )


class _Fleet:
    def __init__(self, parameters: Sequence[AerationBasinParameters], site: Site) -> None:
        n = len(parameters)
        self._together = stations(site.equipment)
        self._size = self._together.sum(axis=1)
        volume = column(parameters, "volume_m3")
        self._inert_share = column(parameters, "inert_share")
        self._most_air = column(parameters, "most_air_nm3_h")
        sludge = column(parameters, "sludge_setpoint")
        self._basins = Basins(volume, np.full(n, 8.0), np.full(n, 0.6), np.full(n, 2.0), sludge)
        start = np.array([DOMESTIC[COD] * self._inert_share, np.full(n, DOMESTIC[HEAT]), np.zeros(n)])
        self._carried = MixingTank(volume, start * volume)
        self._nitrate = MixingTank(volume, np.full((1, n), 0.02) * volume)
        self._wanted = np.full(n, 450.0)
        self._slow = Wander((0.04, 0.05), (1200.0, 5400.0), n)
        self._removed = Lag(6 * 3600.0)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        basins, volume = self._basins, self._basins.volume_m3
        flow = tick.inputs[FLOW] / self._size
        loads = loads_of(tick.inputs) / self._size
        off = self._slow.step(tick.rng, tick.dt_s)
        fouled = tick.severity["diffuser_fouling"]
        total = self._together @ self._wanted
        air = tick.inputs["air_nm3_h"] * self._wanted / np.maximum(total, 1e-9)
        transfer = ALPHA * TRANSFER_EFFICIENCY * (1.0 - 0.45 * fouled) * (1.0 + off[0])
        # heat, inert COD and acid only pass through
        inert = self._inert_share * loads[COD]
        through = np.array([inert, loads[HEAT], loads[ACID]])
        carried = self._carried.step(flow, through, tick.dt_s)
        water_c = self._carried.content[1] / volume
        acid = self._carried.content[2] / volume
        transfer_h = transfer * OXYGEN_KG_NM3 * air * 1000.0 / (volume * 9.08)
        toxic = clip(tick.severity["toxic_shock"], 0.0, 1.0)
        # sludge works at pH 6.5 to 8.5 and hardly outside 5 to 10
        activity = (1.0 - 0.85 * toxic) * clip(1.3 - 0.12 * np.square(acid), 0.1, 1.0)
        entered_nh4 = loads[NH4] + 0.02 * (loads[COD] - inert)  # organic nitrogen is set free
        made = basins.step(
            flow,
            loads[COD] - inert,
            entered_nh4,
            temperature_c=clip(water_c, 5.0, 40.0),
            transfer_h=transfer_h,
            activity=activity,
            dt_s=tick.dt_s,
        )
        hours = tick.dt_s / 3600.0
        wanted_sludge = tick.setpoints["sludge_setpoint"]
        solids_kg = basins.sludge * volume / 1000.0 + (made.sludge_grown + 0.4 * loads[TSS]) * hours
        over_kg = np.maximum(solids_kg - wanted_sludge * volume / 1000.0, 0.0)
        wasted = over_kg * -np.expm1(-hours / 4.0)
        basins.sludge = (solids_kg - wasted) / volume * 1000.0
        nitrate = self._nitrate.step(flow, made.nh4_used[None], tick.dt_s)
        # the blowers are asked for more or less air until the oxygen is right
        set_mg_l = tick.setpoints["oxygen_setpoint"]
        push = clip((set_mg_l - basins.oxygen) / set_mg_l * tick.dt_s / AIR_TAU_S, -0.7, 0.7)
        self._wanted = clip(self._wanted * np.exp(push), 100.0, self._most_air)
        left = np.array([made.cod + carried[0], 0.0 * flow, made.nh4, carried[1], carried[2]])
        in_cod = np.maximum(loads[COD], 1e-9)
        removed = self._removed.step(100.0 * clip(1.0 - left[COD] / in_cod, 0.0, 1.0), tick.dt_s)
        read = quality(np.array([basins.cod / 1000.0, 0.0 * flow, basins.nh4 / 1000.0, water_c, acid]))
        index = 95.0 * (1.0 + off[1]) * (1.0 + 1.6 * tick.severity["bulking"])
        loading = 24.0 * loads[COD] / np.maximum(basins.sludge * volume / 1000.0, 1.0)
        return {
            "flow": flow,
            "dissolved_oxygen": basins.oxygen,
            "oxygen_saturation": 100.0 * basins.oxygen / saturation_mg_l(clip(water_c, 5.0, 40.0)),
            "mlss": basins.sludge,
            "sludge_index": index,
            "settled_volume": np.minimum(index * basins.sludge / 1000.0, 1000.0),
            "temperature": water_c,
            "ph": read["ph"],
            "cod": (basins.cod + 1000.0 * self._carried.content[0] / volume),
            "ammonia": basins.nh4,
            "nitrate": 1000.0 * self._nitrate.content[0] / volume,
            "air_flow": air,
            "oxygen_uptake": made.oxygen_used * 1000.0 / volume,
            "loading": loading,
            "removal": removed,
            "oxygen_setpoint": set_mg_l.copy(),
            **outputs(flow, left),
            "aeration_nm3_h": self._wanted.copy(),
            "waste_kg_h": wasted / hours if hours > 0 else np.zeros_like(flow),
            "mlss_mg_l": basins.sludge,
            "sludge_ml_g": index,
            "cod_removed_kg_h": made.cod_used,
            "nh4_removed_kg_h": made.nh4_used,
            "nitrate_kg_h": nitrate[0],
            "nh4_entered_kg_h": entered_nh4,
        }


KIND = MachineKind(
    name="aeration_basin",
    parameters=AerationBasinParameters,
    signals=(
        Signal("flow", "Flow", "m³/h", 0, 1000, sensor=Sensor(0.1, 0.1)),
        Signal("dissolved_oxygen", "Dissolved oxygen", "mg/L", 0, 20, sensor=Sensor(0.02, 0.01)),
        Signal(
            "oxygen_saturation", "Dissolved oxygen, share of saturation", "%", 0, 200, sensor=Sensor(0.2, 0.1)
        ),
        Signal("mlss", "Suspended solids (MLSS)", "mg/L", 0, 15000, sensor=Sensor(15.0, 1.0)),
        Signal("sludge_index", "Sludge volume index (mL/g)", "", 0, 600, sensor=Sensor(1.0, 1.0)),
        Signal("settled_volume", "Settled volume after 30 min (mL/L)", "", 0, 1000, sensor=Sensor(2.0, 1.0)),
        Signal("temperature", "Temperature", "°C", 0, 60, sensor=Sensor(0.05, 0.1)),
        Signal("ph", "pH", "pH", 0, 14, sensor=Sensor(0.01, 0.01)),
        Signal("cod", "Dissolved COD", "mg/L", 0, 5000, sensor=Sensor(0.6, 0.1)),
        Signal("ammonia", "Ammonia as N", "mg/L", 0, 500, sensor=Sensor(0.03, 0.01)),
        Signal("nitrate", "Nitrate as N", "mg/L", 0, 500, sensor=Sensor(0.1, 0.1)),
        Signal("air_flow", "Air", "Nm³/h", 0, 10000, sensor=Sensor(3.0, 1.0)),
        Signal("oxygen_uptake", "Oxygen uptake (mg/(L·h))", "", 0, 1000, sensor=Sensor(0.2, 0.1)),
        Signal("loading", "COD to sludge (kg/(kg·d))", "", 0, 50, sensor=Sensor(0.002, 0.001)),
        Signal("removal", "COD removed", "%", 0, 100, sensor=Sensor(0.1, 0.1)),
        Signal("oxygen_setpoint", "Dissolved oxygen to be kept", "mg/L", 0, 10),
    ),
    create=_Fleet,
    every_s=5.0,
    flows=(
        *SEWAGE,
        "aeration_nm3_h",
        "waste_kg_h",
        "mlss_mg_l",
        "sludge_ml_g",
        "cod_removed_kg_h",
        "nh4_removed_kg_h",
        "nitrate_kg_h",
        "nh4_entered_kg_h",
    ),
    inputs=(*sewage_inputs(), Input("air_nm3_h", "air", "upstream", "blown_nm3_h", usual=900.0)),
    modes=(
        FailureMode(
            "diffuser_fouling",
            "PLU",
            "5.2 Contamination",
            Fouling(18_000.0),
            "Đĩa phân phối khí bị bít",
            "Fouled diffusers",
            ("dissolved_oxygen", "oxygen_saturation"),
            stops=False,
            repair_h=36.0,
        ),
        FailureMode(
            "bulking",
            "OTH",
            "5.2 Contamination",
            NEVER,
            "Bùn nổi dạng sợi",
            "Bulking sludge",
            ("sludge_index", "settled_volume"),
            stops=False,
            repair_h=96.0,
        ),
        FailureMode(
            "toxic_shock",
            "OTH",
            "5.2 Contamination",
            NEVER,
            "Sốc độc vi sinh",
            "Toxic shock to the sludge",
            ("oxygen_uptake", "ammonia", "cod", "dissolved_oxygen"),
            stops=False,
            repair_h=72.0,
        ),
    ),
    setpoints=(
        Setpoint("oxygen_setpoint", "mg/L", 0.3, 6, 2.0, "Dissolved oxygen to be kept"),
        Setpoint("sludge_setpoint", "mg/L", 500, 8000, 3000.0, "Suspended solids to be kept"),
    ),
    operated=False,
    companion="",
)
"""See the module."""
