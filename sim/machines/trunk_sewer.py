"""A trunk sewer from a tenant to the treatment plant: plug flow, so that a discharge arrives a travel time
later.

Volume and every load that enter leave in full (:class:`sim.physics.delay_line.DelayLine`); only heat is lost
on the way. The instruments stand at its end, where it meets the plant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.fouling import Fouling
from sim.degradation.never import NEVER
from sim.kind import F64, FailureMode, MachineKind, Sensor, Signal, Site, Tick
from sim.physics.columns import column
from sim.physics.delay_line import DelayLine
from sim.physics.sewage import (
    ACID,
    COD,
    DOMESTIC,
    FLOW,
    HEAT,
    SEWAGE,
    concentrations,
    loads_of,
    outputs,
    quality,
    sewage_inputs,
)
from sim.physics.sewer import depth_share, full_flow_m3_h
from sim.physics.weather import weather

SOIL_TAU_S = 5400.0
"""How fast sewage takes the temperature of the ground around the pipe [s] (Durrenmatt and Wanner 2014, order
of)."""


class TrunkSewerParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One sewer.

    Args:
        length_m: from the tenant's outlet to the plant [m].
        velocity_m_s: of the sewage; with the length it gives the travel time.
        diameter_mm: of the pipe [mm].
        slope: fall per length.
        usual_m3_h: what it carried before the start [m³/h].
    """

    length_m: float = 600.0
    velocity_m_s: float = 0.7
    diameter_mm: float = 500.0
    slope: float = 0.003
    usual_m3_h: float = 10.0

    def __post_init__(self) -> None:
        if self.length_m <= 0 or self.velocity_m_s <= 0 or self.slope <= 0:
            raise ValueError(
                f"length_m {self.length_m}, velocity_m_s {self.velocity_m_s}, slope {self.slope}: above 0"
            )


class _Fleet:
    def __init__(self, parameters: Sequence[TrunkSewerParameters], site: Site) -> None:
        n = len(parameters)
        self._offset_h = site.utc_offset_h
        self._velocity = column(parameters, "velocity_m_s")
        self._travel_s = column(parameters, "length_m") / self._velocity
        self._full = full_flow_m3_h(column(parameters, "diameter_mm"), column(parameters, "slope"))
        self._diameter_m = column(parameters, "diameter_mm") / 1000.0
        usual = column(parameters, "usual_m3_h")
        self._line = DelayLine(self._travel_s, np.concatenate([usual[None], DOMESTIC[:, None] * usual]))
        self._reads = np.repeat(DOMESTIC[:, None], n, axis=1)
        self._total_m3 = np.zeros(n)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        entered = np.concatenate([tick.inputs[FLOW][None], loads_of(tick.inputs)])
        left = self._line.step(entered, tick.dt_s)
        flow, loads = left[0], left[1:]
        soil_c = 24.0 + 0.25 * (weather(tick.now_ns, self._offset_h).air_c - 24.0)
        loads[HEAT] = soil_c * flow + (loads[HEAT] - soil_c * flow) * np.exp(-self._travel_s / SOIL_TAU_S)
        self._reads = concentrations(flow, loads, self._reads)
        read = quality(self._reads)
        blocked = np.minimum(tick.severity["blockage"] + tick.severity["grease"] * 0.6, 0.95)
        depth = depth_share(flow / (self._full * (1.0 - blocked)))
        self._total_m3 += flow * tick.dt_s / 3600.0
        # sulphide forms in warm, slow sewage: Pomeroy's Z formula, in spirit only
        h2s = 1.2 + 12.0 * self._reads[COD] * blocked + 0.12 * np.maximum(read["temperature"] - 25.0, 0.0)
        return {
            "flow": flow,
            "level": depth * self._diameter_m,
            "filling": 100.0 * depth,
            "velocity": np.where(flow > 0.05, self._velocity * (1.0 - 0.5 * blocked), 0.0),
            **{name: read[name] for name in ("temperature", "ph", "cod", "ammonia")},
            "conductivity": 1.1 + 0.5 * np.abs(self._reads[ACID]) + 0.6 * self._reads[COD],
            "h2s": np.maximum(h2s, 0.0),
            "total": self._total_m3.copy(),
            "stored": self._line.under_way[0],
            **outputs(flow, loads),
            "cod_under_way_kg": self._line.under_way[1 + COD],
        }


KIND = MachineKind(
    name="trunk_sewer",
    parameters=TrunkSewerParameters,
    signals=(
        Signal("flow", "Flow at its end", "m³/h", 0, 1000, sensor=Sensor(0.1, 0.01)),
        Signal("level", "Level", "m", 0, 3, sensor=Sensor(0.002, 0.001)),
        Signal("filling", "Filling", "%", 0, 100, sensor=Sensor(0.2, 0.1)),
        Signal("velocity", "Velocity", "m/s", 0, 10, sensor=Sensor(0.005, 0.01)),
        Signal("temperature", "Temperature", "°C", 0, 100, sensor=Sensor(0.05, 0.1)),
        Signal("ph", "pH", "pH", 0, 14, sensor=Sensor(0.01, 0.01)),
        Signal("cod", "Chemical oxygen demand", "mg/L", 0, 20000, sensor=Sensor(4.0, 1.0)),
        Signal("ammonia", "Ammonia as N", "mg/L", 0, 1000, sensor=Sensor(0.2, 0.1)),
        Signal("conductivity", "Conductivity", "mS/cm", 0, 100, sensor=Sensor(0.01, 0.01)),
        Signal("h2s", "Hydrogen sulphide in the manhole", "ppm", 0, 500, sensor=Sensor(0.1, 0.1)),
        Signal("total", "Volume brought", "m³", 0, 1e9, sensor=Sensor(0.0, 0.01)),
        Signal("stored", "Volume under way", "m³", 0, 10000, sensor=Sensor(0.0, 0.01)),
    ),
    create=_Fleet,
    flows=(*SEWAGE, "cod_under_way_kg"),
    inputs=sewage_inputs(),
    modes=(
        FailureMode(
            "grease",
            "PLU",
            "5.2 Contamination",
            Fouling(8000.0),
            "Mỡ bám lòng cống",
            "Grease in the sewer",
            ("level", "filling", "h2s"),
            stops=False,
            repair_h=6.0,
        ),
        FailureMode(
            "blockage",
            "PLU",
            "5.1 Blockage/plugged",
            NEVER,
            "Tắc cống",
            "Blocked sewer",
            ("level", "filling", "velocity", "h2s"),
            stops=False,
            repair_h=4.0,
        ),
    ),
    operated=False,
    companion="",
)
"""See the module."""
