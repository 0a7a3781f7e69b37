"""The dry end: case former, case packer, sealer, checkweigher, palletiser. Rows of rated machines.

Eight cases a minute; suction cups, glue, belts and servo axes are what wears in them.
"""

from __future__ import annotations

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.fouling import Fouling
from sim.degradation.gamma_wear import GammaWear
from sim.degradation.paris_crack import ParisCrack
from sim.degradation.shock_wear import ShockWear
from sim.degradation.weibull_sudden import WeibullSudden
from sim.instruments import ammeter, gauge, percent, pressure_gauge, thermometer, vibration_sensor
from sim.kind import FailureMode
from sim.rated_machine import Quantity, RatedMachine


def _suction(name: str, law: GammaWear, shows_in: tuple[str, ...]) -> FailureMode:
    return FailureMode(
        name, "ELU", "2.4 Wear", law, "Mòn giác hút chân không", "Suction cup wear", shows_in, False, 0.5
    )


_CASE_FORMER = RatedMachine(
    "case_former", 4.2, 0.5,
    (
        Quantity(
            gauge("vacuum", "Vacuum of the suction cups", "kPa", -100, 0),
            0, -62, 2, 0.9, 0.01, {"suction_cup_wear": 27},
        ),
        Quantity(percent("blank_level", "Blanks in the magazine"), 60, 60, 300, 8.0),
        Quantity(
            gauge("case_squareness", "Deviation from square", "mm", 0, 50),
            1.4, 1.4, 60, 0.15, 0.05, {"suction_cup_wear": 2.1, "guide_looseness": 5.0},
        ),
        Quantity(
            ammeter("servo_current", "Folder servo current", 20),
            0, 4.6, 2, 0.1, 0.02, {"guide_looseness": 1.3},
        ),
        Quantity(
            thermometer("servo_temperature", "Folder servo temperature"),
            30, 55, 900, 0.7, 0.03, {"guide_looseness": 9},
        ),
        Quantity(
            gauge("failed_picks", "Blanks that were not picked", "ppm", 0, 100000),
            380, 380, 300, 45, 0.05, {"suction_cup_wear": 17000},
        ),
        Quantity(
            vibration_sensor("folder_vibration", "Folder vibration"),
            0, 1.6, 2, 0.1, 0.06, {"guide_looseness": 4.5},
        ),
    ),
    modes=(
        _suction("suction_cup_wear", GammaWear(1300.0, 0.25), ("vacuum", "failed_picks", "case_squareness")),
        FailureMode("guide_looseness", "VIB", "1.5 Looseness", ShockWear(3500.0, 0.5, 8.0),
            "Lỏng thanh dẫn gấp hộp",
                    "Folder guide looseness", ("folder_vibration", "case_squareness", "servo_current"),
                    False, 2.0),
    ),
    slows={"suction_cup_wear": 0.25}, rejects={"suction_cup_wear": 0.05, "guide_looseness": 0.05},
    uses={"air_nm3_h": 16.0}, leaks={"suction_cup_wear": 7.0},
)  # fmt: skip

