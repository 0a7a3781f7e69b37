"""Small utilities of factories: vacuum pumps, fume extraction, dry cabinets."""

from __future__ import annotations

from dataclasses import replace

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.fouling import Fouling
from sim.degradation.gamma_wear import GammaWear
from sim.degradation.weibull_sudden import WeibullSudden
from sim.instruments import ammeter, flow_meter, gauge, percent, pressure_gauge, thermometer, vibration_sensor
from sim.kind import FailureMode
from sim.rated_machine import Quantity, RatedMachine

VACUUM_PUMP = RatedMachine(
    "vacuum_pump",
    rated_kw=7.2,
    rest_kw=0.2,
    quantities=(
        Quantity(
            pressure_gauge("vacuum", "Vacuum in the main, gauge", "kPa", -100, 0),
            0,
            -88,
            20,
            0.4,
            0.01,
            {"vane_wear": 21, "filter_clogging": 4},
        ),
        Quantity(
            ammeter("motor_current", "Motor current", 60),
            0,
            13.4,
            2,
            0.2,
            0.02,
            {"vane_wear": 3.4, "filter_clogging": 2.4},
        ),
        Quantity(
            thermometer("oil_temperature", "Oil temperature", 0, 160),
            30,
            78,
            1500,
            0.8,
            0.02,
            {"vane_wear": 19, "filter_clogging": 9},
        ),
        Quantity(vibration_sensor("vibration", "Vibration"), 0, 1.9, 2, 0.1, 0.06, {"vane_wear": 5.4}),
        Quantity(
            pressure_gauge("exhaust_dp", "Back pressure of the exhaust filter", "mbar", 0, 1000),
            0,
            120,
            5,
            4,
            0.05,
            {"filter_clogging": 420},
        ),
        Quantity(
            percent("oil_level", "Oil level"), 74, 70, 600, 0.5, 0.03, {"filter_clogging": -28}, "always"
        ),
        Quantity(
            thermometer("outlet_temperature", "Outlet air temperature", 0, 160),
            30,
            64,
            900,
            0.7,
            0.02,
            {"vane_wear": 11},
        ),
    ),
    modes=(
        FailureMode(
            "vane_wear",
            "LOO",
            "2.4 Wear",
            ExponentialGrowth(13_000.0, 0.3, 3.0),
            "Mòn cánh gạt",
            "Worn vanes",
            ("vacuum", "vibration", "oil_temperature", "motor_current"),
            repair_h=6.0,
        ),
        FailureMode(
            "filter_clogging",
            "PLU",
            "5.1 Blockage/plugged",
            Fouling(3200.0, 0.3),
            "Tắc lọc dầu khí xả",
            "Clogged exhaust filter",
            ("exhaust_dp", "oil_level", "motor_current"),
            stops=False,
            repair_h=1.5,
        ),
    ),
    station=False,
)

