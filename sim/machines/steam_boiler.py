"""A gas-fired shell boiler: pressure that stored heat holds, a burner that follows, losses up the stack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.fouling import Fouling
from sim.degradation.gamma_wear import GammaWear
from sim.degradation.weibull_sudden import WeibullSudden
from sim.instruments import (
    ammeter,
    counter,
    flow_meter,
    gauge,
    percent,
    pressure_gauge,
    thermometer,
    vibration_sensor,
)
from sim.kind import ELECTRIC, F64, FailureMode, Input, MachineKind, Setpoint, Site, Tick
from sim.physics.boiler import NATURAL_GAS, NATURAL_GAS_KWH_NM3, efficiency
from sim.physics.effluent import EFFLUENT, Effluent
from sim.physics.steam import saturation_c, vapour_kj_kg
from sim.rated_machine import POWER, Electrics, Quantity, QuantityBank

_BLOWDOWN = Effluent(45.0, cod_mg_l=60.0, tss_mg_l=90.0, acid_mol_m3=-9.0)
"""After the flash vessel and the cooling pit: alkaline boiler water."""

_FEED_C, _AIR_C = 92.0, 32.0
_SETTLE_S = 90.0  # of the pressure controller
_STANDING_BAR_H = 0.4  # how fast a boiler without fire loses pressure


class SteamBoilerParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of one boiler.

    Args:
        rated_kg_h: steam at full fire [kg/h].
        pressure_setpoint: that its burner holds, gauge [bar].
        water_m3: it holds; its heat is what rides out a sudden demand [m³].
        condensate: share of the steam that comes back as condensate.
        blowdown: share of the feed water that is let off against salts.
        auxiliary_kw: fan, pumps and control at full fire.
    """

    rated_kg_h: float = 4000.0
    pressure_setpoint: float = 8.0
    water_m3: float = 7.5
    condensate: float = 0.55
    blowdown: float = 0.03
    auxiliary_kw: float = 16.0


_QUANTITIES = (
    Quantity(
        gauge("feed_pump_pressure", "Feed pump pressure", "bar", 0, 25),
        0, 13.5, 5, 0.1, 0.02, {"feed_pump_wear": -3.6},
    ),
    Quantity(
        vibration_sensor("feed_pump_vibration", "Feed pump vibration"),
        0, 1.6, 5, 0.1, 0.06, {"feed_pump_wear": 5.5},
    ),
    Quantity(percent("drum_level", "Drum level"), 52, 52, 60, 1.6, 0.0, {"feed_pump_wear": -14}),
    Quantity(
        gauge("drum_conductivity", "Conductivity of the boiler water", "µS/cm", 0, 8000),
        2600, 2750, 3600, 90, 0.02,
    ),
    Quantity(thermometer("feedwater_temperature", "Feed water temperature", 0, 150), 86, 92, 600, 0.6, 0.01),
    Quantity(percent("flame_signal", "Flame signal"), 0, 93, 2, 1.0, 0.01, {"flame_scanner": -62}),
    Quantity(ammeter("fan_current", "Burner fan current", 60), 0, 17, 5, 0.2, 0.02, {"burner_drift": 2.2}),
)  # fmt: skip

_MODES = (
    FailureMode(
        "tube_fouling", "IHT", "5.1 Blockage/plugged", Fouling(4500.0, 0.3, 1.25),
        "Bám muội, cáu cặn ống lửa", "Fire tube fouling",
        ("flue_temperature", "efficiency", "gas_flow"), stops=False, repair_h=24.0,
    ),
    FailureMode(
        "burner_drift", "PDE", "3.4 Out of adjustment", GammaWear(3500.0, 0.25),
        "Lệch tỷ lệ gió - gas đầu đốt", "Burner air ratio drift",
        ("flue_oxygen", "flue_co", "efficiency"), stops=False, repair_h=4.0,
    ),
    FailureMode(
        "feed_pump_wear", "VIB", "2.4 Wear", ExponentialGrowth(8000.0, 0.35, 5.0),
        "Mòn bơm cấp nước", "Feed pump wear",
        ("feed_pump_pressure", "feed_pump_vibration", "drum_level"), repair_h=8.0,
    ),
    FailureMode(
        "flame_scanner", "UST", "3.3 Faulty signal/indication/alarm", WeibullSudden(9000.0, 1.4, 30.0),
        "Mắt lửa bẩn, ngắt đầu đốt", "Flame scanner failure",
        ("flame_signal",), repair_h=2.0,
    ),
)  # fmt: skip

_NAMES = tuple(mode.name for mode in _MODES)


