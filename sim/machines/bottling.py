"""A bottling line: depalletiser, rinser, filler, capper, labeller, inspector. Rows of rated machines.

A line of 12,000 bottles of half a litre an hour; drives, air and water as makers of lines of that size state
them.
"""

from __future__ import annotations

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.fouling import Fouling
from sim.degradation.gamma_wear import GammaWear
from sim.degradation.law import Law
from sim.degradation.shock_wear import ShockWear
from sim.instruments import (
    ammeter,
    flow_meter,
    gauge,
    percent,
    pressure_gauge,
    tachometer,
    thermometer,
    vibration_sensor,
)
from sim.kind import FailureMode
from sim.physics.effluent import Effluent
from sim.rated_machine import Quantity, RatedMachine


def _mode(
    name: str, code: str, mechanism: str, law: Law, vi: str, en: str, shows_in: tuple[str, ...],
    stops: bool = False, repair_h: float = 2.0,
) -> FailureMode:  # fmt: skip
    return FailureMode(name, code, mechanism, law, vi, en, shows_in, stops, repair_h)


_DEPALLETISER = RatedMachine(
    "depalletiser", 9.5, 0.9,
    (
        Quantity(gauge("layers_per_hour", "Layers swept off", "pcs/h", 0, 600), 0, 52, 20, 1.2),
        Quantity(gauge("infeed_speed", "Speed of the bottle table", "m/min", 0, 60), 0, 11, 3, 0.2),
        Quantity(
            ammeter("hoist_current", "Hoist motor current", 40),
            0, 9.4, 3, 0.2, 0.02, {"hoist_chain_wear": 4.2},
        ),
        Quantity(
            thermometer("hoist_temperature", "Hoist motor temperature"),
            30, 61, 1200, 0.8, 0.03, {"hoist_chain_wear": 16},
        ),
        Quantity(
            vibration_sensor("hoist_vibration", "Hoist gearbox vibration"),
            0, 1.4, 3, 0.09, 0.06, {"hoist_chain_wear": 4.6},
        ),
        Quantity(
            pressure_gauge("clamp_pressure", "Clamp air pressure", "bar", 0, 10),
            0, 5.6, 2, 0.05, 0.01, {"clamp_leak": -2.0}, "powered",
        ),
        Quantity(
            gauge("hoist_position_error", "Position error of the hoist", "mm", 0, 100),
            0, 1.1, 5, 0.12, 0.05, {"hoist_chain_wear": 6.5},
        ),
        Quantity(percent("jam_rate", "Fallen bottles"), 0.15, 0.15, 300, 0.03, 0.05, {"clamp_leak": 0.9}),
    ),
    modes=(
        _mode("hoist_chain_wear", "VIB", "2.4 Wear", GammaWear(7000.0, 0.2), "Mòn xích nâng",
            "Hoist chain wear",
              ("hoist_vibration", "hoist_current", "hoist_position_error"), True, 6.0),
        _mode("clamp_leak", "ELU", "1.1 Leakage", ShockWear(4000.0, 0.5, 6.0), "Rò khí kẹp lớp",
            "Layer clamp leaks air",
              ("clamp_pressure", "jam_rate")),
    ),
    slows={"hoist_chain_wear": 0.25, "clamp_leak": 0.2}, rejects={"clamp_leak": 0.01},
    uses={"air_nm3_h": 22.0}, leaks={"clamp_leak": 14.0},
)  # fmt: skip

