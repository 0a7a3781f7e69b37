"""An open cooling tower: it cools water towards the wet bulb of the air outside, and loses some of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.fouling import Fouling
from sim.degradation.weibull_sudden import WeibullSudden
from sim.instruments import ammeter, flow_meter, gauge, percent, thermometer, vibration_sensor
from sim.kind import ELECTRIC, F64, FailureMode, Input, MachineKind, Sensor, Setpoint, Signal, Site, Tick
from sim.physics.columns import column
from sim.physics.effluent import EFFLUENT, Effluent
from sim.physics.lag import Lag
from sim.physics.moist_air import wet_bulb_c
from sim.physics.weather import weather
from sim.rated_machine import Electrics, Quantity, QuantityBank

EVAPORATION_KJ_KG = 2430.0
"""Heat of evaporation of water at 30 °C."""
EVAPORATED_SHARE = 0.85
"""Of the heat that leaves with vapour in warm weather; the rest warms the air (ASHRAE Systems 2020, ch.
40)."""
_BLOWDOWN = Effluent(temperature_c=30.0, cod_mg_l=45.0, tss_mg_l=25.0, nh4_mg_l=0.5, acid_mol_m3=-2.5)


class CoolingTowerParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One tower.

    Args:
        rated_kw: heat it rejects at its approach [kW].
        approach_k: leaving water above the wet bulb then, fan at full speed [K].
        flow_m3_h: water over it [m³/h].
        fan_kw: rating of the fan [kW].
        cycles: concentration of the water over that of the make-up; sets the blow-down.
    """

    rated_kw: float = 560.0
    approach_k: float = 3.5
    flow_m3_h: float = 100.0
    fan_kw: float = 5.5
    cycles: float = 4.0

    def __post_init__(self) -> None:
        if min(self.rated_kw, self.approach_k, self.flow_m3_h, self.fan_kw) <= 0 or self.cycles <= 1:
            raise ValueError(
                f"rated_kw {self.rated_kw}, approach_k {self.approach_k}, flow_m3_h {self.flow_m3_h}, "
                f"cycles {self.cycles}: above 0, cycles above 1"
            )


_QUANTITIES = (
    Quantity(vibration_sensor("fan_vibration", "Fan vibration"), 0, 2.0, 3, 0.12, 0.06, {"fan_bearing": 7.0}),
    Quantity(
        thermometer("gearbox_temperature", "Fan gearbox temperature", 0, 150),
        29,
        54,
        1500,
        0.6,
        0.03,
        {"fan_bearing": 30},
    ),
    Quantity(
        percent("basin_level", "Basin level"), 68, 66, 300, 0.8, 0.02, {"float_valve_stuck": -34}, "always"
    ),
    Quantity(
        gauge("basin_ph", "Basin pH", "pH", 0, 14), 8.2, 8.2, 3600, 0.03, 0.0, {"fill_fouling": 0.5}, "always"
    ),
)

_MODES = (
    FailureMode(
        "fill_fouling",
        "IHT",
        "5.2 Contamination",
        Fouling(5200.0, 0.3),
        "Cáu cặn tấm tản nhiệt",
        "Scaled fill",
        ("approach", "leaving_temperature", "fan_speed", "basin_ph"),
        stops=False,
        repair_h=12.0,
    ),
    FailureMode(
        "fan_bearing",
        "VIB",
        "2.6 Fatigue",
        ExponentialGrowth(17_000.0, 0.3, 5.0),
        "Hỏng ổ bi quạt tháp",
        "Fan bearing damage",
        ("fan_vibration", "gearbox_temperature"),
        repair_h=8.0,
    ),
    FailureMode(
        "float_valve_stuck",
        "ERO",
        "1.6 Sticking",
        WeibullSudden(12_000.0, 1.4, 48.0),
        "Kẹt van phao cấp nước",
        "Stuck float valve",
        ("basin_level",),
        stops=False,
        repair_h=1.0,
    ),
)
_NAMES = tuple(mode.name for mode in _MODES)


