"""A jet dyeing machine: a batch of cotton goes through scouring, dyeing, soaping, and every bath goes to
the sewer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.fouling import Fouling
from sim.degradation.shock_wear import ShockWear
from sim.instruments import (
    ammeter,
    counter,
    flow_meter,
    gauge,
    percent,
    pressure_gauge,
    set_value,
    thermometer,
    vibration_sensor,
)
from sim.kind import ELECTRIC, F64, FailureMode, Input, MachineKind, Signal, Site, Tick
from sim.physics import dye_bath
from sim.physics.dye_recipe import ENDS, PHASES, TABLE
from sim.physics.effluent import EFFLUENT, loads
from sim.physics.lag import Lag
from sim.physics.steam import condensing_kj_kg, saturation_c
from sim.rated_machine import POWER, Electrics, Quantity, QuantityBank

_WATER_C, _HALL_C, _COOLING_C = 27.0, 33.0, 30.0
_WARM_K = 22.0  # the tank of warm water holds no more than about 50 °C
_COTTON_KJ_KG_K, _STEEL_KJ_KG_K = 1.34, 0.5


class DyeingParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of one machine.

    Args:
        goods_kg: a batch.
        liquor_ratio: litres of liquor to a kilogram of goods.
        programme_h: how long the programme takes when nothing slows it [h]; not more than the shortest cycle
            of its line: what is left of a longer one is loading and unloading.
        steel_kg: mass of the machine that is heated with the bath.
        coil_kw_k, cooler_kw_k, loss_kw_k: conductances of heater, cooler and shell [kW/K].
        fill_m3_h, drain_m3_h: at 4 bar of water, and with the drain open.
        pump_kw: main pump.
        recovery: share of a dropped bath's heat above the mains that its plate cooler gives to the water of
            the next bath.
    """

    goods_kg: float = 400.0
    liquor_ratio: float = 8.0
    programme_h: float = 4.0
    steel_kg: float = 2300.0
    coil_kw_k: float = 12.0
    cooler_kw_k: float = 18.0
    loss_kw_k: float = 0.14
    fill_m3_h: float = 40.0
    drain_m3_h: float = 48.0
    pump_kw: float = 30.0
    recovery: float = 0.5


_QUANTITIES = (
    Quantity(
        flow_meter("pump_flow", "Main pump flow", "m³/h", 250),
        0, 152, 4, 1.2, 0.02, {"pump_wear": -49},
    ),
    Quantity(
        pressure_gauge("nozzle_pressure", "Jet nozzle pressure", "bar", 0, 6),
        0, 1.9, 4, 0.03, 0.02, {"pump_wear": -0.85},
    ),
    Quantity(
        vibration_sensor("pump_vibration", "Main pump vibration"),
        0, 1.7, 4, 0.1, 0.06, {"pump_wear": 5.2},
    ),
    Quantity(ammeter("pump_current", "Main pump current", 100), 0, 49, 4, 0.4, 0.02, {"pump_wear": 8.0}),
    Quantity(
        gauge("rope_speed", "Speed of the goods", "m/min", 0, 600),
        0, 260, 6, 3.0, 0.02, {"pump_wear": -55},
    ),
)  # fmt: skip

_MODES = (
    FailureMode(
        "heater_fouling", "IHT", "5.1 Blockage/plugged", Fouling(2600.0, 0.35, 1.25),
        "Bám cặn bộ trao đổi nhiệt", "Heat exchanger fouling",
        ("steam_valve", "cycle_time"), stops=False, repair_h=8.0,
    ),
    FailureMode(
        "pump_wear", "LOO", "2.4 Wear", ExponentialGrowth(7500.0, 0.35, 4.0),
        "Mòn bơm tuần hoàn", "Main pump wear",
        ("pump_flow", "nozzle_pressure", "pump_vibration", "pump_current", "rope_speed"), repair_h=10.0,
    ),
    FailureMode(
        "steam_valve_leak", "LCP", "2.3 Erosion", ShockWear(6000.0, 0.4, 8.0),
        "Van hơi rò trong", "Steam valve passes when shut",
        ("bath_temperature", "steam_flow"), stops=False, repair_h=4.0,
    ),
    FailureMode(
        "dosing_drift", "PDE", "3.4 Out of adjustment", ShockWear(3000.0, 0.6, 6.0),
        "Lệch định lượng hóa chất", "Chemical dosing drift",
        ("bath_ph", "conductivity", "reject_count"), stops=False, repair_h=2.0,
    ),
)  # fmt: skip