_RINSER = RatedMachine(
    "rinser", 7.0, 0.6,
    (
        Quantity(
            flow_meter("water_flow", "Rinse water", "m³/h", 10),
            0, 2.2, 4, 0.04, 0.01, {"nozzle_fouling": -0.72},
        ),
        Quantity(
            pressure_gauge("water_pressure", "Rinse water pressure", "bar", 0, 10),
            0, 2.9, 4, 0.04, 0.01, {"nozzle_fouling": 1.1, "pump_wear": -1.2},
        ),
        Quantity(thermometer("water_temperature", "Rinse water temperature", 0, 100), 27, 28.5, 600, 0.3),
        Quantity(tachometer("rotor_speed", "Carousel speed", 60), 0, 9.4, 3, 0.05),
        Quantity(ammeter("pump_current", "Pump current", 30), 0, 6.8, 3, 0.1, 0.02, {"pump_wear": 1.8}),
        Quantity(
            vibration_sensor("pump_vibration", "Pump vibration"),
            0, 1.5, 4, 0.09, 0.06, {"pump_wear": 5.6},
        ),
        Quantity(thermometer("drive_temperature", "Main drive temperature"), 30, 57, 1200, 0.8, 0.03),
        Quantity(gauge("ozone", "Ozone in the rinse water", "mg/L", 0, 5), 0.0, 0.4, 60, 0.02),
        Quantity(
            gauge("turbidity", "Turbidity of the drained water", "NTU", 0, 100),
            0, 2.4, 120, 0.3, 0.0, {"nozzle_fouling": 6.5},
        ),
    ),
    modes=(
        _mode("nozzle_fouling", "PLU", "5.1 Blockage/plugged", Fouling(1500.0, 0.35, 1.25), "Tắc vòi xịt",
            "Nozzle fouling",
              ("water_flow", "water_pressure", "turbidity"), False, 1.5),
        _mode("pump_wear", "VIB", "2.4 Wear", ExponentialGrowth(8000.0, 0.35, 5.0), "Mòn bơm tráng",
            "Rinse pump wear",
              ("pump_vibration", "water_pressure", "pump_current"), True, 4.0),
    ),
    rejects={"nozzle_fouling": 0.02}, uses={"water_m3_h": 2.2, "air_nm3_h": 8.0}, drained=0.95,
    effluent=Effluent(28.5, cod_mg_l=45.0, tss_mg_l=25.0, nh4_mg_l=0.5),
)  # fmt: skip

_FILLER = RatedMachine(
    "filler", 16.0, 1.4,
    (
        Quantity(
            gauge("fill_volume", "Mean fill volume", "mL", 0, 1000),
            500.4, 500.4, 60, 0.35, 0.0, {"valve_wear": 3.9},
        ),
        Quantity(
            gauge("fill_spread", "Standard deviation of the fill volume", "mL", 0, 50),
            0.9, 0.9, 120, 0.07, 0.05, {"valve_wear": 3.4},
        ),
        Quantity(
            pressure_gauge("bowl_pressure", "Bowl pressure", "bar", 0, 10),
            3.1, 3.6, 10, 0.04, 0.0, {"seal_leak": -0.9}, "powered",
        ),
        Quantity(percent("bowl_level", "Bowl level"), 55, 62, 20, 1.2, 0.0, {"seal_leak": -9}, "powered"),
        Quantity(thermometer("product_temperature", "Product temperature", -5, 60), 6.5, 5.2, 120, 0.25),
        Quantity(
            gauge("co2_content", "Carbon dioxide in the product, g/L", "", 0, 12),
            6.1, 6.1, 200, 0.07, 0.0, {"seal_leak": -0.8},
        ),
        Quantity(flow_meter("product_flow", "Product to the bowl", "m³/h", 30), 0, 6.0, 5, 0.08),
        Quantity(tachometer("carousel_speed", "Carousel speed", 60), 0, 4.2, 3, 0.03),
        Quantity(
            ammeter("drive_current", "Carousel drive current", 60),
            0, 19, 3, 0.3, 0.02, {"carousel_bearing_wear": 6.5},
        ),
        Quantity(
            vibration_sensor("carousel_vibration", "Carousel bearing vibration"),
            0, 1.1, 3, 0.07, 0.06, {"carousel_bearing_wear": 4.4},
        ),
        Quantity(
            thermometer("carousel_bearing_temperature", "Carousel bearing temperature"),
            28, 41, 1800, 0.5, 0.03, {"carousel_bearing_wear": 24},
        ),
        Quantity(
            gauge("air_overpressure", "Overpressure of the filling room", "Pa", -100, 100),
            18, 18, 60, 1.1,
        ),
    ),
    modes=(
        _mode("valve_wear", "PDE", "2.4 Wear", ShockWear(4200.0, 0.35, 8.0), "Mòn van chiết",
            "Filling valve wear",
              ("fill_volume", "fill_spread", "reject_count"), False, 4.0),
        _mode("seal_leak", "ELP", "1.1 Leakage", GammaWear(5200.0, 0.25), "Hở gioăng bồn chiết",
            "Bowl seal leaks",
              ("bowl_pressure", "bowl_level", "co2_content"), True, 6.0),
        _mode("carousel_bearing_wear", "VIB", "2.6 Fatigue", ExponentialGrowth(15000.0, 0.35, 5.0),
            "Hỏng ổ mâm quay",
              "Carousel bearing wear", ("carousel_vibration", "carousel_bearing_temperature",
              "drive_current"), True, 16.0),
    ),
    slows={"seal_leak": 0.25, "carousel_bearing_wear": 0.15}, rejects={"valve_wear": 0.08, "seal_leak": 0.03},
    heavier={"carousel_bearing_wear": 0.12},
    uses={"product_m3_h": 6.0, "water_m3_h": 0.5, "air_nm3_h": 35.0}, leaks={"seal_leak": 12.0}, drained=0.9,
    effluent=Effluent(12.0, cod_mg_l=5200.0, tss_mg_l=70.0, nh4_mg_l=2.0, acid_mol_m3=12.0),
)  # fmt: skip

