"""A gas-fired hardening furnace with an oil quench: heat in from burners, out by walls, load and flue gas.

Gas follows from a heat balance: what walls and load take at the temperature, over what the flue gas leaves
in the furnace (Siegert). Burner and wall wear therefore cost gas.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.fouling import Fouling
from sim.degradation.gamma_wear import GammaWear
from sim.instruments import ammeter, flow_meter, gauge, percent, set_value, thermometer, vibration_sensor
from sim.kind import ELECTRIC, F64, FailureMode, Input, MachineKind, Sensor, Setpoint, Signal, Site, Tick
from sim.physics.columns import column
from sim.physics.lag import Lag
from sim.rated_machine import Electrics, Quantity, QuantityBank

GAS_KWH_NM3 = 10.0
"""Lower heating value of natural gas [kWh/Nm³]."""
SIEGERT = 0.66
"""Flue loss of natural gas by oxygen, in the form (T_flue - T_air) (A2/(21 - O2) + B); A2 (1st BImSchV,
annex 2)."""
SIEGERT_B = 0.009
STEEL_KWH_KG_K = 0.00018
"""Heat capacity of steel, mean to 860 °C, with the transformation [kWh/(kg K)]."""
_HALL_C = 32.0


class HardeningFurnaceParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One furnace.

    Args:
        throughput_kg_h: steel that goes through [kg/h].
        wall_kw: loss through the walls at 860 °C [kW].
        burners_kw: installed burner power [kW].
    """

    throughput_kg_h: float = 350.0
    wall_kw: float = 42.0
    burners_kw: float = 260.0

    def __post_init__(self) -> None:
        if min(self.throughput_kg_h, self.wall_kw) < 0 or self.burners_kw <= 0:
            raise ValueError(
                f"throughput_kg_h {self.throughput_kg_h}, wall_kw {self.wall_kw}: at least 0; "
                f"burners_kw {self.burners_kw}: above 0"
            )


_QUANTITIES = (
    Quantity(
        gauge("carbon_potential", "Carbon potential of the atmosphere", "%", 0, 2, 0.0005),
        0.42,
        0.45,
        1800,
        0.006,
        0.01,
        {"wall_crack": -0.1},
        "powered",
    ),
    Quantity(
        thermometer("quench_temperature", "Quench oil temperature", 0, 200),
        48,
        66,
        2400,
        0.8,
        0.02,
        {"quench_cooler_fouling": 24},
    ),
    Quantity(
        gauge("agitator_current", "Quench agitator current", "A", 0, 40),
        0,
        8.4,
        2,
        0.1,
        0.02,
        {"quench_cooler_fouling": 1.0},
    ),
    Quantity(
        vibration_sensor("fan_vibration", "Recirculation fan vibration"),
        0,
        1.9,
        2,
        0.1,
        0.06,
        {"fan_bearing": 6.8},
        "powered",
    ),
    Quantity(
        thermometer("fan_bearing_temperature", "Recirculation fan bearing temperature", 0, 200),
        34,
        66,
        1500,
        0.7,
        0.03,
        {"fan_bearing": 36},
        "powered",
    ),
    Quantity(
        ammeter("fan_current", "Recirculation fan current", 60),
        0,
        12.6,
        2,
        0.15,
        0.02,
        {"fan_bearing": 2.2},
        "powered",
    ),
    Quantity(
        gauge("furnace_pressure", "Furnace pressure", "Pa", -200, 200),
        8,
        18,
        10,
        0.8,
        0.02,
        {"wall_crack": -11},
        "powered",
    ),
)

_MODES = (
    FailureMode(
        "burner_fouling",
        "LOO",
        "5.2 Contamination",
        Fouling(3600.0, 0.3),
        "Bám bẩn đầu đốt",
        "Fouled burners",
        ("flue_oxygen", "flue_temperature", "gas_flow"),
        stops=False,
        repair_h=5.0,
    ),
    FailureMode(
        "wall_crack",
        "ELU",
        "2.7 Overheating",
        GammaWear(15_000.0, 0.3),
        "Nứt lớp lót chịu lửa",
        "Cracked lining",
        ("shell_temperature", "gas_flow", "carbon_potential"),
        stops=False,
        repair_h=48.0,
    ),
    FailureMode(
        "fan_bearing",
        "VIB",
        "2.6 Fatigue",
        ExponentialGrowth(13_000.0, 0.35, 5.0),
        "Hỏng ổ bi quạt đối lưu",
        "Recirculation fan bearing",
        ("fan_vibration", "fan_bearing_temperature", "fan_current"),
        repair_h=10.0,
    ),
    FailureMode(
        "quench_cooler_fouling",
        "IHT",
        "5.2 Contamination",
        Fouling(4200.0, 0.3),
        "Bám bẩn bộ làm mát dầu tôi",
        "Fouled quench oil cooler",
        ("quench_temperature",),
        stops=False,
        repair_h=6.0,
    ),
)
_NAMES = tuple(mode.name for mode in _MODES)


