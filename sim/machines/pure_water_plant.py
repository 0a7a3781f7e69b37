"""Pure water by reverse osmosis and deionisation: what passes the membranes fills a tank, the rest is
sewage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.fouling import Fouling
from sim.degradation.gamma_wear import GammaWear
from sim.instruments import ammeter, flow_meter, gauge, percent, pressure_gauge, thermometer, vibration_sensor
from sim.kind import ELECTRIC, F64, FailureMode, Input, MachineKind, Sensor, Signal, Site, Tick
from sim.physics.columns import column
from sim.physics.effluent import EFFLUENT, Effluent
from sim.physics.lag import Lag
from sim.physics.wander import Wander
from sim.rated_machine import Electrics, Quantity, QuantityBank

_REJECT = Effluent(temperature_c=27.0, cod_mg_l=18.0, tss_mg_l=6.0, nh4_mg_l=0.3, acid_mol_m3=-4.0)
_FEED_US_CM = 280.0


class PureWaterPlantParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One plant.

    Args:
        permeate_m3_h: what it makes with clean membranes [m³/h].
        recovery: share of the feed that passes, 0 to 1.
        tank_m3: volume of the tank [m³].
        demand_m3_h: what the shop takes on average [m³/h].
    """

    permeate_m3_h: float = 3.0
    recovery: float = 0.72
    tank_m3: float = 5.0
    demand_m3_h: float = 1.6

    def __post_init__(self) -> None:
        if not (
            0 < self.recovery < 1 and min(self.permeate_m3_h, self.tank_m3) > 0 and self.demand_m3_h >= 0
        ):
            raise ValueError(
                f"recovery {self.recovery}, permeate_m3_h {self.permeate_m3_h}, tank_m3 {self.tank_m3}: "
                "above 0, recovery below 1"
            )


_QUANTITIES = (
    Quantity(
        vibration_sensor("pump_vibration", "High-pressure pump vibration"),
        0,
        1.6,
        2,
        0.1,
        0.06,
        {"pump_wear": 5.8},
    ),
    Quantity(
        ammeter("pump_current", "High-pressure pump current", 40), 0, 7.6, 2, 0.1, 0.02, {"pump_wear": 1.8}
    ),
    Quantity(
        thermometer("water_temperature", "Water temperature", 0, 60),
        25,
        26,
        1800,
        0.3,
        0.01,
        follows="always",
    ),
    Quantity(percent("uv_intensity", "UV lamp intensity"), 0, 88, 5, 0.5, 0.02, follows="powered"),
    Quantity(
        pressure_gauge("prefilter_dp", "Pressure drop of the pre-filter", "bar", 0, 5),
        0,
        0.32,
        5,
        0.01,
        0.04,
        {"membrane_fouling": 0.35},
    ),
)

_MODES = (
    FailureMode(
        "membrane_fouling",
        "PLU",
        "5.2 Contamination",
        Fouling(2900.0, 0.3),
        "Tắc nghẽn màng RO",
        "Fouled membranes",
        ("membrane_dp", "permeate_flow", "feed_pressure"),
        stops=False,
        repair_h=8.0,
    ),
    FailureMode(
        "resin_exhaustion",
        "PDE",
        "5.2 Contamination",
        GammaWear(4800.0, 0.2),
        "Hạt nhựa trao đổi ion bão hòa",
        "Exhausted resin",
        ("resistivity",),
        stops=False,
        repair_h=4.0,
    ),
    FailureMode(
        "pump_wear",
        "VIB",
        "2.4 Wear",
        ExponentialGrowth(15_000.0, 0.3, 4.0),
        "Mòn bơm cao áp",
        "Worn high-pressure pump",
        ("pump_vibration", "pump_current", "feed_pressure"),
        repair_h=8.0,
    ),
)
_NAMES = tuple(mode.name for mode in _MODES)


