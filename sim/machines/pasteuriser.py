"""A plate pasteuriser: regeneration, heating by hot water, holding, cooling; pasteurisation units of what
passes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.fouling import Fouling
from sim.degradation.paris_crack import ParisCrack
from sim.instruments import counter, flow_meter, gauge, percent, pressure_gauge, thermometer, vibration_sensor
from sim.kind import ELECTRIC, F64, FailureMode, Input, MachineKind, Setpoint, Signal, Site, Tick
from sim.physics.lag import Lag
from sim.physics.pasteurisation import holding_units, regenerated_c
from sim.physics.steam import condensing_kj_kg, saturation_c
from sim.rated_machine import POWER, Electrics, Quantity, QuantityBank

_INLET_C, _KJ_KG_K = 22.0, 3.95
_HOLD_S = 20.0


class PasteuriserParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of one pasteuriser.

    Args:
        rated_m3_h: product.
        holding_setpoint: temperature of the holding tube [°C].
        regeneration: share of the heat that goes back to what comes in, clean.
        heater_kw_k: conductance of the clean hot-water section [kW/K].
        pump_kw: product and hot-water pumps.
    """

    rated_m3_h: float = 8.0
    holding_setpoint: float = 76.0
    regeneration: float = 0.9
    heater_kw_k: float = 16.0
    pump_kw: float = 9.0


_QUANTITIES = (
    Quantity(
        pressure_gauge("product_pressure", "Product pressure after the heater", "bar", 0, 16),
        0, 5.2, 5, 0.05, 0.01, {"plate_crack": -0.9},
    ),
    Quantity(
        pressure_gauge("plate_drop", "Pressure drop of the plates", "bar", 0, 8),
        0, 1.3, 5, 0.04, 0.02, {"plate_fouling": 1.5},
    ),
    Quantity(
        vibration_sensor("pump_vibration", "Product pump vibration"),
        0, 1.5, 4, 0.09, 0.06, {"pump_wear": 5.4},
    ),
    Quantity(
        gauge("product_conductivity", "Conductivity of the product", "mS/cm", 0, 20),
        1.1, 1.1, 60, 0.02, 0.0, {"plate_crack": 0.5},
    ),
)  # fmt: skip

_MODES = (
    FailureMode(
        "plate_fouling", "IHT", "5.1 Blockage/plugged", Fouling(260.0, 0.35, 1.25),
        "Bám cặn tấm trao đổi nhiệt", "Plate fouling",
        ("hot_water_temperature", "plate_drop", "steam_valve"), stops=False, repair_h=3.0,
    ),
    FailureMode(
        "plate_crack", "INL", "2.6 Fatigue", ParisCrack(15000.0, 0.35),
        "Nứt tấm trao đổi nhiệt", "Plate crack",
        ("product_pressure", "product_conductivity"), repair_h=24.0,
    ),
    FailureMode(
        "pump_wear", "VIB", "2.4 Wear", ExponentialGrowth(9000.0, 0.35, 5.0),
        "Mòn bơm sản phẩm", "Product pump wear", ("pump_vibration", "product_flow"), repair_h=6.0,
    ),
)  # fmt: skip

_NAMES = tuple(mode.name for mode in _MODES)


