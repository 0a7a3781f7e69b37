"""A 110/22 kV transformer with fans and an on-load tap changer.

Its high side is its feeders plus its losses, at every step. Oil and winding after IEC 60076-7; gas in oil
grows with the hot spot and with a fault inside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.fouling import Fouling
from sim.degradation.gamma_wear import GammaWear
from sim.degradation.never import NEVER
from sim.kind import ELECTRIC, F64, FailureMode, Input, MachineKind, Sensor, Setpoint, Signal, Site, Tick
from sim.physics.columns import clip, column
from sim.physics.lag import Lag
from sim.physics.transformer import ONAF, Ratings, current_a, relative_ageing
from sim.physics.weather import weather

TAPS = 9.0


class HvTransformerParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One transformer; defaults are a 63 MVA, 115/23 kV, ONAN/ONAF unit.

    Args:
        rated_mva: rated power [MVA].
        rated_hv_kv, rated_lv_kv: rated voltages at the middle tap [kV].
        no_load_kw, load_loss_kw: losses, IEC 60076-1 [kW].
        magnetising: no-load current, per unit.
        reactance: short-circuit reactance, per unit.
        tap_step: change of the ratio per tap, per unit.
        deadband: half width of the tap changer's dead band, per unit; above half a tap, or it hunts.
        tap_delay_s: how long the voltage must be outside before it moves [s].
        voltage_setpoint: what the tap changer keeps on the low side [kV].
    """

    rated_mva: float = 63.0
    rated_hv_kv: float = 115.0
    rated_lv_kv: float = 23.0
    no_load_kw: float = 35.0
    load_loss_kw: float = 230.0
    magnetising: float = 0.002
    reactance: float = 0.12
    tap_step: float = 0.0178
    deadband: float = 0.012
    tap_delay_s: float = 40.0
    voltage_setpoint: float = 22.5

    def __post_init__(self) -> None:
        if self.rated_mva <= 0 or self.no_load_kw <= 0 or self.load_loss_kw <= 0:
            raise ValueError(
                f"rated_mva {self.rated_mva}, no_load_kw {self.no_load_kw}, "
                f"load_loss_kw {self.load_loss_kw}: must be above 0"
            )
        if self.deadband <= self.tap_step / 2:
            raise ValueError(
                f"deadband {self.deadband}: must be above half a tap_step, or the tap changer hunts"
            )


