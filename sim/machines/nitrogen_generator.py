"""A nitrogen generator: two towers of carbon sieve swing between pressure and regeneration.

The more is drawn, the less pure it is: residual oxygen grows with the square of the load of the sieve, and
the air it takes with the purity that it still makes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.gamma_wear import GammaWear
from sim.degradation.weibull_sudden import WeibullSudden
from sim.instruments import counter, flow_meter, gauge, pressure_gauge, thermometer
from sim.kind import ELECTRIC, F64, FailureMode, Input, MachineKind, Sensor, Signal, Site, Tick
from sim.physics.columns import column
from sim.physics.lag import Lag
from sim.rated_machine import Electrics, Quantity, QuantityBank

HALF_CYCLE_S = 60.0


class NitrogenGeneratorParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One generator.

    Args:
        rated_nm3_h: nitrogen at the rated purity [Nm³/h].
        rated_ppm: residual oxygen at that flow [ppm].
        air_factor: air it takes for a volume of nitrogen of that purity.
    """

    rated_nm3_h: float = 80.0
    rated_ppm: float = 100.0
    air_factor: float = 4.2

    def __post_init__(self) -> None:
        if min(self.rated_nm3_h, self.rated_ppm) <= 0 or self.air_factor <= 1.27:
            raise ValueError(
                f"rated_nm3_h {self.rated_nm3_h}, rated_ppm {self.rated_ppm}: above 0; "
                f"air_factor {self.air_factor}: above 1.27, as air is 78 % nitrogen"
            )


_QUANTITIES = (
    Quantity(
        gauge("dew_point", "Dew point of the nitrogen", "°C", -90, 40),
        -52,
        -48,
        600,
        0.5,
        0.02,
        {"sieve_ageing": 14},
    ),
    Quantity(thermometer("sieve_temperature", "Sieve temperature", 0, 90), 28, 34, 1800, 0.3, 0.02),
    Quantity(
        pressure_gauge("silencer_dp", "Back pressure of the exhaust silencer", "mbar", 0, 1000),
        0,
        45,
        5,
        2,
        0.05,
        {"silencer_clogging": 260},
    ),
)

_MODES = (
    FailureMode(
        "sieve_ageing",
        "PDE",
        "5.2 Contamination",
        GammaWear(22_000.0, 0.25),
        "Suy giảm sàng phân tử",
        "Ageing carbon sieve",
        ("oxygen", "dew_point", "air_flow"),
        stops=False,
        repair_h=24.0,
    ),
    FailureMode(
        "valve_leak",
        "INL",
        "1.1 Leakage",
        WeibullSudden(12_000.0, 1.5, 200.0),
        "Rò van chuyển tháp",
        "Leaking switching valve",
        ("oxygen", "air_flow", "outlet_pressure"),
        stops=False,
        repair_h=4.0,
    ),
    FailureMode(
        "silencer_clogging",
        "PLU",
        "5.1 Blockage/plugged",
        GammaWear(7000.0, 0.3),
        "Tắc bộ giảm thanh xả",
        "Clogged silencer",
        ("silencer_dp", "oxygen"),
        stops=False,
        repair_h=1.0,
    ),
)
_NAMES = tuple(mode.name for mode in _MODES)


