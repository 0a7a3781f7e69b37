"""The two vessels of an ammonia plant: the low-pressure receiver, which evaporators and compressors share,
and the high-pressure receiver below the condensers. What their saturation temperature is settles all else
in the plant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.gamma_wear import GammaWear
from sim.instruments import ammeter, gauge, percent, pressure_gauge, thermometer, vibration_sensor
from sim.kind import ELECTRIC, F64, FailureMode, Input, MachineKind, Setpoint, Site, Tick
from sim.physics.refrigeration import saturation_bar
from sim.rated_machine import POWER, Electrics, Quantity, QuantityBank

_SETTLE_S = 60.0  # of the controller that moves the compressors' slides


class LowPressureReceiverParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of one low-pressure receiver.

    Args:
        evaporating_setpoint: saturation temperature that its compressors hold [°C].
        heat_kj_k: heat capacity of liquid and steel: 3 t of ammonia in a vessel of 3 t [kJ/K].
        pump_kw: liquid pump.
    """

    evaporating_setpoint: float = -30.0
    heat_kj_k: float = 15_500.0
    pump_kw: float = 3.0


class HighPressureReceiverParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of one high-pressure receiver.

    Args:
        heat_kj_k: heat capacity of what is at condensing temperature [kJ/K].
    """

    heat_kj_k: float = 9_000.0


_LOW_QUANTITIES = (
    Quantity(percent("level", "Liquid level"), 48, 44, 300, 1.5, 0.0, {"low_charge": -27}),
    Quantity(
        pressure_gauge("pump_pressure", "Liquid pump, pressure difference", "bar", 0, 10),
        0, 2.9, 4, 0.04, 0.01, {"pump_wear": -0.95, "low_charge": -0.6},
    ),
    Quantity(
        ammeter("pump_current", "Liquid pump current", 20),
        0, 5.4, 3, 0.08, 0.02, {"pump_wear": 1.1, "low_charge": -0.8},
    ),
    Quantity(
        vibration_sensor("pump_vibration", "Liquid pump vibration"),
        0, 1.4, 4, 0.09, 0.06, {"pump_wear": 5.0, "low_charge": 1.8},
    ),
    Quantity(
        gauge("ammonia", "Ammonia in the pump room", "ppm", 0, 1000),
        1, 2, 300, 0.3, 0.0, {"low_charge": 24},
    ),
)  # fmt: skip

_LOW_MODES = (
    FailureMode(
        "low_charge", "ELP", "1.1 Leakage", GammaWear(8000.0, 0.3),
        "Thiếu môi chất do rò", "Charge lost by leaks",
        ("level", "pump_pressure", "ammonia"), stops=False, repair_h=8.0,
    ),
    FailureMode(
        "pump_wear", "VIB", "2.1 Cavitation", ExponentialGrowth(9000.0, 0.35, 4.0),
        "Mòn bơm amoniac lỏng", "Liquid pump wear",
        ("pump_pressure", "pump_vibration", "pump_current"), stops=False, repair_h=10.0,
    ),
)  # fmt: skip

_LOW_NAMES = tuple(mode.name for mode in _LOW_MODES)


class LowPressureReceiverFleet:
    """Balance of heat between evaporators, ``A - U T`` of all that is linked, and compressors; exact for a
    step in which these stay as they are."""

    def __init__(self, parameters: Sequence[LowPressureReceiverParameters], site: Site) -> None:
        n = len(parameters)
        start, self._heat, self._pump_kw = (
            np.array([float(getattr(one, name)) for one in parameters])
            for name in ("evaporating_setpoint", "heat_kj_k", "pump_kw")
        )
        self._c = start
        self._bank = QuantityBank(_LOW_QUANTITIES, _LOW_NAMES, n, site.rng())
        self._electrics = Electrics(n, 0.8)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        dt_s, before = tick.dt_s, self._c
        ua = np.maximum(tick.inputs["evaporator_kw_k"], 0.02)
        offered = tick.inputs["evaporator_heat_kw"]
        capacity = tick.inputs["capacity_kw"]
        setpoint = tick.setpoints["evaporating_setpoint"]
        fade = np.exp(-dt_s * ua / self._heat)
        coldest_end, warmest_end = (offered - capacity) / ua, offered / ua
        coldest = coldest_end + (before - coldest_end) * fade
        warmest = warmest_end + (before - warmest_end) * fade
        held = setpoint + (before - setpoint) * np.exp(-dt_s / _SETTLE_S)
        after = np.minimum(np.maximum(held, coldest), np.maximum(warmest, coldest))
        after = np.minimum(np.maximum(after, -44.0), 30.0)
        load_kw = np.maximum(offered - ua * 0.5 * (before + after), 0.0)
        stored_kw = self._heat * (after - before) / dt_s if dt_s > 0.0 else 0.0
        wanted_kw = np.minimum(np.maximum(load_kw - stored_kw, 0.0), capacity)
        self._c = after
        out = self._bank.step(tick, tick.powered.astype(np.float64))
        out |= self._electrics.step(tick, self._pump_kw * (1.0 + 0.1 * tick.severity["pump_wear"]))
        out |= {
            "evaporating_setpoint": setpoint,
            "pressure": saturation_bar(after),
            "temperature": after,
            "load": load_kw,
            "evaporating_c": after,
            # a pump that wears or draws gas starves the evaporators
            "liquid_share": np.maximum(
                1.0 - 0.3 * tick.severity["low_charge"] - 0.25 * tick.severity["pump_wear"], 0.1
            )
            * tick.powered,
            "capacity_share": wanted_kw / np.maximum(capacity, 1e-3),
        }
        return out


class HighPressureReceiverFleet:
    """Condensing temperature: ``C dT/dt = rejected - sum of UA (T - T_wet)`` over the condensers, exact."""

    def __init__(self, parameters: Sequence[HighPressureReceiverParameters], site: Site) -> None:
        n = len(parameters)
        self._heat = np.array([one.heat_kj_k for one in parameters])
        self._c = np.full(n, 33.0)
        self._bank = QuantityBank(_HIGH_QUANTITIES, (), n, site.rng())

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        ua = np.maximum(tick.inputs["condenser_kw_k"], 0.5)
        rejected_kw = tick.inputs["rejection_kw"]
        end_c = (rejected_kw + tick.inputs["condenser_heat_kw"]) / ua
        settled = end_c + (self._c - end_c) * np.exp(-tick.dt_s * ua / self._heat)
        self._c = np.minimum(np.maximum(settled, 15.0), 58.0)
        out = self._bank.step(tick, np.ones_like(ua))
        out |= {
            "pressure": saturation_bar(self._c),
            "temperature": self._c,
            "liquid_temperature": self._c - 1.5,
            "rejection": rejected_kw,
            "condensing_c": self._c,
        }
        return out


_HIGH_QUANTITIES = (
    Quantity(percent("level", "Liquid level"), 38, 38, 600, 2.0),
    Quantity(gauge("ammonia", "Ammonia beside the vessel", "ppm", 0, 1000), 1.5, 1.5, 300, 0.3),
)

KINDS = (
    MachineKind(
        "lp_receiver",
        LowPressureReceiverParameters,
        signals=(
            gauge("evaporating_setpoint", "Evaporating temperature set point", "°C", -60, 30, 0.0),
            pressure_gauge("pressure", "Pressure, absolute", "bar", 0, 15),
            thermometer("temperature", "Saturation temperature", -60, 60),
            gauge("load", "Heat from the evaporators", "kW", 0, 3000),
            POWER,
            *(row.signal for row in _LOW_QUANTITIES),
        ),
        create=LowPressureReceiverFleet,
        flows=(*ELECTRIC, "evaporating_c", "capacity_share", "liquid_share"),
        inputs=(
            Input("evaporator_kw_k", "material", "downstream", "evaporator_kw_k", usual=12.0),
            Input("evaporator_heat_kw", "material", "downstream", "evaporator_heat_kw", usual=-240.0),
            Input("capacity_kw", "material", "downstream", "capacity_kw", usual=300.0, lagged=True),
        ),
        modes=_LOW_MODES,
        setpoints=(Setpoint("evaporating_setpoint", "°C", -42, 5, -30, "Evaporating temperature"),),
        operated=False,
        every_s=2.0,
    ),
    MachineKind(
        "hp_receiver",
        HighPressureReceiverParameters,
        signals=(
            pressure_gauge("pressure", "Condensing pressure, absolute", "bar", 0, 30),
            thermometer("temperature", "Condensing temperature", -20, 80),
            thermometer("liquid_temperature", "Liquid temperature", -20, 80),
            gauge("rejection", "Heat from the compressors", "kW", 0, 5000),
            *(row.signal for row in _HIGH_QUANTITIES),
        ),
        create=HighPressureReceiverFleet,
        flows=("condensing_c",),
        inputs=(
            Input("condenser_kw_k", "material", "upstream", "condenser_kw_k", usual=80.0),
            Input("condenser_heat_kw", "material", "upstream", "condenser_heat_kw", usual=2000.0),
            Input("rejection_kw", "material", "upstream", "rejected_total_kw", "max", usual=600.0),
        ),
        operated=False,
        every_s=2.0,
        companion="",
    ),
)