FUME_EXTRACTOR = RatedMachine(
    "fume_extractor",
    rated_kw=5.6,
    rest_kw=0.1,
    quantities=(
        Quantity(
            flow_meter("air_flow", "Exhaust air flow", "m³/h", 12_000),
            0,
            5200,
            5,
            40,
            0.02,
            {"filter_clogging": -1500},
        ),
        Quantity(
            pressure_gauge("suction", "Suction in the main", "Pa", -4000, 0),
            0,
            -1350,
            5,
            12,
            0.02,
            {"filter_clogging": 420},
        ),
        Quantity(
            pressure_gauge("filter_dp", "Pressure drop of the filter", "Pa", 0, 4000),
            0,
            410,
            5,
            8,
            0.05,
            {"filter_clogging": 1300},
        ),
        Quantity(
            gauge("carbon_breakthrough", "Organic vapour behind the carbon", "ppm", 0, 500),
            2,
            4,
            600,
            0.4,
            0.05,
            {"carbon_exhausted": 62},
        ),
        Quantity(
            ammeter("motor_current", "Fan motor current", 40), 0, 10.6, 2, 0.15, 0.02, {"fan_bearing": 1.6}
        ),
        Quantity(vibration_sensor("vibration", "Fan vibration"), 0, 1.6, 2, 0.1, 0.06, {"fan_bearing": 6.2}),
        Quantity(
            thermometer("bearing_temperature", "Fan bearing temperature", 0, 160),
            28,
            49,
            1500,
            0.6,
            0.03,
            {"fan_bearing": 30},
        ),
    ),
    modes=(
        FailureMode(
            "filter_clogging",
            "PLU",
            "5.1 Blockage/plugged",
            Fouling(1900.0, 0.3),
            "Nghẹt lọc khói hàn",
            "Clogged fume filter",
            ("filter_dp", "air_flow", "suction"),
            stops=False,
            repair_h=1.0,
        ),
        FailureMode(
            "carbon_exhausted",
            "PDE",
            "5.2 Contamination",
            GammaWear(5200.0, 0.2),
            "Than hoạt tính bão hòa",
            "Exhausted carbon",
            ("carbon_breakthrough",),
            stops=False,
            repair_h=2.0,
        ),
        FailureMode(
            "fan_bearing",
            "VIB",
            "2.6 Fatigue",
            ExponentialGrowth(16_000.0, 0.35, 5.0),
            "Hỏng ổ bi quạt hút",
            "Fan bearing damage",
            ("vibration", "bearing_temperature", "motor_current"),
            repair_h=5.0,
        ),
    ),
    station=False,
)

DRY_CABINET = RatedMachine(
    "dry_cabinet",
    rated_kw=0.45,
    rest_kw=0.02,
    power_factor=0.93,
    quantities=(
        Quantity(
            gauge("humidity", "Humidity inside", "%RH", 0, 100, 0.0005),
            46,
            2.4,
            1800,
            0.15,
            0.06,
            {"desiccant_saturated": 7.5, "door_seal_leak": 4.5},
            "powered",
        ),
        Quantity(
            thermometer("temperature", "Temperature inside", 0, 80),
            25,
            27.5,
            1800,
            0.25,
            0.01,
            follows="powered",
        ),
        Quantity(
            gauge("dew_point", "Dew point inside", "°C", -60, 60),
            12,
            -23,
            1800,
            0.6,
            0.03,
            {"desiccant_saturated": 21, "door_seal_leak": 14},
            "powered",
        ),
        Quantity(
            thermometer("desiccant_temperature", "Desiccant temperature", 0, 250),
            30,
            64,
            900,
            2.0,
            0.03,
            {"desiccant_saturated": 26},
            "powered",
        ),
        Quantity(
            percent("regeneration_duty", "Duty of regeneration"),
            0,
            22,
            600,
            1.2,
            0.04,
            {"desiccant_saturated": 52, "door_seal_leak": 24},
            "powered",
        ),
    ),
    modes=(
        FailureMode(
            "desiccant_saturated",
            "PDE",
            "5.2 Contamination",
            GammaWear(9000.0, 0.25),
            "Hạt hút ẩm bão hòa",
            "Worn-out desiccant",
            ("humidity", "dew_point", "regeneration_duty", "desiccant_temperature"),
            stops=False,
            repair_h=1.0,
        ),
        FailureMode(
            "door_seal_leak",
            "ELU",
            "1.1 Leakage",
            WeibullSudden(16_000.0, 1.6, 400.0),
            "Hở gioăng cửa tủ",
            "Leaking door seal",
            ("humidity", "dew_point"),
            stops=False,
            repair_h=0.5,
        ),
    ),
    heavier={"desiccant_saturated": 0.6},
    station=False,
)

KINDS = tuple(replace(row.kind, every_s=5.0) for row in (VACUUM_PUMP, FUME_EXTRACTOR, DRY_CABINET))
"""See the module."""