def flue_loss(flue_c: F64, oxygen: F64) -> F64:
    """Share of the fuel's heat that leaves with the flue gas (Siegert).

    >>> flue_loss(np.array([450.0]), np.array([3.0])).round(3).tolist()
    [0.191]
    """
    return (flue_c - _HALL_C) * (SIEGERT / (21.0 - oxygen) + SIEGERT_B) / 100.0


class HardeningFurnaceFleet:
    """All furnaces. What the steel has taken up it gives to the quench, and the cooling tower gets it."""

    def __init__(self, parameters: Sequence[HardeningFurnaceParameters], site: Site) -> None:
        n = len(parameters)
        self._steel, self._wall, self._burners = (
            column(parameters, name) for name in ("throughput_kg_h", "wall_kw", "burners_kw")
        )
        self._zones = Lag(np.array([[500.0], [650.0], [800.0]]))
        self._flue = Lag(120.0)
        self._shell = Lag(3600.0)
        self._total = np.zeros(n)
        self._off = site.rng().normal(0.0, 1.0, (3, n))
        self._bank = QuantityBank(_QUANTITIES, _NAMES, n, site.rng())
        self._electrics = Electrics(n, 0.82)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        dirty, cracked, _, _ = (tick.severity[name] for name in _NAMES)
        setpoint = tick.setpoints["temperature_setpoint"]
        hot = tick.powered  # it is kept hot between charges, and goes cold without electricity: no burner air
        load = self._steel * tick.work * tick.powered
        rise_k = setpoint - _HALL_C
        wall_kw = self._wall * rise_k / 828.0 * (1.0 + 0.6 * cracked)
        steel_kw = load * STEEL_KWH_KG_K * rise_k
        needed = np.where(hot, wall_kw + steel_kw, 0.0)
        oxygen = 3.0 + 3.4 * dirty
        flue_c = self._flue.step(
            np.where(hot, 410.0 + 90.0 * dirty + 0.25 * (setpoint - 860.0), 60.0), tick.dt_s
        )
        kept = 1.0 - np.minimum(flue_loss(flue_c, oxygen), 0.7)
        lit = hot & (tick.inputs["gas_bar"] > 0.1)
        firing = np.where(lit, np.minimum(needed / kept, self._burners), 0.0)
        gas = firing / GAS_KWH_NM3
        # what the burners cannot make up the furnace loses in temperature
        held = np.where(
            hot, setpoint - (needed - firing * kept) / np.maximum(wall_kw + steel_kw, 1.0) * rise_k, _HALL_C
        )
        zones = self._zones.step(
            held + self._off * (hot > 0) - 12.0 * dirty * np.array([[0.0], [0.3], [1.0]]) * hot, tick.dt_s
        )
        shell_c = self._shell.step(np.where(hot, 46.0 + 30.0 * cracked, _HALL_C), tick.dt_s)
        self._total = self._total + gas * (tick.dt_s / 3600.0)
        out = self._bank.step(tick, tick.work)
        out |= self._electrics.step(tick, 7.5 + 6.0 * tick.work)
        out |= {
            "zone1_temperature": zones[0],
            "zone2_temperature": zones[1],
            "zone3_temperature": zones[2],
            "temperature_setpoint": setpoint,
            "firing_rate": 100.0 * firing / self._burners,
            "gas_flow": gas,
            "gas_total": self._total,
            "flue_temperature": flue_c,
            "flue_oxygen": np.where(hot, oxygen, 20.9),
            "flue_loss": 100.0 * (1.0 - kept),
            "shell_temperature": shell_c,
            "steel_flow": load,
            "gas_nm3_h": gas,
            "heat_kw": steel_kw,
        }
        return out


KIND = MachineKind(
    "hardening_furnace",
    HardeningFurnaceParameters,
    signals=(
        Signal("active_power", "Active power", "kW", 0, 80, sensor=Sensor(0.02, 0.01)),
        *(thermometer(f"zone{zone}_temperature", f"Zone {zone} temperature", 0, 1200) for zone in (1, 2, 3)),
        set_value("temperature_setpoint", "Furnace set point", "°C", 0, 1200),
        percent("firing_rate", "Firing rate"),
        flow_meter("gas_flow", "Natural gas", "Nm³/h", 60),
        Signal("gas_total", "Natural gas used", "m³", 0, 1e9, sensor=Sensor(0, 0.01)),
        thermometer("flue_temperature", "Flue gas temperature", 0, 1000),
        gauge("flue_oxygen", "Oxygen in the flue gas", "%", 0, 25, 0.001),
        gauge("flue_loss", "Flue gas loss", "%", 0, 100, 0.0002),
        thermometer("shell_temperature", "Shell temperature", 0, 200),
        gauge("steel_flow", "Steel through the furnace", "kg/h", 0, 2000),
        *(row.signal for row in _QUANTITIES),
    ),
    create=HardeningFurnaceFleet,
    flows=(*ELECTRIC, "gas_nm3_h", "heat_kw"),
    inputs=(Input("gas_bar", "gas", "upstream", "gas_bar", "max", default=2.0, lagged=True),),
    modes=_MODES,
    setpoints=(Setpoint("temperature_setpoint", "°C", 500, 950, 860, "Furnace temperature"),),
    every_s=5.0,
)
"""See the module."""
