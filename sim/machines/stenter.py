"""A stenter: cloth on a chain through chambers of hot air, dried and set; gas burns in every chamber."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.fouling import Fouling
from sim.degradation.gamma_wear import GammaWear
from sim.instruments import (
    ammeter,
    counter,
    flow_meter,
    gauge,
    percent,
    set_value,
    thermometer,
    vibration_sensor,
)
from sim.kind import ELECTRIC, F64, FailureMode, MachineKind, Setpoint, Site, Tick
from sim.physics.boiler import NATURAL_GAS_KWH_NM3
from sim.rated_machine import POWER, Electrics, Quantity, QuantityBank

CHAMBERS = 8
_ZONES = tuple(f"zone{number}_temperature" for number in range(1, CHAMBERS + 1))
_OFFSET_K = (-38.0, -22.0, -8.0, 0.0, 0.0, 0.0, 0.0, -12.0)
"""Chambers of the profile below the set point: cold and wet cloth enters, and is cooled before it leaves."""

_HALL_C = 34.0
_EVAPORATION_KJ_KG = 2680.0  # water at 30 °C to vapour at 140 °C, IAPWS-IF97


class StenterParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of one stenter.

    Args:
        speed_m_min: of the cloth at full pace.
        width_m, weight_g_m2: of the cloth.
        wet, dry: moisture before and after, as shares of the dry weight.
        exhaust_kg_h: air that is drawn off at full pace.
        zone_setpoint: temperature of the setting chambers [°C].
        fans_kw: circulation and exhaust fans.
    """

    speed_m_min: float = 26.0
    width_m: float = 1.9
    weight_g_m2: float = 185.0
    wet: float = 0.65
    dry: float = 0.06
    exhaust_kg_h: float = 11500.0
    zone_setpoint: float = 165.0
    fans_kw: float = 92.0


_SIDE = (
    Quantity(
        gauge("fabric_width", "Width of the cloth", "mm", 0, 3000),
        1800, 1800, 20, 1.2, 0.0, {"chain_wear": -18},
    ),
    Quantity(gauge("overfeed", "Overfeed", "%", -20, 60), 0, 12, 10, 0.3),
    Quantity(
        gauge("chain_tension", "Chain tension", "kN", 0, 30),
        6, 9.2, 10, 0.1, 0.02, {"chain_wear": 4.6},
    ),
    Quantity(ammeter("chain_current", "Chain drive current", 60), 0, 14.5, 5, 0.2, 0.02, {"chain_wear": 7.0}),
    Quantity(
        vibration_sensor("fan_vibration", "Circulation fan vibration, worst chamber"),
        0, 2.1, 5, 0.12, 0.06, {"fan_bearing_wear": 6.2},
    ),
    Quantity(
        thermometer("fan_bearing_temperature", "Circulation fan bearing, worst chamber", 0, 200),
        40, 74, 1500, 0.9, 0.02, {"fan_bearing_wear": 34},
    ),
    Quantity(
        gauge("exhaust_humidity", "Moisture of the exhaust, g/kg", "", 0, 300),
        18, 96, 40, 3.0, 0.0, {"lint_filter_fouling": 62},
    ),
    Quantity(
        gauge("fabric_moisture", "Residual moisture of the cloth", "%", 0, 100),
        6.0, 6.0, 20, 0.35, 0.0, {"lint_filter_fouling": 3.4},
    ),
)  # fmt: skip

_QUANTITIES = (
    *(
        Quantity(
            thermometer(name, f"Chamber {number} air temperature", 0, 300), _HALL_C, 165.0 + offset, 240,
            0.8, 0.0, {"burner_fouling": -11.0 if number in (3, 4, 5) else -4.0}, follows="powered",
        )
        for number, (name, offset) in enumerate(zip(_ZONES, _OFFSET_K, strict=True), 1)
    ),
    *_SIDE,
)  # fmt: skip

_MODES = (
    FailureMode(
        "burner_fouling", "PDE", "5.1 Blockage/plugged", Fouling(1800.0, 0.35, 1.25),
        "Tắc đầu đốt buồng sấy", "Burner fouling",
        ("zone3_temperature", "zone4_temperature", "zone5_temperature", "burner_output"),
        stops=False, repair_h=5.0,
    ),
    FailureMode(
        "lint_filter_fouling", "PLU", "5.1 Blockage/plugged", Fouling(160.0, 0.4, 1.25),
        "Tắc lưới lọc bông", "Lint filter fouling",
        ("exhaust_humidity", "fabric_moisture"), stops=False, repair_h=0.5,
    ),
    FailureMode(
        "fan_bearing_wear", "VIB", "2.6 Fatigue", ExponentialGrowth(9000.0, 0.35, 5.0),
        "Hỏng ổ quạt tuần hoàn", "Circulation fan bearing wear",
        ("fan_vibration", "fan_bearing_temperature"), repair_h=8.0,
    ),
    FailureMode(
        "chain_wear", "PDE", "2.4 Wear", GammaWear(6500.0, 0.2),
        "Mòn xích căng", "Chain wear",
        ("chain_tension", "chain_current", "fabric_width", "reject_count"), repair_h=16.0,
    ),
)  # fmt: skip