_CAPPER = RatedMachine(
    "capper", 5.0, 0.5,
    (
        Quantity(
            gauge("closing_torque", "Mean closing torque", "N·m", 0, 5),
            0, 1.85, 5, 0.03, 0.01, {"clutch_wear": -0.62},
        ),
        Quantity(
            gauge("torque_spread", "Standard deviation of the torque", "N·m", 0, 2),
            0, 0.08, 30, 0.008, 0.05, {"clutch_wear": 0.3},
        ),
        Quantity(tachometer("turret_speed", "Turret speed", 200), 0, 16.7, 3, 0.1),
        Quantity(percent("hopper_level", "Caps in the hopper"), 68, 68, 300, 6.0),
        Quantity(
            ammeter("drive_current", "Turret drive current", 20),
            0, 5.6, 3, 0.1, 0.02, {"head_bearing_wear": 1.9},
        ),
        Quantity(
            thermometer("head_temperature", "Capping head temperature"),
            28, 43, 900, 0.5, 0.03, {"clutch_wear": 11, "head_bearing_wear": 10},
        ),
        Quantity(
            vibration_sensor("head_vibration", "Capping head vibration"),
            0, 1.3, 3, 0.08, 0.06, {"head_bearing_wear": 4.8},
        ),
        Quantity(
            gauge("missing_caps", "Bottles without a good cap", "ppm", 0, 50000),
            120, 120, 300, 18, 0.05, {"clutch_wear": 5200},
        ),
    ),
    modes=(
        _mode("clutch_wear", "PDE", "2.4 Wear", GammaWear(3600.0, 0.25), "Mòn ly hợp đầu vặn nắp",
            "Clutch wear",
              ("closing_torque", "torque_spread", "missing_caps"), False, 2.0),
        _mode("head_bearing_wear", "VIB", "2.6 Fatigue", ExponentialGrowth(9500.0, 0.35, 5.0),
            "Hỏng ổ đầu vặn nắp",
              "Capping head bearing wear", ("head_vibration", "head_temperature", "drive_current"), True,
              5.0),
    ),
    rejects={"clutch_wear": 0.06, "head_bearing_wear": 0.02}, uses={"air_nm3_h": 12.0},
)  # fmt: skip

