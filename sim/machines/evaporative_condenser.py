"""An evaporative condenser: ammonia in the tubes, water over them, air through both; the wet bulb is its
limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.fouling import Fouling
from sim.instruments import ammeter, flow_meter, gauge, percent, thermometer, vibration_sensor
from sim.kind import ELECTRIC, F64, FailureMode, Input, MachineKind, Setpoint, Site, Tick
from sim.physics.effluent import EFFLUENT, Effluent
from sim.physics.moist_air import wet_bulb_c
from sim.physics.weather import weather
from sim.rated_machine import POWER, Electrics, Quantity, QuantityBank

_BLEED = Effluent(30.0, cod_mg_l=35.0, tss_mg_l=40.0, nh4_mg_l=0.3)
_LATENT_KJ_KG = 2425.0
_CYCLES = 4.0  # how far the water is concentrated before it is bled: hardness of the mains allows no more
_SPEED_BAND_K = 4.0  # fans go from their least speed to full over this much above the set point


class EvaporativeCondenserParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of one condenser.

    Args:
        conductance_kw_k: clean, all fans at full speed, between condensing temperature and wet bulb [kW/K].
        fan_kw, pump_kw: fans at full speed, water pump.
        condensing_setpoint: below it the fans slow down [°C].
    """

    conductance_kw_k: float = 78.0
    fan_kw: float = 22.0
    pump_kw: float = 5.5
    condensing_setpoint: float = 30.0


_QUANTITIES = (
    Quantity(
        flow_meter("spray_flow", "Water over the tubes", "m³/h", 300),
        0, 145, 5, 1.5, 0.01, {"tube_scaling": -14},
    ),
    Quantity(
        vibration_sensor("fan_vibration", "Fan vibration, worst fan"),
        0, 2.2, 5, 0.15, 0.08, {"fan_bearing_wear": 7.0},
    ),
    Quantity(
        thermometer("fan_bearing_temperature", "Fan bearing temperature, worst fan"),
        30, 52, 1500, 0.7, 0.02, {"fan_bearing_wear": 30},
    ),
    Quantity(
        ammeter("pump_current", "Water pump current", 30),
        0, 10.2, 3, 0.15, 0.02, {"tube_scaling": -0.8},
    ),
    Quantity(
        gauge("basin_conductivity", "Conductivity of the basin", "µS/cm", 0, 6000),
        1500, 1580, 3600, 60, 0.02, {"tube_scaling": 900},
    ),
    Quantity(percent("basin_level", "Basin level"), 62, 58, 120, 1.5),
)  # fmt: skip

_MODES = (
    FailureMode(
        "tube_scaling", "IHT", "5.1 Blockage/plugged", Fouling(3500.0, 0.3, 1.25),
        "Đóng cáu ống ngưng", "Tubes scale",
        ("heat_rejected", "basin_conductivity", "spray_flow"), stops=False, repair_h=24.0,
    ),
    FailureMode(
        "fan_bearing_wear", "VIB", "2.6 Fatigue", ExponentialGrowth(10000.0, 0.35, 5.0),
        "Hỏng ổ quạt dàn ngưng", "Fan bearing wear",
        ("fan_vibration", "fan_bearing_temperature"), repair_h=8.0,
    ),
)  # fmt: skip

_NAMES = tuple(mode.name for mode in _MODES)


class EvaporativeCondenserFleet:
    """All condensers. The receiver below settles the temperature; each gives what its surface gives at it."""

    def __init__(self, parameters: Sequence[EvaporativeCondenserParameters], site: Site) -> None:
        n = len(parameters)
        self._offset_h = site.utc_offset_h
        self._clean, self._fan_kw, self._pump_kw = (
            np.array([float(getattr(one, name)) for one in parameters])
            for name in ("conductance_kw_k", "fan_kw", "pump_kw")
        )
        self._wet_c, self._asked_ns = 25.0, -1
        self._bank = QuantityBank(_QUANTITIES, _NAMES, n, site.rng())
        self._electrics = Electrics(n, 0.84)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        minute = tick.now_ns // 60_000_000_000
        if minute != self._asked_ns:
            self._asked_ns = minute
            outdoors = weather(tick.now_ns, self._offset_h)
            self._wet_c = float(wet_bulb_c(outdoors.air_c, outdoors.humidity))
        condensing_c = tick.inputs["condensing_c"]
        setpoint = tick.setpoints["condensing_setpoint"]
        runs = tick.running.astype(np.float64)
        speed = np.minimum(np.maximum((condensing_c - setpoint) / _SPEED_BAND_K, 0.25), 1.0) * runs
        # natural draught and dry surface remain when it stands
        scaled = 1.0 / (1.0 + 0.75 * tick.severity["tube_scaling"])
        ua = self._clean * (0.06 + 0.94 * speed**0.75) * scaled
        heat_kw = np.maximum(ua * (condensing_c - self._wet_c), 0.0)
        evaporated_m3_h = heat_kw * runs * 3.6 / _LATENT_KJ_KG
        bled_m3_h = evaporated_m3_h / (_CYCLES - 1.0)
        out = self._bank.step(tick, runs)
        fan_kw = self._fan_kw * speed**3
        out |= self._electrics.step(tick, fan_kw + self._pump_kw * runs + 0.3)
        out |= _BLEED.flows(bled_m3_h)
        out |= {
            "condensing_setpoint": setpoint,
            "condensing_temperature": condensing_c,
            "wet_bulb": np.full_like(condensing_c, self._wet_c),
            "approach": np.maximum(condensing_c - self._wet_c, 0.0),
            "heat_rejected": heat_kw,
            "fan_speed": 100.0 * speed,
            "makeup_flow": evaporated_m3_h + bled_m3_h,
            "bleed_flow": bled_m3_h,
            "water_m3_h": evaporated_m3_h + bled_m3_h,
            "condenser_kw_k": ua,
            "condenser_heat_kw": ua * self._wet_c,
            "rejected_total_kw": tick.inputs["rejection_kw"],
            "condensing_c": condensing_c,
        }
        return out


KIND = MachineKind(
    "evaporative_condenser",
    EvaporativeCondenserParameters,
    signals=(
        gauge("condensing_setpoint", "Condensing temperature set point", "°C", 0, 60, 0.0),
        thermometer("condensing_temperature", "Condensing temperature", -20, 80),
        thermometer("wet_bulb", "Wet bulb of the air", -20, 60),
        gauge("approach", "Condensing temperature above the wet bulb", "K", 0, 60, 0.001),
        gauge("heat_rejected", "Heat given off", "kW", 0, 3000),
        percent("fan_speed", "Fan speed"),
        flow_meter("makeup_flow", "Make-up water", "m³/h", 10),
        flow_meter("bleed_flow", "Water bled off", "m³/h", 5),
        POWER,
        *(row.signal for row in _QUANTITIES),
    ),
    create=EvaporativeCondenserFleet,
    flows=(
        *ELECTRIC,
        "water_m3_h",
        "condenser_kw_k",
        "condenser_heat_kw",
        "rejected_total_kw",
        "condensing_c",
        *EFFLUENT,
    ),
    inputs=(
        Input("rejection_kw", "material", "upstream", "rejection_kw", usual=600.0),
        Input("condensing_c", "material", "downstream", "condensing_c", "mean", default=33.0, lagged=True),
    ),
    modes=_MODES,
    every_s=2.0,
    setpoints=(
        Setpoint("condensing_setpoint", "°C", 20, 40, 30, "Condensing temperature below which fans slow"),
    ),
)