class _Fleet:
    def __init__(self, parameters: Sequence[HvTransformerParameters], site: Site) -> None:
        n = len(parameters)
        self._offset_h = site.utc_offset_h
        self._rated = Ratings(
            1000.0 * column(parameters, "rated_mva"),
            column(parameters, "no_load_kw"),
            column(parameters, "load_loss_kw"),
            column(parameters, "magnetising"),
            column(parameters, "reactance"),
            column(parameters, "rated_hv_kv"),
            column(parameters, "rated_lv_kv"),
            column(parameters, "tap_step"),
        )
        self._ratio = self._rated.load_loss_kw / self._rated.no_load_kw
        self._deadband = column(parameters, "deadband")
        self._delay_s = column(parameters, "tap_delay_s")
        self._tap = np.zeros(n)
        self._outside_s = np.zeros(n)
        self._moves = np.round(site.rng().uniform(8000.0, 40_000.0, n))
        self._oil = Lag(ONAF.oil_lag_s)
        self._winding = Lag(ONAF.winding_tau_s)
        self._hydrogen_ppm = site.rng().uniform(12.0, 30.0, n)
        self._aged_h = np.zeros(n)
        self._energy_mwh = np.zeros(n)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        rated = self._rated
        live = tick.powered.astype(np.float64)
        low_kw, low_kvar = tick.inputs["load_kw"], tick.inputs["load_kvar"]
        low_kva = np.hypot(low_kw, low_kvar)
        load = low_kva / rated.rated_kva
        closed = (tick.setpoints["breaker_closed"] >= 0.5) & (tick.severity["winding_fault"] < 1.0)
        loss_kw, loss_kvar = rated.losses(low_kva)
        loss_kw, loss_kvar = loss_kw * live * closed, loss_kvar * live * closed
        hv_kv = tick.inputs["hv_kv"] * live * closed
        lv_kv = rated.low_side(hv_kv, self._tap, low_kw, low_kvar)
        self._regulate(tick, lv_kv, hv_kv > 1.0)
        high_kw, high_kvar = low_kw + loss_kw, low_kvar + loss_kvar
        air_c = weather(tick.now_ns, self._offset_h).air_c
        fouled = clip(tick.severity["cooler_fouling"], 0.0, 1.5)
        end_k = ONAF.oil_end_k(self._ratio, load) * live * (1.0 + 0.6 * fouled)
        oil_c = self._oil.step(air_c + end_k, tick.dt_s)
        winding_k = self._winding.step(ONAF.winding_end_k(load), tick.dt_s)
        hot_c = oil_c + winding_k
        hours = tick.dt_s / 3600.0
        ageing = relative_ageing(hot_c) * live
        self._aged_h += ageing * hours
        self._energy_mwh += np.maximum(low_kw, 0.0) / 1000.0 * hours
        fault = np.square(clip(tick.severity["winding_fault"], 0.0, 1.5))
        arcing = np.square(clip(tick.severity["tap_contact_wear"], 0.0, 1.5))
        fans = np.where(oil_c > 55.0, np.where(oil_c > 70.0, 2.0, 1.0), 0.0) * live
        return {
            "active_power": high_kw / 1000.0,
            "reactive_power": high_kvar / 1000.0,
            "load": 100.0 * load,
            "hv_current": current_a(high_kw, high_kvar, hv_kv),
            "lv_current": current_a(low_kw, low_kvar, lv_kv),
            "lv_voltage": lv_kv,
            "losses": loss_kw,
            "tap_position": self._tap.copy(),
            "oil_temperature": oil_c,
            "hot_spot_temperature": hot_c,
            "ambient_temperature": np.full_like(oil_c, air_c),
            "fan_stage": fans,
            "tap_operations": self._moves.copy(),
            "tap_changer_temperature": oil_c - 4.0 + 14.0 * arcing,
            "hydrogen": self._hydrogen_ppm
            + 0.2 * np.maximum(hot_c - 60.0, 0.0)
            + 900.0 * fault
            + 40.0 * arcing,
            "acetylene": 0.3 + 60.0 * fault + 6.0 * arcing,
            "oil_moisture": 9.0 + 0.12 * np.maximum(oil_c - 40.0, 0.0) + 12.0 * fouled,
            "ageing_rate": ageing,
            "insulation_age": self._aged_h.copy(),
            "energy": self._energy_mwh.copy(),
            "tap_changer_fault": (tick.severity["tap_changer_stuck"] >= 0.5).astype(np.float64),
            "breaker_closed": closed.astype(np.float64),
            "active_kw": high_kw,
            "reactive_kvar": high_kvar,
            "low_kw": low_kw.copy(),
            "low_kvar": low_kvar.copy(),
            "mv_kv": lv_kv,
            "closed": closed.astype(np.float64),
        }

    def _regulate(self, tick: Tick, lv_kv: F64, live: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> None:
        """Move a tap by one where the low side has been outside its dead band for the delay."""
        off = lv_kv / tick.setpoints["voltage_setpoint"] - 1.0
        outside = live & (np.abs(off) > self._deadband) & (tick.severity["tap_changer_stuck"] < 0.5)
        self._outside_s = np.where(outside, self._outside_s + tick.dt_s, 0.0)
        moves = self._outside_s >= self._delay_s
        tap = clip(self._tap - np.sign(off) * moves, -TAPS, TAPS)
        self._moves += tap != self._tap
        self._tap = tap
        self._outside_s[moves] = 0.0


KIND = MachineKind(
    name="hv_transformer",
    parameters=HvTransformerParameters,
    signals=(
        Signal("active_power", "Active power", "MW", -80, 80, sensor=Sensor(0.002, 0.001)),
        Signal("reactive_power", "Reactive power", "Mvar", -80, 80, sensor=Sensor(0.002, 0.001)),
        Signal("load", "Load", "%", 0, 200, sensor=Sensor(0.02, 0.1)),
        Signal("hv_current", "Current, 110 kV side", "A", 0, 600, sensor=Sensor(0.05, 0.1)),
        Signal("lv_current", "Current, 22 kV side", "A", 0, 3000, sensor=Sensor(0.3, 1.0)),
        Signal("lv_voltage", "Voltage, 22 kV side", "kV", 0, 30, sensor=Sensor(0.005, 0.01)),
        Signal("losses", "Losses", "kW", 0, 1000, sensor=Sensor(0.05, 0.1)),
        Signal("tap_position", "Tap position", "", -9, 9, "Int32"),
        Signal("oil_temperature", "Top-oil temperature", "°C", -20, 140, sensor=Sensor(0.1, 0.1)),
        Signal(
            "hot_spot_temperature", "Winding hot-spot temperature", "°C", -20, 180, sensor=Sensor(0.15, 0.1)
        ),
        Signal("ambient_temperature", "Air temperature in the yard", "°C", -20, 60, sensor=Sensor(0.1, 0.1)),
        Signal("fan_stage", "Stage of the fans", "", 0, 2, "Int32"),
        Signal("tap_operations", "Moves of the tap changer", "", 0, 4e9, "UInt32"),
        Signal("tap_changer_temperature", "Oil of the tap changer", "°C", -20, 160, sensor=Sensor(0.1, 0.1)),
        Signal("hydrogen", "Hydrogen in oil", "ppm", 0, 5000, sensor=Sensor(0.5, 1.0)),
        Signal("acetylene", "Acetylene in oil", "ppm", 0, 1000, sensor=Sensor(0.05, 0.1)),
        Signal("oil_moisture", "Moisture in oil", "ppm", 0, 200, sensor=Sensor(0.2, 0.1)),
        Signal("ageing_rate", "Ageing over that at 98 °C", "", 0, 10000, sensor=Sensor(0.0, 0.001)),
        Signal(
            "insulation_age",
            "Hours at 98 °C that the insulation has aged",
            "h",
            0,
            1e7,
            sensor=Sensor(0.0, 0.01),
        ),
        Signal("energy", "Active energy delivered", "MWh", 0, 1e9, sensor=Sensor(0.0, 0.001)),
        Signal("tap_changer_fault", "Tap changer does not follow", "", 0, 1, "Boolean"),
        Signal("breaker_closed", "Circuit breaker closed", "", 0, 1, "Boolean"),
    ),
    create=_Fleet,
    flows=(*ELECTRIC, "low_kw", "low_kvar", "mv_kv", "closed"),
    inputs=(
        Input("load_kw", "electricity", "downstream", "active_kw", usual=30000.0),
        Input("load_kvar", "electricity", "downstream", "reactive_kvar", usual=9000.0),
        Input("hv_kv", "electricity", "upstream", "hv_kv", "max", default=115.0, lagged=True),
    ),
    modes=(
        FailureMode(
            "cooler_fouling",
            "OHE",
            "5.2 Contamination",
            Fouling(20_000.0),
            "Quạt, cánh tản nhiệt bám bẩn",
            "Fouled coolers and fans",
            ("oil_temperature", "hot_spot_temperature"),
            stops=False,
            repair_h=12.0,
        ),
        FailureMode(
            "tap_contact_wear",
            "OTH",
            "2.4 Wear",
            GammaWear(60_000.0),
            "Mòn tiếp điểm bộ điều áp",
            "Worn contacts of the tap changer",
            ("tap_changer_temperature", "acetylene", "hydrogen"),
            stops=False,
            repair_h=24.0,
        ),
        FailureMode(
            "winding_fault",
            "BRD",
            "4.1 Short circuiting",
            ExponentialGrowth(180_000.0, 0.3, growth=7.0),
            "Phóng điện cục bộ trong cuộn dây",
            "Partial discharge in the winding",
            ("hydrogen", "acetylene", "breaker_closed"),
            stops=False,
            repair_h=240.0,
        ),
        FailureMode(
            "tap_changer_stuck",
            "FTF",
            "1.6 Sticking",
            NEVER,
            "Bộ điều áp kẹt nấc",
            "Tap changer stuck",
            ("tap_changer_fault",),
            stops=False,
            repair_h=8.0,
        ),
    ),
    setpoints=(
        Setpoint("voltage_setpoint", "kV", 20, 24, 22.5, "Voltage that the tap changer keeps"),
        Setpoint("breaker_closed", "", 0, 1, 1.0, "Circuit breaker: 1 closes, 0 opens"),
    ),
    operated=False,
    companion="",
)
"""See the module."""
