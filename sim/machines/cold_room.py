"""A cold room: walls that let heat in, doors that open, an evaporator that frosts and is defrosted, goods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.gamma_wear import GammaWear
from sim.degradation.shock_wear import ShockWear
from sim.instruments import ammeter, counter, flag, gauge, percent, thermometer, vibration_sensor
from sim.kind import ELECTRIC, F64, FailureMode, Input, MachineKind, Setpoint, Site, Tick
from sim.physics.lag import Lag
from sim.rated_machine import POWER, Electrics, Quantity, QuantityBank

_DOCK_C = 24.0  # the loading dock is cooled a little
_HYSTERESIS_K = 0.8
_THERMOSTAT_S = 240.0  # rooms switch every ten minutes or so
_OPEN_S = 40.0  # a rapid door for one truck
_DEFROST_EVERY_S, _DEFROST_S = 8 * 3600.0, 1500.0  # hot gas, three times a day
_DEFROST_KW = 9.0  # of its heat that stays in the room
_FROST_BASE_KG_H, _FROST_DOOR_KG_H, _FROST_FULL_KG = 0.6, 7.0, 9.0


class ColdRoomParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of one room.

    Args:
        temperature_setpoint: of the air [°C].
        wall_kw_k: conductance of walls, roof and floor [kW/K]; 800 m² of 0.2 W/(m² K) sandwich panel.
        air_kj_k: heat capacity of air, racks and the skin of the goods [kJ/K].
        evaporator_kw_k: clean conductance of the evaporator [kW/K].
        door_kw: heat that an open door lets in at a difference of 45 K [kW].
        doors_per_h: how often it opens in the day; a sixth of that at night.
        fan_kw: evaporator fans, whose heat stays in the room.
        goods_h: time constant of the goods [h].
    """

    temperature_setpoint: float = -20.0
    wall_kw_k: float = 0.16
    air_kj_k: float = 14_000.0
    evaporator_kw_k: float = 5.2
    door_kw: float = 60.0
    doors_per_h: float = 9.0
    fan_kw: float = 4.4
    goods_h: float = 30.0


_QUANTITIES = (
    Quantity(
        ammeter("fan_current", "Evaporator fan current", 30),
        0, 9.6, 3, 0.15, 0.02, {"fan_bearing_wear": 1.6},
    ),
    Quantity(
        vibration_sensor("fan_vibration", "Evaporator fan vibration, worst fan"),
        0, 1.8, 4, 0.12, 0.08, {"fan_bearing_wear": 6.0},
    ),
    Quantity(gauge("ammonia", "Ammonia in the room", "ppm", 0, 1000), 0.5, 0.5, 300, 0.15),
)  # fmt: skip

_MODES = (
    FailureMode(
        "fan_bearing_wear", "VIB", "2.6 Fatigue", ExponentialGrowth(9000.0, 0.35, 5.0),
        "Hỏng ổ quạt dàn lạnh", "Evaporator fan bearing wear",
        ("fan_vibration", "fan_current"), stops=False, repair_h=5.0,
    ),
    FailureMode(
        "door_seal_wear", "ELU", "2.4 Wear", ShockWear(5000.0, 0.5, 6.0),
        "Hở gioăng cửa kho", "Door seal wear",
        ("air_temperature", "humidity", "valve_duty"), stops=False, repair_h=3.0,
    ),
    FailureMode(
        "expansion_valve_sticking", "PDE", "1.6 Sticking", GammaWear(6500.0, 0.3),
        "Kẹt van cấp dịch", "Liquid valve sticks",
        ("coil_superheat", "air_temperature", "cooling_power"), stops=False, repair_h=4.0,
    ),
    FailureMode(
        "defrost_failure", "FTF", "3.1 Control failure", GammaWear(7000.0, 0.3),
        "Xả băng không hết", "Defrost stays incomplete",
        ("coil_pressure_drop", "air_temperature"), stops=False, repair_h=3.0,
    ),
)  # fmt: skip

_NAMES = tuple(mode.name for mode in _MODES)