class SteamBoilerFleet:
    """All boilers; heat in kW, pressure in bar gauge."""

    def __init__(self, parameters: Sequence[SteamBoilerParameters], site: Site) -> None:
        n = len(parameters)
        rng = site.rng()
        rated, water, self._condensate, self._blowdown, self._auxiliary_kw, start = (
            np.array([float(getattr(one, name)) for one in parameters])
            for name in (
                "rated_kg_h",
                "water_m3",
                "condensate",
                "blowdown",
                "auxiliary_kw",
                "pressure_setpoint",
            )
        )
        self._full_kw = rated / 3600.0 * (2774.0 - 4.2 * _FEED_C)
        # heat that a bar holds: water of the drum follows saturation, 5.4 K/bar at 8 bar
        self._kj_bar = 890.0 * water * 4.4 * 5.4
        self._bar = start.copy()
        self._steam_t, self._gas_nm3 = np.zeros(n), np.zeros(n)
        self._bank = QuantityBank(_QUANTITIES, _NAMES, n, rng)
        self._electrics = Electrics(n, 0.85)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        dt_s, severity = tick.dt_s, tick.severity
        setpoint = tick.setpoints["pressure_setpoint"]
        burns = tick.running.astype(np.float64)
        wanted_kg_h = tick.inputs["steam_demand_kg_h"] * (self._bar > 0.05)
        rise_kj_kg = vapour_kj_kg(self._bar) - 4.2 * _FEED_C
        blown_kg_h = self._blowdown * wanted_kg_h
        taken_kw = wanted_kg_h / 3600.0 * rise_kj_kg + blown_kg_h / 3600.0 * 330.0

        full_kw = self._full_kw * burns * (1.0 - 0.12 * severity["tube_fouling"])
        held_bar = setpoint + (self._bar - setpoint) * np.exp(-dt_s / _SETTLE_S)
        hold_kw = self._kj_bar * (held_bar - self._bar) / max(dt_s, 1e-6)
        fired_kw = np.minimum(np.maximum(taken_kw + hold_kw, 0.0), full_kw)
        cooled_bar = _STANDING_BAR_H * (1.0 - burns) * dt_s / 3600.0
        change_bar = (fired_kw - taken_kw) * dt_s / self._kj_bar - cooled_bar
        self._bar = np.minimum(np.maximum(self._bar + change_bar, 0.0), 11.0)  # safety valve
        load = fired_kw / self._full_kw

        fouled_k = 78.0 * severity["tube_fouling"] * (0.4 + 0.6 * load)
        flue_c = saturation_c(self._bar) - 25.0 + 34.0 * load + fouled_k
        drift = severity["burner_drift"]
        lit = load > 0.01
        oxygen = np.where(lit, 3.0 + 1.6 * (1.0 - load) + 3.6 * drift, 20.9)
        radiation = np.minimum(0.011 / np.maximum(load, 0.1), 0.08)
        share = efficiency(NATURAL_GAS, flue_c, np.minimum(oxygen, 12.0), _AIR_C, radiation)
        gas_nm3_h = fired_kw / share / NATURAL_GAS_KWH_NM3
        made_kg_h = wanted_kg_h + blown_kg_h
        makeup_m3_h = (wanted_kg_h * (1.0 - self._condensate) + blown_kg_h) / 1000.0
        self._steam_t = self._steam_t + wanted_kg_h * (dt_s / 3.6e6)
        self._gas_nm3 = self._gas_nm3 + gas_nm3_h * (dt_s / 3600.0)

        out = self._bank.step(tick, burns)
        out |= self._electrics.step(tick, self._auxiliary_kw * (0.3 * burns + 0.7 * load) + 0.6)
        out |= _BLOWDOWN.flows(blown_kg_h / 1000.0)
        out |= {
            "pressure_setpoint": setpoint,
            "steam_pressure": self._bar,
            "steam_flow": wanted_kg_h,
            "steam_temperature": saturation_c(self._bar),
            "feedwater_flow": made_kg_h / 1000.0,
            "flue_temperature": np.where(lit, flue_c, np.minimum(flue_c, 120.0)),
            "flue_oxygen": oxygen,
            "flue_co": np.where(lit, 18.0 + 160.0 * drift * drift, 0.0),
            "burner_load": 100.0 * load,
            "gas_flow": gas_nm3_h,
            "efficiency": np.where(lit, 100.0 * share, 0.0),
            "blowdown_flow": blown_kg_h,
            "steam_total": self._steam_t,
            "gas_total": self._gas_nm3,
            "steam_bar": self._bar,
            "steam_ready": burns * (self._bar > 2.0),
            "gas_nm3_h": gas_nm3_h,
            "water_m3_h": makeup_m3_h,
        }
        return out


KIND = MachineKind(
    "steam_boiler",
    SteamBoilerParameters,
    signals=(
        gauge("pressure_setpoint", "Steam pressure set point", "bar", 0, 16, 0.0),
        pressure_gauge("steam_pressure", "Steam pressure", "bar", 0, 16),
        flow_meter("steam_flow", "Steam given", "kg/h", 12000),
        thermometer("steam_temperature", "Steam temperature", 0, 250),
        flow_meter("feedwater_flow", "Feed water flow", "m³/h", 15),
        thermometer("flue_temperature", "Flue gas temperature", 0, 400),
        gauge("flue_oxygen", "Oxygen in the flue gas", "%", 0, 21),
        gauge("flue_co", "Carbon monoxide in the flue gas", "ppm", 0, 2000),
        percent("burner_load", "Burner load", 120),
        flow_meter("gas_flow", "Gas used", "Nm³/h", 1000),
        gauge("efficiency", "Efficiency on gross calorific value", "%", 0, 100),
        flow_meter("blowdown_flow", "Blowdown", "kg/h", 500),
        counter("steam_total", "Steam given in total", "t"),
        counter("gas_total", "Gas used in total", "m³"),
        POWER,
        *(row.signal for row in _QUANTITIES),
    ),
    create=SteamBoilerFleet,
    flows=(*ELECTRIC, "steam_bar", "steam_ready", "gas_nm3_h", "water_m3_h", *EFFLUENT),
    inputs=(Input("steam_demand_kg_h", "steam", "downstream", "steam_kg_h", usual=2200.0),),
    modes=_MODES,
    setpoints=(Setpoint("pressure_setpoint", "bar", 4, 10, 8, "Steam pressure, gauge"),),
)