_LABELLER = RatedMachine(
    "labeller", 6.5, 0.8,
    (
        Quantity(
            thermometer("glue_temperature", "Glue temperature", 0, 250),
            60, 154, 900, 0.8, 0.0, {"heater_ageing": -26}, "powered",
        ),
        Quantity(
            thermometer("glue_roller_temperature", "Glue roller temperature", 0, 250),
            55, 146, 900, 0.9, 0.0, {"heater_ageing": -24}, "powered",
        ),
        Quantity(
            gauge("label_offset", "Label offset, 95th percentile", "mm", 0, 20),
            0.8, 0.8, 60, 0.06, 0.05, {"heater_ageing": 0.9, "cutter_wear": 2.2},
        ),
        Quantity(gauge("label_speed", "Label web speed", "m/min", 0, 300), 0, 46, 3, 0.4),
        Quantity(
            gauge("web_tension", "Label web tension", "N", 0, 100),
            0, 21, 3, 0.6, 0.02, {"cutter_wear": 6},
        ),
        Quantity(
            gauge("vacuum", "Vacuum of the drum", "kPa", -100, 0),
            0, -58, 3, 0.8, 0.01, {"vacuum_leak": 24}, "powered",
        ),
        Quantity(
            ammeter("drive_current", "Main drive current", 30),
            0, 8.1, 3, 0.15, 0.02, {"cutter_wear": 1.5},
        ),
        Quantity(thermometer("drive_temperature", "Main drive temperature"), 30, 56, 1200, 0.8, 0.03),
    ),
    modes=(
        _mode("heater_ageing", "PDE", "2.7 Overheating", GammaWear(5500.0, 0.25), "Lão hóa bộ gia nhiệt keo",
            "Glue heater ageing",
              ("glue_temperature", "glue_roller_temperature", "label_offset"), True, 3.0),
        _mode("cutter_wear", "PDE", "2.4 Wear", ShockWear(1800.0, 0.3, 6.0), "Mòn dao cắt nhãn",
            "Label cutter wear",
              ("label_offset", "web_tension", "drive_current"), False, 1.0),
        _mode("vacuum_leak", "ELU", "1.1 Leakage", GammaWear(6000.0, 0.25), "Hở chân không tang nhãn",
            "Drum vacuum leaks",
              ("vacuum", "reject_count"), False, 2.0),
    ),
    rejects={"heater_ageing": 0.05, "cutter_wear": 0.06, "vacuum_leak": 0.04}, slows={"vacuum_leak": 0.2},
    uses={"air_nm3_h": 10.0},
)  # fmt: skip

_INSPECTOR = RatedMachine(
    "bottle_inspector", 1.8, 0.9,
    (
        Quantity(
            gauge("illumination", "Back light, share of new", "%", 0, 120),
            0, 100, 2, 0.4, 0.01, {"lamp_ageing": -45}, "powered",
        ),
        Quantity(
            gauge("image_contrast", "Contrast of the test image", "%", 0, 100),
            0, 84, 2, 0.7, 0.01, {"lamp_ageing": -22, "lens_contamination": -34}, "powered",
        ),
        Quantity(
            gauge("false_rejects", "Good bottles rejected", "ppm", 0, 100000),
            350, 350, 300, 40, 0.05, {"lens_contamination": 21000},
        ),
        Quantity(
            thermometer("camera_temperature", "Camera temperature"),
            30, 46, 600, 0.4, 0.02, {}, "powered",
        ),
        Quantity(
            pressure_gauge("ejector_pressure", "Ejector air pressure", "bar", 0, 10),
            0, 5.4, 2, 0.04, 0.01, {"ejector_leak": -1.9}, "powered",
        ),
        Quantity(
            gauge("ejector_delay", "Response of the ejector", "ms", 0, 200),
            18, 18, 30, 0.5, 0.02, {"ejector_leak": 19},
        ),
        Quantity(gauge("inspection_rate", "Bottles inspected", "pcs/min", 0, 1000), 0, 200, 2, 0.6),
    ),
    modes=(
        _mode("lamp_ageing", "PDE", "2.4 Wear", GammaWear(6000.0, 0.15), "Suy giảm đèn soi",
            "Back light ageing",
              ("illumination", "image_contrast"), False, 0.5),
        _mode("lens_contamination", "PDE", "5.2 Contamination", Fouling(500.0, 0.4, 1.25), "Bẩn ống kính",
            "Lens contamination",
              ("image_contrast", "false_rejects"), False, 0.3),
        _mode("ejector_leak", "ELU", "1.1 Leakage", GammaWear(4500.0, 0.25), "Rò khí van gạt",
            "Ejector valve leaks",
              ("ejector_pressure", "ejector_delay"), False, 1.0),
    ),
    rejects={"lens_contamination": 0.025, "lamp_ageing": 0.015, "ejector_leak": 0.004},
    uses={"air_nm3_h": 6.0}, leaks={"ejector_leak": 9.0},
)  # fmt: skip

KINDS = tuple(row.kind for row in (_DEPALLETISER, _RINSER, _FILLER, _CAPPER, _LABELLER, _INSPECTOR))