_NAMES = tuple(mode.name for mode in _MODES)


class StenterFleet:
    """All stenters."""

    def __init__(self, parameters: Sequence[StenterParameters], site: Site) -> None:
        n = len(parameters)
        column = {
            name: np.array([float(getattr(one, name)) for one in parameters])
            for name in StenterParameters.__struct_fields__
        }
        self._speed = column["speed_m_min"]
        self._dry_kg_m = column["width_m"] * column["weight_g_m2"] / 1000.0
        self._water = column["wet"] - column["dry"]
        self._exhaust = column["exhaust_kg_h"]
        self._fans_kw = column["fans_kw"]
        self._cloth_m, self._gas_nm3 = np.zeros(n), np.zeros(n)
        self._bank = QuantityBank(_QUANTITIES, _NAMES, n, site.rng())
        self._electrics = Electrics(n, 0.85)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        severity, work = tick.severity, tick.work
        setpoint = tick.setpoints["zone_setpoint"]
        shift = (setpoint - 165.0) * tick.powered
        out = self._bank.step(tick, work, dict.fromkeys(_ZONES, shift))
        pace = 1.0 - 0.2 * severity["lint_filter_fouling"] ** 2 - 0.15 * severity["burner_fouling"] ** 2
        pace = np.maximum(pace, 0.3)
        speed = self._speed * work * pace
        warm = tick.powered.astype(np.float64)
        # exhaust flaps close to a quarter while no cloth runs
        clogged = 1.0 - 0.25 * severity["lint_filter_fouling"]
        exhaust_kg_h = self._exhaust * (0.25 + 0.75 * work) * warm * clogged
        air_kw = exhaust_kg_h / 3600.0 * 1.02 * np.maximum(out["zone2_temperature"] - _HALL_C, 0.0)
        dried_kg_h = speed * 60.0 * self._dry_kg_m * self._water
        goods_kw = speed * self._dry_kg_m / 60.0 * 1.4 * 110.0
        heat_kw = air_kw + dried_kg_h / 3600.0 * _EVAPORATION_KJ_KG + goods_kw + 35.0 * warm
        gas_nm3_h = heat_kw / NATURAL_GAS_KWH_NM3 / 0.9 * (1.0 + 0.12 * severity["burner_fouling"])
        self._cloth_m = self._cloth_m + speed * (tick.dt_s / 60.0)
        self._gas_nm3 = self._gas_nm3 + gas_nm3_h * (tick.dt_s / 3600.0)
        worn = 1.0 + 0.05 * severity["fan_bearing_wear"] + 0.04 * severity["chain_wear"]
        out |= self._electrics.step(tick, self._fans_kw * (0.35 + 0.65 * work) * worn + 4.0)
        output = 100.0 * heat_kw / 1150.0 * (1.0 + 0.35 * severity["burner_fouling"])
        out |= {
            "zone_setpoint": setpoint,
            "fabric_speed": speed,
            "exhaust_temperature": np.maximum(0.82 * out["zone2_temperature"], _HALL_C),
            "burner_output": np.minimum(output, 100.0),
            "water_evaporated": dried_kg_h,
            "gas_flow": gas_nm3_h,
            "cloth_length": self._cloth_m,
            "gas_total": self._gas_nm3,
            "pace": pace,
            "reject_share": np.minimum(
                0.06 * severity["burner_fouling"] ** 2 + 0.1 * severity["chain_wear"] ** 2, 0.6
            ),
            "gas_nm3_h": gas_nm3_h,
        }
        return out


KIND = MachineKind(
    "stenter",
    StenterParameters,
    signals=(
        set_value("zone_setpoint", "Set point of the setting chambers", "°C", 0, 300),
        *(row.signal for row in _QUANTITIES),
        gauge("fabric_speed", "Speed of the cloth", "m/min", 0, 120),
        thermometer("exhaust_temperature", "Exhaust temperature", 0, 300),
        percent("burner_output", "Burner output, mean of the chambers"),
        flow_meter("water_evaporated", "Water evaporated", "kg/h", 2000),
        flow_meter("gas_flow", "Gas used", "Nm³/h", 400),
        counter("cloth_length", "Cloth finished", "m"),
        counter("gas_total", "Gas used in total", "m³"),
        POWER,
    ),
    create=StenterFleet,
    flows=(*ELECTRIC, "pace", "reject_share", "gas_nm3_h"),
    modes=_MODES,
    setpoints=(Setpoint("zone_setpoint", "°C", 100, 210, 165, "Temperature of the setting chambers"),),
    station=True,
    companion="PackML",
)