_NAMES = tuple(mode.name for mode in _MODES)


class DyeingFleet:
    """All dyeing machines. The line says when a batch begins; the programme goes on while it is worked on."""

    def __init__(self, parameters: Sequence[DyeingParameters], site: Site) -> None:
        n = len(parameters)
        rng = site.rng()
        column = {
            name: np.array([float(getattr(one, name)) for one in parameters])
            for name in DyeingParameters.__struct_fields__
        }
        self._full_l = column["goods_kg"] * column["liquor_ratio"]
        self._programme_s = column["programme_h"] * 3600.0
        self._dry_kj_k = column["goods_kg"] * _COTTON_KJ_KG_K + column["steel_kg"] * _STEEL_KJ_KG_K
        self._coil, self._cooler, self._loss = (column[f"{name}_kw_k"] for name in ("coil", "cooler", "loss"))
        self._fill_l_s, self._drain_l_s = column["fill_m3_h"] / 3.6, column["drain_m3_h"] / 3.6
        self._pump_kw = column["pump_kw"]
        self._recovery = column["recovery"]
        self._stored_kj = np.zeros(n)
        self._share = np.ones(n)  # of the programme that is done; 1 = nothing in it
        self._bath_c = np.full(n, _HALL_C)
        self._set_c = np.full(n, _HALL_C)
        self._level_l = np.zeros(n)
        self._water_m3, self._steam_kg, self._batches = np.zeros(n), np.zeros(n), np.zeros(n)
        self._begun = False
        self._chemistry = Lag(90.0)  # dosing and circulation time of the liquor
        self._bank = QuantityBank(_QUANTITIES, _NAMES, n, rng)
        self._electrics = Electrics(n, 0.84)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        dt_s, severity = tick.dt_s, tick.severity
        steam_bar = np.maximum(tick.inputs["steam_bar"], 0.0)
        pace = np.minimum(np.maximum(steam_bar / 4.0, 0.3), 1.0) * (
            1.0 - 0.28 * severity["heater_fouling"] ** 2
        )
        pace = np.maximum(pace, 0.2)
        if not self._begun:
            self._take_over(tick)
        # a batch that is not half through is not over, whatever is counted in
        starts = (tick.begun > 0.0) & (self._share >= 0.5)
        self._batches = self._batches + starts
        share = np.where(starts, 0.0, self._share) + dt_s * tick.work * pace / self._programme_s
        self._share = np.where(tick.wip > 0.0, np.minimum(share, 1.0), 1.0)
        shown, level, set_c, k_min, ph, salt, cod, tss, nh4, acid = TABLE[
            :, np.searchsorted(ENDS, self._share, side="right")
        ]
        steam_c = saturation_c(steam_bar)

        capacity = self._capacity()
        filled_l, drained_l = self._move_liquor(tick, level)
        effluent_c = self._bath_c - self._recovery * np.maximum(self._bath_c - _WATER_C, 0.0)
        self._stored_kj = self._stored_kj + drained_l * dye_bath.WATER_KJ_L_K * (self._bath_c - effluent_c)
        warmed_kj = np.minimum(self._stored_kj, filled_l * dye_bath.WATER_KJ_L_K * _WARM_K)
        self._stored_kj = self._stored_kj - warmed_kj
        fill_c = _WATER_C + warmed_kj / np.maximum(filled_l * dye_bath.WATER_KJ_L_K, 1e-9)
        mixed_c = dye_bath.mixed_c(capacity, self._bath_c, filled_l, fill_c)
        heat_kw = self._move_heat(tick, set_c, k_min, steam_c, mixed_c)
        steam_kg_h = heat_kw / condensing_kj_kg(steam_bar) * 3600.0
        clean_kw = self._coil * (steam_c - self._bath_c)
        full_kw = np.maximum(clean_kw * (1.0 - 0.62 * severity["heater_fouling"]), 1.0)

        hours = max(dt_s / 3600.0, 1e-12)
        fill_m3_h, drain_m3_h = filled_l / 1000.0 / hours, drained_l / 1000.0 / hours
        self._water_m3 = self._water_m3 + filled_l / 1000.0
        self._steam_kg = self._steam_kg + steam_kg_h * (dt_s / 3600.0)
        off = 1.0 - 0.22 * severity["dosing_drift"]
        ph, salt = self._chemistry.step(np.array([7.3 + (ph - 7.3) * off, 0.5 + (salt - 0.5) * off]), dt_s)

        circulates = tick.powered & (self._level_l > 0.4 * self._full_l) & (set_c > 0.0)
        turns = circulates.astype(np.float64)
        out = self._bank.step(tick, turns)
        load_kw = self._pump_kw * (0.92 + 0.2 * severity["pump_wear"]) * turns + 3.5 * tick.running + 0.8
        out |= self._electrics.step(tick, load_kw)
        out |= loads(drain_m3_h, effluent_c, cod, tss, nh4, acid * off)
        out |= {
            "phase": shown,
            "program_progress": 100.0 * self._share * (tick.wip > 0.0),
            "bath_temperature": self._bath_c,
            "bath_setpoint": self._set_c,
            "temperature_lag": np.maximum(self._set_c - self._bath_c, 0.0) * (set_c > 0.0),
            "liquor_level": self._level_l,
            "bath_ph": ph,
            "conductivity": salt,
            "steam_valve": np.minimum(100.0 * heat_kw / full_kw, 100.0),
            "steam_flow": steam_kg_h,
            "water_flow": fill_m3_h,
            "effluent_flow": drain_m3_h,
            "effluent_temperature": effluent_c,
            "water_total": self._water_m3,
            "steam_total": self._steam_kg,
            "batches": self._batches,
            "pace": pace,
            "reject_share": np.minimum(
                0.25 * severity["dosing_drift"] ** 2 + 0.1 * severity["pump_wear"] ** 2, 0.6
            ),
            "water_m3_h": fill_m3_h,
            "steam_kg_h": steam_kg_h,
        }
        return out

    def _take_over(self, tick: Tick) -> None:
        """The plant has run before: whoever holds a batch at the first moment is somewhere in its
        programme."""
        self._begun = True
        somewhere = tick.rng.uniform(0.02, 0.98, len(self._share))
        self._share = np.where((tick.wip > 0.0) & (tick.begun <= 0.0), somewhere, 1.0)
        _, level, set_c, *_ = TABLE[:, np.searchsorted(ENDS, self._share, side="right")]
        self._level_l = level * self._full_l
        self._bath_c = np.where(set_c > 0.0, set_c, _HALL_C)
        self._set_c = self._bath_c.copy()

    def _capacity(self) -> F64:
        """Heat capacity of goods, steel and liquor [kJ/K]."""
        capacity: F64 = self._dry_kj_k + dye_bath.WATER_KJ_L_K * self._level_l
        return capacity

    def _move_liquor(self, tick: Tick, wanted: F64) -> tuple[F64, F64]:
        """Fill or drain towards the phase's level; litres that came in and went out."""
        gap_l = wanted * self._full_l - self._level_l
        fill_l_s = self._fill_l_s * np.sqrt(np.minimum(np.maximum(tick.inputs["water_bar"] / 4.0, 0.0), 1.5))
        filled_l = np.minimum(np.maximum(gap_l, 0.0), fill_l_s * tick.dt_s) * tick.powered
        drained_l = np.minimum(np.maximum(-gap_l, 0.0), self._drain_l_s * tick.dt_s)
        self._level_l = self._level_l + filled_l - drained_l
        return filled_l, drained_l

    def _move_heat(self, tick: Tick, set_c: F64, k_min: F64, steam_c: F64, mixed_c: F64) -> F64:
        """Let the bath follow its programme; heat from the coil [kW]."""
        dt_s, severity = tick.dt_s, tick.severity
        capacity = self._capacity()
        controls = (set_c > 0.0) & tick.powered & (tick.wip > 0.0)
        ramp_k = k_min * (dt_s / 60.0)
        ramped_c = np.minimum(np.maximum(set_c, self._set_c - ramp_k), self._set_c + ramp_k)
        self._set_c = np.where(controls, ramped_c, mixed_c)
        # a valve that passes heats what should be left alone, as a coil of a few per cent of its size
        open_kw_k = self._coil * (1.0 - 0.62 * severity["heater_fouling"])
        exchange = dye_bath.Exchange(
            np.where(controls, np.maximum(open_kw_k, 0.05), 0.0),
            steam_c,
            np.where(controls, self._cooler, 0.0),
            _COOLING_C,
            self._loss,
            _HALL_C,
        )
        after_c, heat_kw, _ = dye_bath.step(mixed_c, self._set_c, capacity, exchange, dt_s)
        leak_kw_k = 0.02 * self._coil * severity["steam_valve_leak"] * (self._level_l > 0.2 * self._full_l)
        hotter_k = np.maximum(steam_c - after_c, 0.0)
        passing_kw = leak_kw_k * hotter_k
        self._bath_c = after_c - hotter_k * np.expm1(-leak_kw_k * dt_s / capacity)
        from_coil_kw: F64 = heat_kw + passing_kw
        return from_coil_kw