_CASE_PACKER = RatedMachine(
    "case_packer", 8.4, 0.8,
    (
        Quantity(gauge("cases_per_minute", "Cases packed", "pcs/min", 0, 60), 0, 8.3, 5, 0.1),
        Quantity(
            pressure_gauge("gripper_pressure", "Gripper air pressure", "bar", 0, 10),
            0, 5.2, 2, 0.05, 0.01, {"gripper_leak": -1.8}, "powered",
        ),
        Quantity(ammeter("lift_current", "Lift servo current", 30), 0, 7.6, 2, 0.2, 0.02, {"belt_wear": 2.6}),
        Quantity(
            thermometer("lift_temperature", "Lift servo temperature"),
            30, 62, 1000, 0.8, 0.03, {"belt_wear": 13},
        ),
        Quantity(
            gauge("lift_position_error", "Following error of the lift", "mm", 0, 50),
            0, 0.7, 3, 0.08, 0.05, {"belt_wear": 4.6},
        ),
        Quantity(
            vibration_sensor("lift_vibration", "Lift vibration"),
            0, 1.5, 2, 0.09, 0.06, {"belt_wear": 3.9},
        ),
        Quantity(
            gauge("dropped_bottles", "Bottles dropped", "ppm", 0, 50000),
            60, 60, 300, 9, 0.05, {"gripper_leak": 4800},
        ),
        Quantity(percent("buffer_level", "Bottles in the infeed"), 55, 62, 30, 6.0),
    ),
    modes=(
        FailureMode("gripper_leak", "ELU", "1.1 Leakage", ShockWear(2600.0, 0.4, 8.0), "Hở đầu gắp chai",
                    "Gripper bells leak", ("gripper_pressure", "dropped_bottles"), False, 1.5),
        FailureMode("belt_wear", "PDE", "2.4 Wear", GammaWear(5200.0, 0.2), "Mòn đai răng trục nâng",
                    "Lift belt wear", ("lift_position_error", "lift_current", "lift_vibration"), True, 4.0),
    ),
    slows={"gripper_leak": 0.15, "belt_wear": 0.25}, rejects={"gripper_leak": 0.04},
    uses={"air_nm3_h": 18.0}, leaks={"gripper_leak": 11.0},
)  # fmt: skip

_CASE_SEALER = RatedMachine(
    "case_sealer", 3.4, 0.7,
    (
        Quantity(
            thermometer("glue_tank_temperature", "Glue tank temperature", 0, 250),
            60, 172, 900, 0.8, 0.0, {"heater_failure": -48}, "powered",
        ),
        Quantity(
            thermometer("nozzle_temperature", "Glue nozzle temperature", 0, 250),
            55, 176, 600, 0.9, 0.0, {"heater_failure": -44, "nozzle_fouling": -6}, "powered",
        ),
        Quantity(
            pressure_gauge("glue_pressure", "Glue pressure", "bar", 0, 60),
            0, 21, 3, 0.4, 0.01, {"nozzle_fouling": 9.0},
        ),
        Quantity(
            gauge("glue_per_case", "Glue on a case", "g", 0, 20),
            2.4, 2.4, 60, 0.05, 0.02, {"nozzle_fouling": -0.9},
        ),
        Quantity(percent("glue_level", "Glue in the tank"), 70, 70, 600, 7.0),
        Quantity(
            gauge("open_flaps", "Cases with an open flap", "ppm", 0, 100000),
            210, 210, 300, 30, 0.05, {"nozzle_fouling": 16000, "heater_failure": 9000},
        ),
        Quantity(ammeter("belt_current", "Side belt current", 10), 0, 2.6, 3, 0.06, 0.02),
    ),
    modes=(
        FailureMode("nozzle_fouling", "PLU", "5.1 Blockage/plugged", Fouling(420.0, 0.4, 1.25), "Tắc vòi keo",
                    "Glue nozzle fouling", ("glue_pressure", "glue_per_case", "open_flaps"), False, 0.7),
        FailureMode("heater_failure", "PDE", "4.2 Open circuit", WeibullSudden(7000.0, 1.6, 20.0),
            "Đứt điện trở keo",
                    "Glue heater fails", ("glue_tank_temperature", "nozzle_temperature"), True, 2.0),
    ),
    rejects={"nozzle_fouling": 0.05, "heater_failure": 0.1}, slows={"heater_failure": 0.4},
        uses={"air_nm3_h": 5.0},
)  # fmt: skip