class NitrogenGeneratorFleet:
    """All generators."""

    def __init__(self, parameters: Sequence[NitrogenGeneratorParameters], site: Site) -> None:
        n = len(parameters)
        rng = site.rng()
        self._rated, self._ppm, self._factor = (
            column(parameters, name) for name in ("rated_nm3_h", "rated_ppm", "air_factor")
        )
        self._clock_s = rng.uniform(0.0, 2.0 * HALF_CYCLE_S, n)
        self._switches = np.floor(rng.uniform(1e5, 9e5, n))
        self._oxygen = Lag(240.0)
        self._towers = Lag(6.0)
        self._buffer = Lag(30.0)
        self._total = np.zeros(n)
        self._bank = QuantityBank(_QUANTITIES, _NAMES, n, rng)
        self._electrics = Electrics(n, 0.9)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        aged, leak, choked = (tick.severity[name] for name in _NAMES)
        work = tick.work * tick.powered
        bar = tick.inputs["air_bar"]
        flow = np.minimum(tick.inputs["nitrogen_nm3_h"], 1.3 * self._rated) * (work > 0)
        load = flow / self._rated
        strained = load * (1.0 + 0.9 * aged + 1.3 * leak + 0.4 * choked) * 6.5 / np.maximum(bar, 3.0)
        ppm = np.where(work > 0, 8.0 + self._ppm * strained * strained, 209_500.0 * 0.01)
        oxygen = self._oxygen.step(ppm, tick.dt_s)
        air = flow * self._factor * (1.0 + 0.18 * aged + 0.35 * leak) + 12.0 * work * leak
        self._clock_s = self._clock_s + tick.dt_s * work
        switched = np.floor(self._clock_s / HALF_CYCLE_S)
        first = np.mod(switched, 2.0) < 1.0
        pressed = np.maximum(bar - 0.25, 0.0)
        vented = 0.05 + 0.6 * choked
        tower_a, tower_b = self._towers.step(
            np.array([np.where(first, pressed, vented), np.where(first, vented, pressed)]), tick.dt_s
        )
        outlet = self._buffer.step(np.maximum(bar - 0.55 - 0.35 * load - 0.5 * leak, 0.0), tick.dt_s)
        self._total = self._total + flow * (tick.dt_s / 3600.0)
        out = self._bank.step(tick, work)
        out |= self._electrics.step(tick, 0.12 + 0.25 * work)
        out |= {
            "oxygen": oxygen,
            "purity": 100.0 - 1e-4 * oxygen,
            "flow": flow,
            "outlet_pressure": outlet,
            "tower_a_pressure": tower_a,
            "tower_b_pressure": tower_b,
            "inlet_pressure": bar,
            "air_flow": air,
            "valve_switches": self._switches + switched,
            "total": self._total,
            "air_nm3_h": air,
            "oxygen_ppm": oxygen,
        }
        return out


KIND = MachineKind(
    "nitrogen_generator",
    NitrogenGeneratorParameters,
    signals=(
        Signal("active_power", "Active power", "kW", 0, 20, sensor=Sensor(0.002, 0.01)),
        gauge("oxygen", "Residual oxygen", "ppm", 0, 250_000, 0.000005),
        Signal("purity", "Purity of the nitrogen", "%", 0, 100, sensor=Sensor(0, 0.001)),
        flow_meter("flow", "Nitrogen flow", "Nm³/h", 300),
        pressure_gauge("outlet_pressure", "Outlet pressure, gauge", "bar", 0, 16),
        pressure_gauge("tower_a_pressure", "Tower A pressure, gauge", "bar", 0, 16),
        pressure_gauge("tower_b_pressure", "Tower B pressure, gauge", "bar", 0, 16),
        pressure_gauge("inlet_pressure", "Air pressure, gauge", "bar", 0, 16),
        flow_meter("air_flow", "Air used", "Nm³/h", 1500),
        counter("valve_switches", "Tower changes"),
        Signal("total", "Nitrogen made", "m³", 0, 1e9, sensor=Sensor(0, 0.1)),
        *(row.signal for row in _QUANTITIES),
    ),
    create=NitrogenGeneratorFleet,
    flows=(*ELECTRIC, "air_nm3_h", "oxygen_ppm"),
    inputs=(
        Input("nitrogen_nm3_h", "gas", "downstream", "nitrogen_nm3_h", usual=50.0),
        Input("air_bar", "air", "upstream", "air_bar", "max", default=7.0, lagged=True),
    ),
    modes=_MODES,
    every_s=2.0,
)
"""See the module."""
