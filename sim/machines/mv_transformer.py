"""A 22/0.4 kV distribution transformer, oil-immersed, with an off-circuit tap switch.

Its high side is its low side plus its losses, at every step. Voltage comes from the feeder above, a step
late.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.fouling import Fouling
from sim.degradation.never import NEVER
from sim.kind import ELECTRIC, F64, FailureMode, Input, MachineKind, Sensor, Setpoint, Signal, Site, Tick
from sim.physics.columns import column
from sim.physics.lag import Lag
from sim.physics.transformer import ONAN_DISTRIBUTION, Ratings, current_a, power_factor, relative_ageing
from sim.physics.weather import weather

TAP_STEP = 0.025
"""Five positions of 2.5 % (TCVN 8525)."""


class MvTransformerParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One transformer.

    Args:
        rated_kva: rated power [kVA].
        rated_hv_kv, rated_lv_v: rated voltages at the middle tap [kV, V].
        reactance: short-circuit reactance, per unit; 6 % from 1,000 kVA (IEC 60076-5, table 1).
        magnetising: no-load current, per unit.
        tap_position: where the tap switch stands, -2 to 2; positive raises the low side.
    """

    rated_kva: float = 2000.0
    rated_hv_kv: float = 22.0
    rated_lv_v: float = 400.0
    reactance: float = 0.06
    magnetising: float = 0.008
    tap_position: float = 1.0

    def __post_init__(self) -> None:
        if not 50 <= self.rated_kva <= 5000:
            raise ValueError(f"rated_kva {self.rated_kva}: a distribution transformer has 50 to 5,000 kVA")


def rated_losses_kw(rated_kva: F64) -> tuple[F64, F64]:
    """No-load and load loss [kW]: a power law through the 1,000 kVA and 2,500 kVA rows of EN 50588-1 (A0,
    Bk), within 5 % of the rows between.

    >>> [loss.round(2).tolist() for loss in rated_losses_kw(np.array([1000.0, 2500.0]))]
    [[0.77, 1.75], [10.5, 22.0]]
    """
    size = rated_kva / 1000.0
    return 0.77 * np.power(size, 0.896), 10.5 * np.power(size, 0.8072)


class _Fleet:
    def __init__(self, parameters: Sequence[MvTransformerParameters], site: Site) -> None:
        self._offset_h = site.utc_offset_h
        rated_kva = column(parameters, "rated_kva")
        no_load_kw, load_loss_kw = rated_losses_kw(rated_kva)
        ones = np.ones(len(parameters))
        self._rated = Ratings(
            rated_kva,
            no_load_kw,
            load_loss_kw,
            column(parameters, "magnetising"),
            column(parameters, "reactance"),
            column(parameters, "rated_hv_kv"),
            column(parameters, "rated_lv_v"),
            TAP_STEP * ones,
        )
        self._ratio = load_loss_kw / no_load_kw
        self._spread = site.rng().normal(1.0, 0.03, len(parameters))
        self._oil = Lag(ONAN_DISTRIBUTION.oil_lag_s)
        self._winding = Lag(ONAN_DISTRIBUTION.winding_tau_s)
        self._moisture_ppm = site.rng().uniform(8.0, 14.0, len(parameters))
        self._energy_kwh = np.zeros(len(parameters))
        self._aged_h = np.zeros(len(parameters))

    def step(self, tick: Tick) -> Mapping[str, F64]:
        rated = self._rated
        live = tick.powered.astype(np.float64)
        low_kw, low_kvar = tick.inputs["load_kw"], tick.inputs["load_kvar"]
        low_kva = np.hypot(low_kw, low_kvar)
        load = low_kva / rated.rated_kva
        loss_kw, loss_kvar = rated.losses(low_kva)
        loss_kw, loss_kvar = loss_kw * live, loss_kvar * live
        hv_kv = tick.inputs["mv_kv"] * live
        tap = np.round(tick.setpoints["tap_position"])
        lv_v = rated.low_side(hv_kv, tap, low_kw, low_kvar)
        high_kw, high_kvar = low_kw + loss_kw, low_kvar + loss_kvar
        air_c = weather(tick.now_ns, self._offset_h).air_c
        fouled = tick.severity["radiator_fouling"]
        oil_end_c = air_c + live * self._spread * ONAN_DISTRIBUTION.oil_end_k(self._ratio, load) * (
            1.0 + 0.55 * fouled
        )
        oil_c = self._oil.step(oil_end_c, tick.dt_s)
        loose = tick.severity["loose_joint"]
        winding_k = self._winding.step(ONAN_DISTRIBUTION.winding_end_k(load), tick.dt_s)
        hot_c = oil_c + winding_k
        leak = tick.severity["oil_leak"]
        self._energy_kwh += np.maximum(low_kw, 0.0) * tick.dt_s / 3600.0
        self._aged_h += relative_ageing(hot_c) * live * tick.dt_s / 3600.0
        tripped = (tick.severity["winding_fault"] >= 1.0) | (hot_c > 160.0)
        return {
            "active_power": high_kw,
            "reactive_power": high_kvar,
            "apparent_power": np.hypot(high_kw, high_kvar),
            "power_factor": power_factor(high_kw, high_kvar),
            "load": 100.0 * load,
            "hv_current": current_a(high_kw, high_kvar, hv_kv),
            "lv_current": current_a(low_kw, low_kvar, lv_v / 1000.0),
            "hv_voltage": hv_kv,
            "lv_voltage": lv_v,
            "losses": loss_kw,
            "tap_position": tap,
            "oil_temperature": oil_c,
            "winding_temperature": hot_c,
            "bushing_temperature": air_c + (12.0 + 60.0 * loose) * np.square(load) + 0.35 * (oil_c - air_c),
            "oil_level": 72.0 + 0.45 * (oil_c - 45.0) - 45.0 * leak,
            "oil_moisture": self._moisture_ppm + 0.12 * np.maximum(oil_c - 40.0, 0.0) + 18.0 * leak,
            "ambient_temperature": np.full_like(oil_c, air_c),
            "energy": self._energy_kwh.copy(),
            "insulation_age": self._aged_h.copy(),
            "gas_relay": tripped.astype(np.float64),
            "active_kw": high_kw,
            "reactive_kvar": high_kvar,
            "lv_v": lv_v,
            "closed": 1.0 - tripped,
        }


