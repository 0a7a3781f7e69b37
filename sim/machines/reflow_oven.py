"""A reflow oven of ten zones under nitrogen: heaters hold their set points, boards cool what they enter.

A zone is a first-order lag towards its set point, or towards what its heater can still hold: losses to the
hall and to the boards that pass must be made up by at most its installed power. Residual oxygen is
dilution: air that leaks in at the ends mixes with the nitrogen that is fed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.fouling import Fouling
from sim.degradation.gamma_wear import GammaWear
from sim.degradation.weibull_sudden import WeibullSudden
from sim.instruments import flow_meter, gauge, percent, set_value, thermometer, vibration_sensor
from sim.kind import ELECTRIC, F64, FailureMode, Input, MachineKind, Sensor, Setpoint, Signal, Site, Tick
from sim.physics.columns import column
from sim.physics.lag import Lag
from sim.rated_machine import Electrics, Quantity, QuantityBank

ZONES = 10
PROFILE_C = (110.0, 130.0, 150.0, 165.0, 175.0, 185.0, 200.0, 225.0, 245.0, 250.0)
"""Set points [°C]: ramp, soak, reflow above 217 °C of SAC305 (J-STD-020: package peak at most 260 °C)."""

AMBIENT_C = 26.0
LOSS_KW_K = 0.0078
"""What a zone loses per kelvin above the hall [kW/K]."""
BOARD_KJ_K = 0.24
"""Heat capacity of a populated board on its carrier [kJ/K]."""
AIR_OXYGEN_PPM = 209_500.0
_CONTROLLED_TAU_S, _COOLING_TAU_S = 45.0, 1500.0
_PLACES = 64
"""Boards that an oven can hold at once in the books."""


class ReflowOvenParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One oven.

    Args:
        tunnel_m: heated length [m].
        heater_kw: installed power of a zone [kW].
        board_dip_c: how far a board pulls down the zone it enters before the controller answers [K].
        leak_nm3_h: air that comes in at the ends [Nm³/h].
    """

    tunnel_m: float = 4.5
    heater_kw: float = 4.5
    board_dip_c: float = 0.6
    leak_nm3_h: float = 0.07

    def __post_init__(self) -> None:
        if not (self.tunnel_m > 0 and self.heater_kw > LOSS_KW_K * (PROFILE_C[-1] - AMBIENT_C)):
            raise ValueError(
                f"tunnel_m {self.tunnel_m}, heater_kw {self.heater_kw}: a zone must be able to hold 250 °C"
            )


_QUANTITIES = (
    Quantity(
        gauge("blower1_current", "Recirculation blower 1 current", "A", 0, 30),
        0,
        6.4,
        3,
        0.1,
        0.03,
        {"blower_bearing": 2.2},
        "powered",
    ),
    Quantity(
        gauge("blower2_current", "Recirculation blower 2 current", "A", 0, 30),
        0,
        6.4,
        3,
        0.1,
        0.03,
        follows="powered",
    ),
    Quantity(
        vibration_sensor("blower_vibration", "Blower vibration", 30),
        0,
        1.5,
        3,
        0.08,
        0.08,
        {"blower_bearing": 6.0},
        "powered",
    ),
    Quantity(
        thermometer("board_exit_temperature", "Board temperature behind the cooling zone", 0, 150),
        30,
        48,
        120,
        0.8,
        0.02,
        {"flux_fouling": 22},
    ),
    Quantity(
        thermometer("exhaust_temperature", "Exhaust temperature", 0, 200),
        34,
        62,
        300,
        1.0,
        0.03,
        {"flux_fouling": -7},
        "powered",
    ),
    Quantity(
        gauge("exhaust_draught", "Exhaust draught", "Pa", -500, 0),
        0,
        -180,
        5,
        5,
        0.03,
        {"flux_fouling": 110},
        "powered",
    ),
    Quantity(
        gauge("chain_tension", "Chain tension", "N", 0, 2000),
        610,
        650,
        30,
        6,
        0.02,
        {"chain_wear": -260},
        "always",
    ),
)