_CHECKWEIGHER = RatedMachine(
    "checkweigher", 1.1, 0.5,
    (
        Quantity(
            gauge("mean_weight", "Mean weight of a case", "kg", 0, 50),
            12.42, 12.42, 120, 0.012, 0.0, {"load_cell_drift": 0.21},
        ),
        Quantity(
            gauge("weight_spread", "Standard deviation of the weight", "g", 0, 500),
            18, 18, 300, 1.2, 0.03, {"belt_contamination": 46},
        ),
        Quantity(
            gauge("zero_offset", "Zero offset", "g", -500, 500),
            0, 0, 600, 1.5, 0.0, {"load_cell_drift": 190},
        ),
        Quantity(gauge("belt_speed", "Belt speed", "m/min", 0, 120), 0, 42, 2, 0.2),
        Quantity(gauge("throughput", "Cases weighed", "pcs/min", 0, 120), 0, 8.3, 5, 0.1),
        Quantity(
            thermometer("load_cell_temperature", "Load cell temperature"),
            29, 33, 1800, 0.2, 0.0, {}, "powered",
        ),
        Quantity(
            vibration_sensor("frame_vibration", "Frame vibration"),
            0.1, 0.6, 3, 0.04, 0.06, {"belt_contamination": 1.5},
        ),
    ),
    modes=(
        FailureMode("load_cell_drift", "AIR", "3.4 Out of adjustment", GammaWear(4000.0, 0.3),
            "Trôi cảm biến cân",
                    "Load cell drift", ("mean_weight", "zero_offset"), False, 1.0),
        FailureMode("belt_contamination", "PDE", "5.2 Contamination", Fouling(350.0, 0.4, 1.25),
            "Bẩn băng cân",
                    "Belt contamination", ("weight_spread", "frame_vibration"), False, 0.4),
    ),
    rejects={"load_cell_drift": 0.05, "belt_contamination": 0.015},
)  # fmt: skip

_PALLETISER = RatedMachine(
    "palletiser", 12.5, 1.3,
    (
        Quantity(gauge("layers_per_hour", "Layers laid", "pcs/h", 0, 600), 0, 42, 20, 1.0),
        Quantity(
            ammeter("hoist_current", "Hoist motor current", 60),
            0, 15, 3, 0.3, 0.02, {"hoist_gear_crack": 4.5},
        ),
        Quantity(
            thermometer("hoist_gear_temperature", "Hoist gearbox temperature"),
            30, 58, 1800, 0.8, 0.03, {"hoist_gear_crack": 21},
        ),
        Quantity(
            vibration_sensor("hoist_vibration", "Hoist gearbox vibration"),
            0, 1.8, 3, 0.1, 0.06, {"hoist_gear_crack": 6.2},
        ),
        Quantity(
            pressure_gauge("clamp_pressure", "Layer clamp pressure", "bar", 0, 10),
            0, 5.5, 2, 0.05, 0.01, {"roller_wear": -0.3}, "powered",
        ),
        Quantity(
            gauge("layer_offset", "Offset of a layer", "mm", 0, 100),
            0, 3.2, 10, 0.4, 0.05, {"roller_wear": 13},
        ),
        Quantity(
            ammeter("roller_current", "Layer table current", 30),
            0, 6.4, 3, 0.15, 0.02, {"roller_wear": 3.1},
        ),
        Quantity(percent("pallet_level", "Pallets in the magazine"), 60, 60, 600, 10.0),
    ),
    modes=(
        FailureMode("hoist_gear_crack", "VIB", "2.6 Fatigue", ParisCrack(9000.0, 0.35),
            "Nứt chân răng hộp số nâng",
                    "Hoist gear tooth crack", ("hoist_vibration", "hoist_gear_temperature", "hoist_current"),
                    True, 12.0),
        FailureMode("roller_wear", "PDE", "2.4 Wear", ExponentialGrowth(6500.0, 0.3, 3.0),
            "Mòn con lăn bàn lớp",
                    "Layer table roller wear", ("layer_offset", "roller_current"), False, 4.0),
    ),
    slows={"hoist_gear_crack": 0.2, "roller_wear": 0.2}, rejects={"roller_wear": 0.01},
        uses={"air_nm3_h": 20.0},
)  # fmt: skip

KINDS = tuple(row.kind for row in (_CASE_FORMER, _CASE_PACKER, _CASE_SEALER, _CHECKWEIGHER, _PALLETISER))
