"""Syrup tanks and carbonators: what the fillers draw is water, syrup, carbon dioxide and cold, drawn from
here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.fouling import Fouling
from sim.degradation.gamma_wear import GammaWear
from sim.instruments import counter, flow_meter, gauge, percent, pressure_gauge, thermometer, vibration_sensor
from sim.kind import ELECTRIC, F64, FailureMode, Input, MachineKind, Site, Tick
from sim.physics.lag import Lag
from sim.rated_machine import POWER, Electrics, Quantity, QuantityBank

_WATER_C = 27.0
_KJ_L_K = 4.1


class SyrupTankParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of one tank.

    Args:
        volume_m3: of the tank.
        brix: sugar of the syrup [g/100 g].
        refill_below: level at which a new batch is pumped in [%].
        refill_m3_h: how fast.
    """

    volume_m3: float = 12.0
    brix: float = 55.0
    refill_below: float = 22.0
    refill_m3_h: float = 9.0


class CarbonatorParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of one carbonator with its plate cooler.

    Args:
        syrup_share: volume of syrup in the drink.
        drink_c: temperature of the drink [°C].
        cooler_kw_k: conductance of the clean cooler to evaporating ammonia [kW/K].
        pump_kw: of its pumps.
        co2_g_l: carbon dioxide in the drink [g/L].
    """

    syrup_share: float = 0.166
    drink_c: float = 5.0
    cooler_kw_k: float = 14.0
    pump_kw: float = 7.5
    co2_g_l: float = 6.2


_TANK_QUANTITIES = (
    Quantity(thermometer("temperature", "Syrup temperature", 0, 100), 21, 21, 3600, 0.3),
    Quantity(
        vibration_sensor("agitator_vibration", "Agitator vibration"),
        0, 1.3, 4, 0.08, 0.06, {"agitator_bearing_wear": 5.0}, "powered",
    ),
    Quantity(
        thermometer("agitator_temperature", "Agitator gear temperature"),
        30, 52, 1800, 0.7, 0.03, {"agitator_bearing_wear": 24}, "powered",
    ),
)  # fmt: skip

_TANK_MODES = (
    FailureMode(
        "agitator_bearing_wear", "VIB", "2.4 Wear", ExponentialGrowth(11000.0, 0.35, 5.0),
        "Mòn ổ cánh khuấy", "Agitator bearing wear",
        ("agitator_vibration", "agitator_temperature"), repair_h=6.0,
    ),
)  # fmt: skip

_CARBONATOR_QUANTITIES = (
    Quantity(
        pressure_gauge("tank_pressure", "Pressure of the buffer tank", "bar", 0, 10),
        4.1, 4.6, 20, 0.05, 0.01,
    ),
    Quantity(percent("tank_level", "Level of the buffer tank"), 60, 58, 60, 2.5),
    Quantity(vibration_sensor("pump_vibration", "Pump vibration"), 0, 1.5, 4, 0.09, 0.06, {"pump_wear": 5.4}),
    Quantity(
        pressure_gauge("pump_pressure", "Pump pressure", "bar", 0, 16),
        0, 7.4, 4, 0.06, 0.01, {"pump_wear": -1.7},
    ),
    Quantity(
        gauge("co2_content", "Carbon dioxide in the drink, g/L", "", 0, 12),
        6.2, 6.2, 120, 0.04, 0.0, {"dosing_drift": -0.75},
    ),
    Quantity(
        gauge("brix", "Sugar of the drink, °Bx", "", 0, 80),
        10.6, 10.6, 120, 0.03, 0.0, {"dosing_drift": 0.55},
    ),
)  # fmt: skip

_CARBONATOR_MODES = (
    FailureMode(
        "cooler_fouling", "IHT", "5.1 Blockage/plugged", Fouling(2200.0, 0.3, 1.25),
        "Bám bẩn giàn lạnh nước ngọt", "Cooler fouling",
        ("drink_temperature", "cooling_power"), stops=False, repair_h=6.0,
    ),
    FailureMode(
        "dosing_drift", "PDE", "3.4 Out of adjustment", GammaWear(3200.0, 0.3),
        "Lệch định lượng syrup và CO₂", "Dosing drift",
        ("brix", "co2_content"), stops=False, repair_h=2.0,
    ),
    FailureMode(
        "pump_wear", "VIB", "2.4 Wear", ExponentialGrowth(9000.0, 0.35, 5.0),
        "Mòn bơm hòa trộn", "Mixing pump wear",
        ("pump_vibration", "pump_pressure"), repair_h=6.0,
    ),
)  # fmt: skip


class SyrupTankFleet:
    """All tanks: what is drawn lowers the level, a batch from the syrup room fills it up."""

    def __init__(self, parameters: Sequence[SyrupTankParameters], site: Site) -> None:
        n = len(parameters)
        rng = site.rng()
        self._volume, self._brix, self._below, self._refill = (
            np.array([float(getattr(one, name)) for one in parameters])
            for name in ("volume_m3", "brix", "refill_below", "refill_m3_h")
        )
        self._m3 = self._volume * rng.uniform(0.4, 0.9, n)
        self._fills = np.zeros(n, np.bool_)
        self._batches = np.zeros(n)
        self._bank = QuantityBank(_TANK_QUANTITIES, tuple(mode.name for mode in _TANK_MODES), n, rng)
        self._electrics = Electrics(n, 0.78)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        hours = tick.dt_s / 3600.0
        drawn = tick.inputs["syrup_demand_m3_h"]
        empty = self._m3 < self._below / 100.0 * self._volume
        begins = empty & ~self._fills & tick.running
        self._batches = self._batches + begins
        self._fills = (self._fills | begins) & (self._m3 < 0.92 * self._volume) & tick.running
        filled = self._refill * self._fills
        self._m3 = np.minimum(np.maximum(self._m3 + (filled - drawn) * hours, 0.0), self._volume)
        out = self._bank.step(tick, tick.running.astype(np.float64))
        out |= self._electrics.step(tick, 2.2 * tick.running + 4.0 * self._fills + 0.2)
        out |= {
            "level": 100.0 * self._m3 / self._volume,
            "syrup_flow": drawn,
            "refill_flow": filled,
            "brix": self._brix,
            "batches": self._batches,
        }
        return out


class CarbonatorFleet:
    """All carbonators: water and syrup in the recipe's ratio, cooled by ammonia before carbon dioxide is
    dosed."""

    def __init__(self, parameters: Sequence[CarbonatorParameters], site: Site) -> None:
        n = len(parameters)
        self._syrup, self._drink_c, self._cooler, self._pump_kw, self._co2 = (
            np.array([float(getattr(one, name)) for one in parameters])
            for name in ("syrup_share", "drink_c", "cooler_kw_k", "pump_kw", "co2_g_l")
        )
        self._cold = Lag(60.0)
        self._made = np.zeros(n)
        names = tuple(mode.name for mode in _CARBONATOR_MODES)
        self._bank = QuantityBank(_CARBONATOR_QUANTITIES, names, n, site.rng())
        self._electrics = Electrics(n, 0.83)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        severity = tick.severity
        drink_m3_h = tick.inputs["drink_m3_h"] * tick.running
        evaporating_c = tick.inputs["evaporating_c"]
        stream_kw_k = np.maximum(drink_m3_h * 1000.0 / 3600.0 * _KJ_L_K, 1e-6)
        # a cooler whose one side boils: effectiveness 1 - exp(-NTU) (Incropera, 7th ed., eq. 11.35a)
        ua = self._cooler * tick.inputs["liquid_share"] / (1.0 + 1.5 * severity["cooler_fouling"])
        reach = -np.expm1(-ua / stream_kw_k)
        reachable_c = _WATER_C - reach * (_WATER_C - evaporating_c)
        drink_c = np.maximum(self._drink_c, reachable_c)
        cooling_kw = stream_kw_k * (_WATER_C - drink_c) * (drink_m3_h > 0.01)
        # the receiver sees it as a conductance at the temperature difference of the moment
        evaporator_kw_k = cooling_kw / np.maximum(_WATER_C - evaporating_c, 1.0)
        work = np.minimum(drink_m3_h / 6.0, 1.2)
        self._made = self._made + drink_m3_h * (tick.dt_s / 3600.0)
        out = self._bank.step(tick, (work > 0.05).astype(np.float64))
        out |= self._electrics.step(tick, self._pump_kw * (0.25 * tick.running + 0.75 * work) + 0.4)
        out |= {
            "drink_flow": drink_m3_h,
            "drink_temperature": self._cold.step(drink_c, tick.dt_s),
            "cooling_power": cooling_kw,
            "co2_flow": drink_m3_h * self._co2 * 1.08,
            "drink_total": self._made,
            "syrup_m3_h": drink_m3_h * self._syrup,
            "water_m3_h": drink_m3_h * (1.0 - self._syrup),
            "evaporator_kw_k": evaporator_kw_k,
            "evaporator_heat_kw": evaporator_kw_k * _WATER_C,
        }
        return out


KINDS = (
    MachineKind(
        "syrup_tank",
        SyrupTankParameters,
        signals=(
            percent("level", "Level"),
            flow_meter("syrup_flow", "Syrup drawn", "m³/h", 20),
            flow_meter("refill_flow", "Syrup pumped in", "m³/h", 30),
            gauge("brix", "Sugar of the syrup, °Bx", "", 0, 80),
            counter("batches", "Batches pumped in"),
            POWER,
            *(row.signal for row in _TANK_QUANTITIES),
        ),
        create=SyrupTankFleet,
        flows=ELECTRIC,
        inputs=(Input("syrup_demand_m3_h", "material", "downstream", "syrup_m3_h", usual=1.0),),
        modes=_TANK_MODES,
        every_s=5.0,
    ),
    MachineKind(
        "carbonator",
        CarbonatorParameters,
        signals=(
            flow_meter("drink_flow", "Drink to the filler", "m³/h", 30),
            thermometer("drink_temperature", "Drink temperature", -5, 60),
            gauge("cooling_power", "Cooling power", "kW", 0, 1000),
            flow_meter("co2_flow", "Carbon dioxide dosed", "kg/h", 300),
            counter("drink_total", "Drink made", "m³"),
            POWER,
            *(row.signal for row in _CARBONATOR_QUANTITIES),
        ),
        create=CarbonatorFleet,
        flows=(*ELECTRIC, "syrup_m3_h", "water_m3_h", "evaporator_kw_k", "evaporator_heat_kw"),
        inputs=(
            Input("drink_m3_h", "material", "downstream", "product_m3_h", usual=6.0),
            Input("evaporating_c", "material", "upstream", "evaporating_c", "min", default=-8.0, lagged=True),
            Input("liquid_share", "material", "upstream", "liquid_share", "min", default=1.0, lagged=True),
        ),
        modes=_CARBONATOR_MODES,
    ),
)