class PureWaterPlantFleet:
    """All plants. They make water while the tank is not full."""

    def __init__(self, parameters: Sequence[PureWaterPlantParameters], site: Site) -> None:
        n = len(parameters)
        rng = site.rng()
        self._permeate, self._recovery, self._tank, self._demand = (
            column(parameters, name) for name in ("permeate_m3_h", "recovery", "tank_m3", "demand_m3_h")
        )
        self._level = rng.uniform(0.6, 0.9, n)
        self._filling = np.ones(n, np.bool_)
        self._flow = Lag(10.0)
        self._quality = Lag(300.0)
        self._draw = Wander((0.25, 0.05), (400.0, 3600.0), n)
        self._total = np.zeros(n)
        self._bank = QuantityBank(_QUANTITIES, _NAMES, n, rng)
        self._electrics = Electrics(n, 0.84)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        fouled, spent, worn = (tick.severity[name] for name in _NAMES)
        hours = tick.dt_s / 3600.0
        drawn_off, feed_off = self._draw.step(tick.rng, tick.dt_s)
        self._filling = (self._level < 0.7) | (self._filling & (self._level < 0.96))
        on = tick.work * tick.powered * self._filling * (tick.inputs["water_bar"] > 0.5)
        permeate = self._flow.step(
            self._permeate * (1.0 - 0.35 * fouled) * (1.0 - 0.1 * worn) * on, tick.dt_s
        )
        # a full tank takes no more, an empty one gives no more
        room = (1.0 - self._level) * self._tank / max(hours, 1e-6)
        demand = self._demand * (1.0 + drawn_off)
        permeate = np.minimum(permeate, room + demand)
        given = np.minimum(demand, self._level * self._tank / max(hours, 1e-6) + permeate)
        self._level = np.minimum(np.maximum(self._level + (permeate - given) * hours / self._tank, 0.0), 1.0)
        reject = permeate * (1.0 / self._recovery - 1.0)
        feed = permeate + reject
        feed_us = _FEED_US_CM * (1.0 + feed_off)
        resistivity, permeate_us = self._quality.step(
            np.array([17.6 - 11.0 * np.minimum(spent, 1.4), feed_us * 0.018 * (1.0 + 0.8 * fouled)]),
            tick.dt_s,
        )
        pressing = on * (10.5 + 3.8 * fouled) * (1.0 - 0.18 * worn)
        self._total = self._total + permeate * hours
        out = self._bank.step(tick, on)
        out |= self._electrics.step(tick, 0.35 + 3.6 * on * (1.0 + 0.25 * fouled))
        out |= {
            "feed_flow": feed,
            "permeate_flow": permeate,
            "reject_flow": reject,
            "given_flow": given,
            "feed_pressure": tick.inputs["water_bar"] + pressing,
            "membrane_dp": on * (1.1 + 1.9 * fouled),
            "feed_conductivity": feed_us,
            "permeate_conductivity": permeate_us,
            "resistivity": resistivity,
            "tank_level": 100.0 * self._level,
            "total": self._total,
            "water_m3_h": feed,
            **_REJECT.flows(reject),
        }
        return out


KIND = MachineKind(
    "pure_water_plant",
    PureWaterPlantParameters,
    signals=(
        Signal("active_power", "Active power", "kW", 0, 40, sensor=Sensor(0.01, 0.01)),
        flow_meter("feed_flow", "Feed flow", "m³/h", 20),
        flow_meter("permeate_flow", "Permeate flow", "m³/h", 20),
        flow_meter("reject_flow", "Reject flow", "m³/h", 20),
        flow_meter("given_flow", "Flow to the shop", "m³/h", 20),
        pressure_gauge("feed_pressure", "Membrane feed pressure", "bar", 0, 40),
        pressure_gauge("membrane_dp", "Pressure drop of the membranes", "bar", 0, 10),
        gauge("feed_conductivity", "Feed conductivity", "µS/cm", 0, 2000),
        gauge("permeate_conductivity", "Permeate conductivity", "µS/cm", 0, 200),
        # 1 MΩ·cm is written as MΩ, the unit the table knows
        gauge("resistivity", "Resistivity to the shop, over a centimetre", "MΩ", 0, 20, 0.001),
        percent("tank_level", "Tank level"),
        Signal("total", "Pure water made", "m³", 0, 1e9, sensor=Sensor(0, 0.01)),
        *(row.signal for row in _QUANTITIES),
    ),
    create=PureWaterPlantFleet,
    flows=(*ELECTRIC, "water_m3_h", *EFFLUENT),
    inputs=(Input("water_bar", "water", "upstream", "water_bar", "max", default=4.0, lagged=True),),
    modes=_MODES,
    every_s=5.0,
)
"""See the module."""
