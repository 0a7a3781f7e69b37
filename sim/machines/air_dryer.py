"""A refrigeration dryer of compressed air: dew point, pressure drop, and the air that passes on to the
shop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.fouling import Fouling
from sim.degradation.gamma_wear import GammaWear
from sim.instruments import ammeter, flow_meter, pressure_gauge, thermometer
from sim.kind import ELECTRIC, F64, FailureMode, Input, MachineKind, Sensor, Signal, Site, Tick
from sim.physics.columns import column
from sim.physics.lag import Lag
from sim.physics.weather import weather
from sim.rated_machine import Electrics, Quantity, QuantityBank


class AirDryerParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One dryer.

    Args:
        rated_nm3_h: air that it dries to 3 °C [Nm³/h].
        rated_kw: power at that flow [kW].
    """

    rated_nm3_h: float = 2000.0
    rated_kw: float = 6.0


_QUANTITIES = (
    Quantity(
        pressure_gauge("suction_pressure", "Refrigerant suction pressure", "bar", 0, 15),
        6,
        3.1,
        60,
        0.04,
        0.02,
        {"refrigerant_leak": -1.5},
    ),
    Quantity(
        pressure_gauge("condensing_pressure", "Refrigerant condensing pressure", "bar", 0, 30),
        6,
        12.5,
        60,
        0.15,
        0.02,
        {"refrigerant_leak": -2.5, "condenser_fouling": 5.0},
    ),
    Quantity(
        ammeter("fan_current", "Condenser fan current", 20), 0, 2.1, 2, 0.05, 0.04, {"condenser_fouling": 0.6}
    ),
    Quantity(
        thermometer("condenser_temperature", "Condensing temperature", -10, 100),
        32,
        46,
        120,
        0.5,
        0.02,
        {"condenser_fouling": 16},
    ),
)

_MODES = (
    FailureMode(
        "refrigerant_leak",
        "ELU",
        "1.1 Leakage",
        GammaWear(14_000.0, 0.3),
        "Thiếu môi chất lạnh",
        "Loss of refrigerant",
        ("dew_point", "suction_pressure"),
        stops=False,
        repair_h=6.0,
    ),
    FailureMode(
        "condenser_fouling",
        "IHT",
        "5.2 Contamination",
        Fouling(3800.0, 0.3),
        "Bám bẩn dàn ngưng",
        "Fouled condenser",
        ("condensing_pressure", "condenser_temperature", "dew_point"),
        stops=False,
        repair_h=3.0,
    ),
    FailureMode(
        "filter_clogging",
        "PLU",
        "5.1 Blockage/plugged",
        Fouling(4200.0, 0.3),
        "Tắc lõi lọc đường ống",
        "Clogged line filter",
        ("filter_dp", "outlet_pressure"),
        stops=False,
        repair_h=2.0,
    ),
)
_NAMES = tuple(mode.name for mode in _MODES)


class AirDryerFleet:
    """All dryers. A dryer takes from the receiver what the shop takes from it."""

    def __init__(self, parameters: Sequence[AirDryerParameters], site: Site) -> None:
        n = len(parameters)
        self._offset_h = site.utc_offset_h
        self._rated, self._rated_kw = column(parameters, "rated_nm3_h"), column(parameters, "rated_kw")
        self._bank = QuantityBank(_QUANTITIES, _NAMES, n, site.rng())
        self._electrics = Electrics(n, 0.82)
        self._air = Lag(np.array([[180.0], [60.0]]))
        self._total = np.zeros(n)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        severity = tick.severity
        flow, bar = tick.inputs["air_demand_nm3_h"], tick.inputs["receiver_bar"]
        share = flow / self._rated
        work = tick.work * tick.powered
        inlet_c = weather(tick.now_ns, self._offset_h).air_c + 9.0
        dry_c = 2.5 + 3.5 * np.maximum(share - 0.6, 0.0) + 9.0 * severity["refrigerant_leak"]
        dry_c = dry_c + 6.0 * severity["condenser_fouling"]
        dew_c, outlet_c = self._air.step(
            np.array([np.where(work > 0, np.minimum(dry_c, inlet_c), inlet_c), inlet_c - 6.0 * work]),
            tick.dt_s,
        )
        drop = 0.16 * np.minimum(share * share, 4.0) * (1.0 + 4.0 * severity["filter_clogging"])
        outlet_bar = np.maximum(bar - 0.02 - drop, 0.0)
        self._total = self._total + flow * (tick.dt_s / 3600.0)
        out = self._bank.step(tick, work)
        out |= self._electrics.step(
            tick,
            0.1
            + work
            * self._rated_kw
            * (0.55 + 0.45 * np.minimum(share, 1.2))
            * (1 + 0.25 * severity["condenser_fouling"]),
        )
        out |= {
            "dew_point": dew_c,
            "inlet_temperature": inlet_c + np.zeros_like(flow),
            "outlet_temperature": outlet_c,
            "flow": flow,
            "inlet_pressure": bar,
            "outlet_pressure": outlet_bar,
            "filter_dp": 1000.0 * drop,
            "air_total": self._total,
            "air_nm3_h": flow,
            "air_bar": outlet_bar,
        }
        return out


KIND = MachineKind(
    "air_dryer",
    AirDryerParameters,
    signals=(
        Signal("active_power", "Active power", "kW", 0, 50, sensor=Sensor(0.01, 0.01)),
        thermometer("dew_point", "Pressure dew point", -40, 60),
        thermometer("inlet_temperature", "Air temperature, inlet", -10, 100),
        thermometer("outlet_temperature", "Air temperature, outlet", -10, 100),
        flow_meter("flow", "Air flow", "Nm³/h", 10_000),
        pressure_gauge("inlet_pressure", "Pressure, inlet, gauge", "bar", 0, 16),
        pressure_gauge("outlet_pressure", "Pressure, outlet, gauge", "bar", 0, 16),
        pressure_gauge("filter_dp", "Pressure drop of the line filter", "mbar", 0, 4000),
        Signal("air_total", "Air passed on", "m³", 0, 1e9, sensor=Sensor(0, 1)),
        *(row.signal for row in _QUANTITIES),
    ),
    create=AirDryerFleet,
    flows=(*ELECTRIC, "air_nm3_h", "air_bar"),
    inputs=(
        Input("air_demand_nm3_h", "air", "downstream", "air_nm3_h", usual=1300.0),
        Input("receiver_bar", "air", "upstream", "air_bar", "max", default=7.0, lagged=True),
    ),
    modes=_MODES,
)
"""See the module."""