class ColdRoomFleet:
    """All rooms."""

    def __init__(self, parameters: Sequence[ColdRoomParameters], site: Site) -> None:
        n = len(parameters)
        rng = site.rng()
        column = {
            name: np.array([float(getattr(one, name)) for one in parameters])
            for name in ColdRoomParameters.__struct_fields__
        }
        self._wall, self._air, self._coil = (
            column[name] for name in ("wall_kw_k", "air_kj_k", "evaporator_kw_k")
        )
        self._door_kw_k = column["door_kw"] / 45.0
        self._opens_per_s = column["doors_per_h"] / 3600.0
        self._fan_kw = column["fan_kw"]
        self._air_c = column["temperature_setpoint"] + rng.uniform(-_HYSTERESIS_K, _HYSTERESIS_K, n)
        self._goods = Lag(column["goods_h"] * 3600.0, column["temperature_setpoint"].copy())
        self._coil_c = Lag(90.0)
        self._damp = Lag(240.0)
        self._duty = Lag(3600.0, np.full(n, 0.38))
        self._cools = rng.random(n) < 0.5
        self._open = np.zeros(n)
        self._openings = np.zeros(n)
        self._since_defrost_s = rng.uniform(0.0, 0.9, n) * _DEFROST_EVERY_S
        self._frost_kg = self._since_defrost_s / 3600.0 * _FROST_BASE_KG_H
        self._bank = QuantityBank(_QUANTITIES, _NAMES, n, rng)
        self._electrics = Electrics(n, 0.8)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        dt_s, severity = tick.dt_s, tick.severity
        setpoint = tick.setpoints["temperature_setpoint"]
        self._move_door(tick)
        leak = 0.24 * severity["door_seal_wear"]
        ajar = np.minimum(self._open + leak, 1.0)

        self._since_defrost_s = self._since_defrost_s + dt_s
        averaged = dt_s > _THERMOSTAT_S  # it would switch within the step
        defrosts = (self._since_defrost_s >= _DEFROST_EVERY_S) & tick.powered & (not averaged)
        done = self._since_defrost_s >= _DEFROST_EVERY_S + _DEFROST_S
        self._since_defrost_s = np.where(done, 0.0, self._since_defrost_s)
        off_k = self._air_c - setpoint
        wanted = np.where(self._cools, off_k > -_HYSTERESIS_K, off_k > _HYSTERESIS_K)
        self._cools = wanted & tick.running & ~defrosts
        # what a defrost leaves freezes to ice between the fins
        share = np.minimum(self._frost_kg / _FROST_FULL_KG + 0.8 * severity["defrost_failure"], 1.8)
        blows = tick.running & ~defrosts
        stuck = severity["expansion_valve_sticking"]
        ua = (
            self._coil
            * np.maximum(1.0 - 0.42 * share, 0.15)
            * (1.0 - 0.55 * stuck)
            * tick.inputs["liquid_share"]
        )
        ua = np.maximum(ua, 0.05 * self._coil) * self._cools * (1.0 - 0.3 * severity["fan_bearing_wear"] ** 2)
        fan_kw = self._fan_kw * blows * (1.0 + 0.25 * share)

        evaporating_c = np.minimum(tick.inputs["evaporating_c"], self._air_c)
        door_kw_k = self._door_kw_k * ajar
        outer = self._wall + door_kw_k
        gains_kw = outer * _DOCK_C + fan_kw + 1.5 + _DEFROST_KW * defrosts
        before = self._air_c
        if averaged:  # what it holds then
            can = self._coil * tick.inputs["liquid_share"] * tick.running
            warm_c, cold_c = gains_kw / outer, (gains_kw + can * evaporating_c) / (outer + can)
            self._air_c = np.minimum(np.maximum(setpoint, cold_c), warm_c)
            cooling_kw = np.maximum(gains_kw - outer * self._air_c, 0.0)
            ua = cooling_kw / np.maximum(self._air_c - evaporating_c, 1.0)
        else:
            end_c = (gains_kw + ua * evaporating_c) / (outer + ua)
            self._air_c = end_c + (before - end_c) * np.exp(-dt_s * (outer + ua) / self._air)
            cooling_kw = ua * (0.5 * (before + self._air_c) - evaporating_c)

        grown = (_FROST_BASE_KG_H + _FROST_DOOR_KG_H * ajar) * self._cools * (dt_s / 3600.0)
        melted = np.where(defrosts | averaged, -np.expm1(-dt_s / (0.25 * _DEFROST_S)), 0.0)
        self._frost_kg = np.minimum((self._frost_kg + grown) * (1.0 - melted), 1.6 * _FROST_FULL_KG)

        can_kw = self._coil * np.maximum(self._air_c - evaporating_c, 1.0)
        superheat_k = (3.0 + 9.0 * stuck) * self._cools
        coil_c = np.where(defrosts, 18.0, np.where(self._cools, evaporating_c + 1.5, self._air_c))
        damp = 78.0 + 16.0 * ajar + 5.0 * self._cools
        out = self._bank.step(tick, blows.astype(np.float64))
        out |= self._electrics.step(tick, fan_kw + 0.8 + 1.2 * self._open)
        out |= {
            "temperature_setpoint": setpoint,
            "air_temperature": self._air_c,
            "goods_temperature": self._goods.step(self._air_c, dt_s),
            "coil_temperature": self._coil_c.step(coil_c, dt_s),
            "coil_superheat": superheat_k,
            "humidity": np.minimum(self._damp.step(damp, dt_s), 100.0),
            "coil_pressure_drop": (55.0 + 150.0 * share) * blows,
            "cooling_power": cooling_kw,
            "door_open": self._open,
            "door_openings": self._openings,
            "liquid_valve_open": self._cools.astype(np.float64),
            "valve_duty": 100.0 * self._duty.step(np.minimum(cooling_kw / can_kw, 1.0), dt_s),
            "defrosting": defrosts.astype(np.float64),
            "evaporator_kw_k": ua,
            "evaporator_heat_kw": ua * self._air_c,
        }
        return out

    def _move_door(self, tick: Tick) -> None:
        """The door as a chain of two states, sampled exactly: open or shut after any step."""
        by_day = 1.0 if 6.0 <= tick.hour < 22.0 else 1.0 / 6.0
        opens = self._opens_per_s * by_day
        both = opens + 1.0 / _OPEN_S
        stay = opens / both
        chance = stay + (self._open - stay) * np.exp(-both * tick.dt_s)
        now = (tick.rng.random(len(chance)) < chance).astype(np.float64)
        self._openings = self._openings + ((now > 0.5) & (self._open < 0.5))
        self._open = now