KIND = MachineKind(
    name="mv_transformer",
    parameters=MvTransformerParameters,
    signals=(
        Signal("active_power", "Active power, 22 kV side", "kW", -6000, 6000, sensor=Sensor(0.5, 0.1)),
        Signal("reactive_power", "Reactive power, 22 kV side", "kvar", -6000, 6000, sensor=Sensor(0.5, 0.1)),
        Signal("apparent_power", "Apparent power, 22 kV side", "kVA", 0, 8000, sensor=Sensor(0.5, 0.1)),
        Signal("power_factor", "Power factor", "", 0, 1, sensor=Sensor(0.001, 0.001)),
        Signal("load", "Load", "%", 0, 200, sensor=Sensor(0.05, 0.1)),
        Signal("hv_current", "Current, 22 kV side", "A", 0, 300, sensor=Sensor(0.05, 0.01)),
        Signal("lv_current", "Current, 0.4 kV side", "A", 0, 12000, sensor=Sensor(1.0, 1.0)),
        Signal("hv_voltage", "Voltage, 22 kV side", "kV", 0, 30, sensor=Sensor(0.01, 0.01)),
        Signal("lv_voltage", "Voltage, 0.4 kV side", "V", 0, 500, sensor=Sensor(0.2, 0.1)),
        Signal("losses", "Losses", "kW", 0, 200, sensor=Sensor(0.02, 0.01)),
        Signal("tap_position", "Tap position", "", -2, 2, "Int32"),
        Signal("oil_temperature", "Top-oil temperature", "°C", -20, 140, sensor=Sensor(0.1, 0.1)),
        Signal(
            "winding_temperature", "Winding hot-spot temperature", "°C", -20, 180, sensor=Sensor(0.15, 0.1)
        ),
        Signal(
            "bushing_temperature",
            "Temperature of the low-voltage joints",
            "°C",
            -20,
            200,
            sensor=Sensor(0.2, 0.1),
        ),
        Signal("oil_level", "Oil level", "%", 0, 100, sensor=Sensor(0.1, 0.1)),
        Signal("oil_moisture", "Moisture in oil", "ppm", 0, 100, sensor=Sensor(0.2, 0.1)),
        Signal("ambient_temperature", "Air temperature", "°C", -20, 60, sensor=Sensor(0.1, 0.1)),
        Signal("energy", "Active energy delivered", "kWh", 0, 1e9, sensor=Sensor(0.0, 0.1)),
        Signal(
            "insulation_age",
            "Hours at 98 °C that the insulation has aged",
            "h",
            0,
            1e6,
            sensor=Sensor(0.0, 0.01),
        ),
        Signal("gas_relay", "Gas relay has tripped", "", 0, 1, "Boolean"),
    ),
    create=_Fleet,
    flows=(*ELECTRIC, "lv_v", "closed"),
    inputs=(
        Input("load_kw", "electricity", "downstream", "active_kw", usual=1100.0),
        Input("load_kvar", "electricity", "downstream", "reactive_kvar", usual=450.0),
        Input("mv_kv", "electricity", "upstream", "mv_kv", combine="max", default=22.0, lagged=True),
    ),
    modes=(
        FailureMode(
            "radiator_fouling",
            "OHE",
            "5.2 Contamination",
            Fouling(40_000.0),
            "Cánh tản nhiệt bám bẩn",
            "Fouled radiators",
            ("oil_temperature", "winding_temperature"),
            stops=False,
            repair_h=6.0,
        ),
        FailureMode(
            "loose_joint",
            "OHE",
            "1.5 Looseness",
            ExponentialGrowth(60_000.0, 0.4),
            "Đầu cốt hạ áp lỏng, phát nhiệt",
            "Loose low-voltage joint",
            ("bushing_temperature",),
            stops=False,
            repair_h=4.0,
        ),
        FailureMode(
            "oil_leak",
            "ELU",
            "1.1 Leakage",
            ExponentialGrowth(70_000.0, 0.4),
            "Rò dầu",
            "Oil leak",
            ("oil_level", "oil_moisture"),
            stops=False,
            repair_h=12.0,
        ),
        FailureMode(
            "winding_fault",
            "BRD",
            "4.1 Short circuiting",
            NEVER,
            "Ngắn mạch vòng dây, rơ-le ga cắt",
            "Winding fault: gas relay trips",
            ("gas_relay",),
            stops=False,
            repair_h=72.0,
        ),
    ),
    setpoints=(Setpoint("tap_position", "", -2, 2, 1.0, "Off-circuit tap switch"),),
    operated=False,
    companion="",
)
"""See the module."""