_MODES = (
    FailureMode(
        "heater_ageing",
        "IHT",
        "4.2 Open circuit",
        GammaWear(15_000.0, 0.25),
        "Lão hóa thanh gia nhiệt vùng 8",
        "Zone 8 heater elements burn out one by one",
        ("zone8_temperature", "zone8_duty"),
        stops=False,
        repair_h=3.0,
    ),
    FailureMode(
        "blower_bearing",
        "VIB",
        "2.6 Fatigue",
        ExponentialGrowth(16_000.0, 0.3, 5.0),
        "Hỏng ổ bi quạt tuần hoàn",
        "Recirculation blower bearing",
        ("blower_vibration", "blower1_current", "zone4_temperature"),
        repair_h=6.0,
    ),
    FailureMode(
        "flux_fouling",
        "PLU",
        "5.2 Contamination",
        Fouling(1400.0, 0.3),
        "Bám cặn nhựa thông ở buồng làm mát",
        "Flux residue in cooler and exhaust",
        ("exhaust_draught", "board_exit_temperature", "exhaust_temperature"),
        stops=False,
        repair_h=4.0,
    ),
    FailureMode(
        "seal_leak",
        "INL",
        "1.1 Leakage",
        WeibullSudden(12_000.0, 1.6, 400.0),
        "Hở gioăng buồng nitơ",
        "Tunnel seal lets air in",
        ("oxygen", "nitrogen_flow"),
        stops=False,
        repair_h=3.0,
    ),
    FailureMode(
        "chain_wear",
        "PDE",
        "2.4 Wear",
        GammaWear(14_000.0, 0.2),
        "Mòn, giãn xích tải",
        "Worn and stretched chain",
        ("chain_tension", "conveyor_speed"),
        stops=False,
        repair_h=6.0,
    ),
)
_NAMES = tuple(mode.name for mode in _MODES)
_SETPOINTS = tuple(f"zone{zone}_setpoint" for zone in range(1, ZONES + 1))


class ReflowOvenFleet:
    """All ovens. An oven is not ``ready`` while a zone is more than 15 K off its set point."""

    def __init__(self, parameters: Sequence[ReflowOvenParameters], site: Site) -> None:
        n = len(parameters)
        rng = site.rng()
        self._tunnel_m = column(parameters, "tunnel_m")
        self._heater_kw = np.tile(column(parameters, "heater_kw"), (ZONES, 1))
        self._dip_c = column(parameters, "board_dip_c")
        self._leak = column(parameters, "leak_nm3_h")
        self._zone_c = np.tile(np.array(PROFILE_C)[:, None], (1, n)) + rng.normal(0.0, 0.1, (ZONES, n))
        self._bank = QuantityBank(_QUANTITIES, _NAMES, n, rng)
        self._electrics = Electrics(n, 0.97)
        self._oxygen = Lag(170.0)
        self._clock_s = 0.0
        self._entered_s = np.full((n, _PLACES), -1e9)
        self._next = np.zeros(n, np.int64)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        severity, dt_s = tick.severity, tick.dt_s
        setpoint = np.array([tick.setpoints[name] for name in _SETPOINTS])
        speed = tick.setpoints["conveyor_speed"] * (1.0 - 0.07 * severity["chain_wear"])
        dwell_s = 60.0 * self._tunnel_m / speed / ZONES
        flow_per_s = np.minimum(tick.wip / (dwell_s * ZONES), 1.0)
        # boards take up what lies between a zone and the one before
        gained_k = np.maximum(np.diff(setpoint, axis=0, prepend=AMBIENT_C), 0.0)
        board_kw = BOARD_KJ_K * flow_per_s * gained_k
        capacity = self._heater_kw.copy()
        capacity[7] *= np.maximum(1.0 - 0.72 * severity["heater_ageing"], 0.0)
        capacity *= tick.powered
        needed_kw = LOSS_KW_K * (setpoint - AMBIENT_C) + board_kw
        held_kw = np.minimum(needed_kw, capacity)
        target = AMBIENT_C + np.maximum(held_kw - board_kw * tick.powered, 0.0) / LOSS_KW_K
        target[3] -= 5.0 * np.square(severity["blower_bearing"]) * tick.powered
        tau_s = np.where(tick.powered, _CONTROLLED_TAU_S, _COOLING_TAU_S)
        self._zone_c = target + (self._zone_c - target) * np.exp(-dt_s / tau_s)
        self._cool_by_boards(tick, dwell_s)
        zone_c = self._zone_c

        # the oxygen controller answers a leak with nitrogen, as far as its valve goes
        nitrogen = tick.setpoints["nitrogen_flow"] * (1.0 + 0.2 * severity["seal_leak"]) * tick.powered
        leak = self._leak * (1.0 + 3.2 * severity["seal_leak"])
        mixed = (nitrogen * tick.inputs["supply_ppm"] + leak * AIR_OXYGEN_PPM) / np.maximum(
            nitrogen + leak, 1e-6
        )
        oxygen = self._oxygen.step(np.minimum(mixed, AIR_OXYGEN_PPM), dt_s)
        out = self._bank.step(tick, tick.work)
        out |= self._electrics.step(tick, 2.5 + held_kw.sum(axis=0))
        out |= {f"zone{zone + 1}_temperature": zone_c[zone] for zone in range(ZONES)}
        out |= {name: setpoint[zone] for zone, name in enumerate(_SETPOINTS)}
        out |= {
            "zone8_duty": 100.0 * held_kw[7] / np.maximum(capacity[7], 0.05),
            "conveyor_speed": speed * tick.powered,
            "oxygen": oxygen,
            "nitrogen_flow": nitrogen,
            "nitrogen_nm3_h": nitrogen,
            "board_count": tick.wip,
            "pace": np.minimum(speed / 0.9, 1.0),
            "reject_share": np.minimum(
                0.0004 * np.maximum(np.abs(zone_c - setpoint).max(axis=0) - 5.0, 0.0)
                + 6e-6 * np.maximum(oxygen - 1000.0, 0.0),
                0.5,
            ),
            "ready": (np.abs(zone_c - setpoint).max(axis=0) < 15.0).astype(np.float64),
        }
        return out

    def _cool_by_boards(self, tick: Tick, dwell_s: F64) -> None:
        """Every board that came into a zone during the step has pulled it down; some of that is mended
        again."""
        self._clock_s += tick.dt_s
        for unit in np.flatnonzero(tick.begun):
            for _ in range(min(int(tick.begun[unit]), _PLACES)):
                self._entered_s[unit, self._next[unit]] = self._clock_s - 0.5 * tick.dt_s
                self._next[unit] = (self._next[unit] + 1) % _PLACES
        inside_s = self._clock_s - self._entered_s
        zone = np.floor(inside_s / dwell_s[:, None])
        came = (
            (zone != np.floor((inside_s - tick.dt_s) / dwell_s[:, None]))
            & (zone < ZONES)
            & tick.powered[:, None]
        )
        if came.any():
            units, place = np.nonzero(came)
            entered = zone[units, place].astype(np.int64)
            since_s = inside_s[units, place] - entered * dwell_s[units]
            np.subtract.at(
                self._zone_c, (entered, units), self._dip_c[units] * np.exp(-since_s / _CONTROLLED_TAU_S)
            )