class CoolingTowerFleet:
    """All towers."""

    def __init__(self, parameters: Sequence[CoolingTowerParameters], site: Site) -> None:
        n = len(parameters)
        self._offset_h = site.utc_offset_h
        self._rated, self._approach_k, self._flow, self._fan_kw, self._cycles = (
            column(parameters, name) for name in ("rated_kw", "approach_k", "flow_m3_h", "fan_kw", "cycles")
        )
        self._basin = Lag(400.0)
        self._bank = QuantityBank(_QUANTITIES, _NAMES, n, site.rng())
        self._electrics = Electrics(n, 0.8)
        self._made_up = np.zeros(n)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        work = tick.work * tick.powered
        heat = tick.inputs["heat_kw"]
        outdoors = weather(tick.now_ns, self._offset_h)
        wet_c = float(wet_bulb_c(outdoors.air_c, min(outdoors.humidity, 99.0)))
        best_k = (
            self._approach_k
            * (0.35 + 0.65 * heat / self._rated)
            * (1.0 + 1.3 * tick.severity["fill_fouling"])
        )
        # slower air cools less; the fan is turned down to the set point as far as its drive goes
        wanted_k = np.maximum(tick.setpoints["leaving_setpoint"] - wet_c, 0.5)
        speed = np.minimum(np.maximum(np.power(best_k / wanted_k, 1.4), 0.25), 1.0) * work
        still_k = np.minimum(best_k * np.power(np.maximum(speed, 0.05), -0.7), 14.0)
        leaving_c = self._basin.step(wet_c + np.where(heat > 1.0, still_k, 0.6), tick.dt_s)
        entering_c = leaving_c + heat / (self._flow * 1.163)
        evaporated = heat * EVAPORATED_SHARE * 3.6 / EVAPORATION_KJ_KG
        blowdown = evaporated / (self._cycles - 1.0)
        make_up = evaporated + blowdown
        self._made_up = self._made_up + make_up * (tick.dt_s / 3600.0)
        fan_kw = self._fan_kw * speed**3
        out = self._bank.step(tick, work)
        out |= self._electrics.step(tick, 0.1 + fan_kw / 0.92)
        out |= {
            "leaving_temperature": leaving_c,
            "entering_temperature": entering_c,
            "leaving_setpoint": tick.setpoints["leaving_setpoint"],
            "wet_bulb_temperature": wet_c + np.zeros_like(heat),
            "approach": leaving_c - wet_c,
            "heat_rejected": heat,
            "fan_speed": 100.0 * speed,
            "fan_current": fan_kw * 2.1,
            "make_up_flow": make_up,
            "blowdown_flow": blowdown,
            "conductivity": 320.0 * self._cycles + np.zeros_like(heat),
            "make_up_total": self._made_up,
            "water_m3_h": make_up,
            "condenser_c": leaving_c,
            **_BLOWDOWN.flows(blowdown),
        }
        return out


KIND = MachineKind(
    "cooling_tower",
    CoolingTowerParameters,
    signals=(
        Signal("active_power", "Active power", "kW", 0, 60, sensor=Sensor(0.01, 0.01)),
        thermometer("leaving_temperature", "Water, leaving", -10, 80),
        thermometer("entering_temperature", "Water, entering", -10, 80),
        Signal("leaving_setpoint", "Set point of the leaving water", "°C", -10, 80),
        thermometer("wet_bulb_temperature", "Wet bulb outdoors", -20, 50),
        gauge("approach", "Approach to the wet bulb", "K", 0, 40, 0.001),
        gauge("heat_rejected", "Heat rejected", "kW", 0, 5000),
        percent("fan_speed", "Fan speed"),
        ammeter("fan_current", "Fan motor current", 60),
        flow_meter("make_up_flow", "Make-up water", "m³/h", 20),
        flow_meter("blowdown_flow", "Blow-down", "m³/h", 20),
        gauge("conductivity", "Basin conductivity", "µS/cm", 0, 5000, 0.001),
        Signal("make_up_total", "Make-up water in total", "m³", 0, 1e9, sensor=Sensor(0, 0.01)),
        *(row.signal for row in _QUANTITIES),
    ),
    create=CoolingTowerFleet,
    flows=(*ELECTRIC, "water_m3_h", "condenser_c", *EFFLUENT),
    inputs=(Input("heat_kw", "water", "downstream", "heat_kw", usual=380.0),),
    modes=_MODES,
    setpoints=(Setpoint("leaving_setpoint", "°C", 18, 36, 29, "Temperature of the leaving water"),),
    every_s=5.0,
)
"""See the module."""