KIND = MachineKind(
    "cold_room",
    ColdRoomParameters,
    signals=(
        gauge("temperature_setpoint", "Air temperature set point", "°C", -60, 60, 0.0),
        thermometer("air_temperature", "Air temperature", -60, 60),
        thermometer("goods_temperature", "Temperature of the goods", -60, 60),
        thermometer("coil_temperature", "Evaporator surface temperature", -60, 60),
        gauge("coil_superheat", "Superheat after the evaporator", "K", 0, 60, 0.002),
        gauge("humidity", "Relative humidity", "%RH", 0, 100, 0.003),
        gauge("coil_pressure_drop", "Air pressure drop of the evaporator", "Pa", 0, 1000, 0.002),
        gauge("cooling_power", "Cooling power", "kW", 0, 500),
        flag("door_open", "Door open"),
        counter("door_openings", "Door openings"),
        flag("liquid_valve_open", "Liquid valve open"),
        percent("valve_duty", "Cooling of the last hour, of what it can"),
        flag("defrosting", "Defrosting"),
        POWER,
        *(row.signal for row in _QUANTITIES),
    ),
    create=ColdRoomFleet,
    flows=(*ELECTRIC, "evaporator_kw_k", "evaporator_heat_kw"),
    inputs=(
        Input("evaporating_c", "material", "upstream", "evaporating_c", "min", default=-30.0, lagged=True),
        Input("liquid_share", "material", "upstream", "liquid_share", "min", default=1.0, lagged=True),
    ),
    modes=_MODES,
    every_s=5.0,
    setpoints=(Setpoint("temperature_setpoint", "°C", -28, 12, -20, "Air temperature"),),
)