KIND = MachineKind(
    "reflow_oven",
    ReflowOvenParameters,
    signals=(
        Signal("active_power", "Active power", "kW", 0, 80, sensor=Sensor(0.05, 0.01)),
        *(
            Signal(f"zone{n}_temperature", f"Zone {n} temperature", "°C", 0, 350, sensor=Sensor(0.08, 0.1))
            for n in range(1, ZONES + 1)
        ),
        *(set_value(f"zone{n}_setpoint", f"Zone {n} set point", "°C", 0, 350) for n in range(1, ZONES + 1)),
        percent("zone8_duty", "Zone 8 heater duty"),
        gauge("conveyor_speed", "Chain speed", "m/min", 0, 2, 0.0002),
        gauge("oxygen", "Residual oxygen in the tunnel", "ppm", 0, 250_000, 0.00003),
        flow_meter("nitrogen_flow", "Nitrogen flow", "Nm³/h", 100),
        Signal("board_count", "Boards in the oven", "pcs", 0, 100, "UInt32"),
        *(row.signal for row in _QUANTITIES),
    ),
    create=ReflowOvenFleet,
    flows=(*ELECTRIC, "nitrogen_nm3_h", "pace", "reject_share", "ready"),
    inputs=(Input("supply_ppm", "gas", "upstream", "oxygen_ppm", "max", default=50.0, lagged=True),),
    modes=_MODES,
    setpoints=(
        *(
            Setpoint(name, "°C", 20, 300, profile_c, f"Zone {zone} set point")
            for zone, (name, profile_c) in enumerate(zip(_SETPOINTS, PROFILE_C, strict=True), 1)
        ),
        Setpoint("conveyor_speed", "m/min", 0.4, 1.6, 0.9, "Chain speed"),
        Setpoint("nitrogen_flow", "Nm³/h", 5, 60, 25, "Nitrogen to the tunnel"),
    ),
    station=True,
    companion="PackML",
)
"""See the module."""