KIND = MachineKind(
    "dyeing_machine",
    DyeingParameters,
    signals=(
        Signal("phase", "Phase of the programme", data_type="String", texts=PHASES),
        percent("program_progress", "Programme done"),
        thermometer("bath_temperature", "Bath temperature", 0, 150),
        set_value("bath_setpoint", "Bath set point", "°C", 0, 150),
        gauge("temperature_lag", "Bath temperature below its set point", "K", 0, 150, 0.0004),
        gauge("liquor_level", "Liquor in the machine", "L", 0, 8000, 0.001),
        gauge("bath_ph", "pH of the bath", "pH", 0, 14, 0.002),
        gauge("conductivity", "Conductivity of the bath", "mS/cm", 0, 200, 0.001),
        percent("steam_valve", "Steam valve opening"),
        flow_meter("steam_flow", "Steam used", "kg/h", 4000),
        flow_meter("water_flow", "Water running in", "m³/h", 100),
        flow_meter("effluent_flow", "Liquor running out", "m³/h", 100),
        thermometer("effluent_temperature", "Liquor after the plate cooler", 0, 150),
        counter("water_total", "Water used", "m³"),
        counter("steam_total", "Steam used in total", "kg"),
        counter("batches", "Batches begun"),
        POWER,
        *(row.signal for row in _QUANTITIES),
    ),
    create=DyeingFleet,
    flows=(*ELECTRIC, "pace", "reject_share", "water_m3_h", "steam_kg_h", *EFFLUENT),
    inputs=(
        Input("steam_bar", "steam", "upstream", "steam_bar", "max", default=7.0, lagged=True),
        Input("water_bar", "water", "upstream", "water_bar", "max", default=4.0, lagged=True),
    ),
    modes=_MODES,
    station=True,
    companion="PackML",
)
