"""A cloth inspection frame: cloth runs over a lit table, faults are marked, rolls are wound."""

from __future__ import annotations

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.gamma_wear import GammaWear
from sim.instruments import ammeter, gauge, thermometer, vibration_sensor
from sim.kind import FailureMode
from sim.rated_machine import Quantity, RatedMachine

KIND = RatedMachine(
    "fabric_inspection", 3.2, 0.6,
    (
        Quantity(gauge("fabric_speed", "Speed of the cloth", "m/min", 0, 100), 0, 28, 3, 0.6),
        Quantity(
            gauge("illuminance", "Light on the table", "lx", 0, 3000),
            0, 1250, 5, 6, 0.02, {"lamp_ageing": -560}, "powered",
        ),
        Quantity(
            gauge("fault_points", "Fault points per 100 m² (four-point system)", "", 0, 200),
            11, 11, 600, 1.4,
        ),
        Quantity(
            gauge("fabric_tension", "Tension of the cloth", "N", 0, 1000),
            0, 140, 4, 4, 0.02, {"roller_bearing_wear": 55},
        ),
        Quantity(
            ammeter("drive_current", "Winder drive current", 20),
            0, 5.2, 3, 0.1, 0.02, {"roller_bearing_wear": 1.8},
        ),
        Quantity(
            thermometer("drive_temperature", "Winder drive temperature"),
            32, 58, 1200, 0.8, 0.03, {"roller_bearing_wear": 12},
        ),
        Quantity(
            vibration_sensor("roller_vibration", "Guide roller vibration"),
            0, 0.9, 3, 0.05, 0.06, {"roller_bearing_wear": 4.2},
        ),
    ),
    modes=(
        FailureMode(
            "lamp_ageing", "PDE", "2.4 Wear", GammaWear(7000.0, 0.15),
            "Đèn bàn soi suy giảm", "Lamps of the table age", ("illuminance",), stops=False, repair_h=1.0,
        ),
        FailureMode(
            "roller_bearing_wear", "VIB", "2.4 Wear", ExponentialGrowth(10000.0, 0.35, 5.0),
            "Mòn ổ lô dẫn vải", "Guide roller bearing wear",
            ("roller_vibration", "fabric_tension", "drive_current", "drive_temperature"), repair_h=4.0,
        ),
    ),
    slows={"lamp_ageing": 0.25, "roller_bearing_wear": 0.2}, rejects={"lamp_ageing": 0.02},
).kind  # fmt: skip
"""See the module."""