class PasteuriserFleet:
    """All pasteurisers. Product that is not hot enough is sent round again: the divert valve is open."""

    def __init__(self, parameters: Sequence[PasteuriserParameters], site: Site) -> None:
        n = len(parameters)
        self._rated, self._regeneration, self._heater, self._pump_kw = (
            np.array([float(getattr(one, name)) for one in parameters])
            for name in ("rated_m3_h", "regeneration", "heater_kw_k", "pump_kw")
        )
        self._hold = Lag(45.0)
        self._total = np.zeros(n)
        self._diverts = np.zeros(n)
        self._diverted = np.zeros(n, np.bool_)
        self._bank = QuantityBank(_QUANTITIES, _NAMES, n, site.rng())
        self._electrics = Electrics(n, 0.83)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        severity, runs = tick.severity, tick.running.astype(np.float64)
        setpoint = tick.setpoints["holding_setpoint"]
        fouling = severity["plate_fouling"]
        flow = self._rated * runs * (1.0 - 0.18 * severity["pump_wear"])
        stream_kw_k = np.maximum(flow, 0.05) * 1030.0 / 3600.0 * _KJ_KG_K
        regeneration = self._regeneration * (1.0 - 0.06 * fouling)
        before_c = regenerated_c(_INLET_C, setpoint, regeneration)
        ua = self._heater / (1.0 + 1.15 * fouling)
        # hot water flows as fast as product does: the same difference all along the plates
        needed_c = setpoint + stream_kw_k * (setpoint - before_c) / ua
        steam_c = saturation_c(np.maximum(tick.inputs["steam_bar"], 0.0))
        hot_c = np.minimum(needed_c, np.minimum(steam_c - 12.0, 98.0))
        reached_c = before_c + (hot_c - before_c) / (1.0 + stream_kw_k / ua)
        holding_c = self._hold.step(np.where(tick.running, reached_c, 45.0), tick.dt_s)
        hot = stream_kw_k * np.maximum(reached_c - before_c, 0.0) * runs
        steam_kg_h = hot / condensing_kj_kg(np.maximum(tick.inputs["steam_bar"], 0.1)) * 3600.0
        diverted = tick.running & (holding_c < setpoint - 2.0)
        self._diverts = self._diverts + (diverted & ~self._diverted)
        self._diverted = diverted
        self._total = self._total + flow * ~diverted * (tick.dt_s / 3600.0)
        out = self._bank.step(tick, runs)
        out |= self._electrics.step(tick, self._pump_kw * runs * (1.0 + 0.15 * fouling) + 0.5)
        out |= {
            "holding_setpoint": setpoint,
            "product_flow": flow,
            "inlet_temperature": np.full_like(flow, _INLET_C),
            "regenerated_temperature": before_c,
            "hot_water_temperature": np.where(tick.running, hot_c, 60.0),
            "holding_temperature": holding_c,
            "outlet_temperature": setpoint - regeneration * (setpoint - _INLET_C),
            "pasteurisation_units": np.minimum(holding_units(holding_c, _HOLD_S), 5000.0) * runs,
            "steam_flow": steam_kg_h,
            "steam_valve": np.minimum(100.0 * (hot_c - setpoint) / 22.0, 100.0) * runs,
            "diverted": diverted.astype(np.float64),
            "diversions": self._diverts,
            "product_total": self._total,
            "steam_kg_h": steam_kg_h,
        }
        return out


KIND = MachineKind(
    "pasteuriser",
    PasteuriserParameters,
    signals=(
        gauge("holding_setpoint", "Holding temperature set point", "°C", 0, 120, 0.0),
        flow_meter("product_flow", "Product flow", "m³/h", 30),
        thermometer("inlet_temperature", "Product inlet temperature", 0, 120),
        thermometer("regenerated_temperature", "Temperature after regeneration", 0, 120),
        thermometer("hot_water_temperature", "Hot water temperature", 0, 120),
        thermometer("holding_temperature", "Holding temperature", 0, 120),
        thermometer("outlet_temperature", "Product outlet temperature", 0, 120),
        gauge("pasteurisation_units", "Pasteurisation units", "", 0, 5000),
        flow_meter("steam_flow", "Steam used", "kg/h", 1000),
        percent("steam_valve", "Steam valve opening"),
        Signal("diverted", "Product is sent round again", data_type="Boolean"),
        counter("diversions", "Diversions"),
        counter("product_total", "Product pasteurised", "m³"),
        POWER,
        *(row.signal for row in _QUANTITIES),
    ),
    create=PasteuriserFleet,
    flows=(*ELECTRIC, "steam_kg_h"),
    inputs=(Input("steam_bar", "steam", "upstream", "steam_bar", "max", default=7.0, lagged=True),),
    modes=_MODES,
    every_s=5.0,
    setpoints=(Setpoint("holding_setpoint", "°C", 60, 90, 76, "Temperature of the holding tube"),),
)
