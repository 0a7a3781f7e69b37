"""From bale to sliver and from cop to cone: blow room, card, draw frame, cone winder. Rows of rated machines.

Speeds and settings are those of current short-staple machinery (Rieter Manual of Spinning, vol. 2 and 3,
2014).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.fouling import Fouling
from sim.degradation.gamma_wear import GammaWear
from sim.degradation.shock_wear import ShockWear
from sim.instruments import ammeter, counter, gauge, pressure_gauge, tachometer, thermometer, vibration_sensor
from sim.kind import F64, FailureMode, Fleet, MachineKind, Signal, Site, Tick
from sim.rated_machine import Quantity, RatedFleet, RatedMachine, RatedParameters

_PRODUCTION = counter("production", "Material processed", "kg")

_FILTER = FailureMode(
    "filter_fouling", "PLU", "5.1 Blockage/plugged", Fouling(600.0, 0.4, 1.25),
    "Tắc lọc bụi", "Dust filter fouling", ("filter_drop", "suction_pressure"), stops=False, repair_h=0.5,
)  # fmt: skip

_FILTER_DROP = Quantity(
    pressure_gauge("filter_drop", "Pressure drop of the dust filter", "Pa", 0, 3000),
    0, 230, 10, 6, 0.03, {"filter_fouling": 420},
)  # fmt: skip

_BLOW_ROOM = RatedMachine(
    "blow_room", 46.0, 3.0,
    (
        Quantity(gauge("production_rate", "Production rate", "kg/h", 0, 1500), 0, 480, 20, 12),
        Quantity(tachometer("beater_speed", "Beater speed", 1500), 0, 780, 15, 1.5),
        Quantity(
            vibration_sensor("beater_vibration", "Beater bearing vibration"),
            0, 1.9, 5, 0.1, 0.06, {"beater_bearing_wear": 5.5},
        ),
        Quantity(
            thermometer("beater_bearing_temperature", "Beater bearing temperature", -20, 150),
            31, 47, 1800, 0.6, 0.03, {"beater_bearing_wear": 32},
        ),
        Quantity(
            pressure_gauge("suction_pressure", "Suction before the filter", "Pa", -3000, 0),
            0, -1150, 10, 18, 0.02, {"filter_fouling": 520},
        ),
        Quantity(
            ammeter("fan_current", "Transport fan current", 60),
            0, 21, 5, 0.2, 0.02, {"filter_fouling": -5},
        ),
        Quantity(gauge("waste_share", "Waste taken out", "%", 0, 20), 3.4, 3.4, 300, 0.15),
        _FILTER_DROP,
    ),
    modes=(
        FailureMode(
            "beater_bearing_wear", "VIB", "2.6 Fatigue", ExponentialGrowth(9000.0, 0.35, 5.0),
            "Hỏng ổ lăn trục đánh", "Beater bearing wear",
            ("beater_vibration", "beater_bearing_temperature"), repair_h=6.0,
        ),
        _FILTER,
    ),
    heavier={"beater_bearing_wear": 0.06}, station=False,
)  # fmt: skip

_CARD = RatedMachine(
    "carding_machine", 17.5, 1.2,
    (
        Quantity(gauge("production_rate", "Production rate", "kg/h", 0, 200), 0, 78, 25, 0.8, 0.02),
        Quantity(tachometer("cylinder_speed", "Cylinder speed", 1000), 0, 480, 40, 0.4),
        Quantity(tachometer("licker_in_speed", "Licker-in speed", 2500), 0, 1180, 30, 1.0),
        Quantity(gauge("delivery_speed", "Sliver delivery speed", "m/min", 0, 400), 0, 220, 15, 1.0, 0.02),
        Quantity(gauge("sliver_count", "Sliver linear density, ktex", "", 0, 10, 0.001), 5.9, 5.9, 60, 0.03),
        Quantity(
            gauge("sliver_unevenness", "Sliver unevenness CV", "%", 0, 20),
            3.0, 3.0, 120, 0.08, 0.03, {"clothing_wear": 1.2},
        ),
        Quantity(
            gauge("neps", "Neps per gram of sliver", "", 0, 500),
            58, 58, 300, 2.5, 0.05, {"clothing_wear": 90},
        ),
        Quantity(
            vibration_sensor("cylinder_vibration", "Cylinder bearing vibration"),
            0, 1.3, 5, 0.07, 0.06, {"cylinder_bearing_wear": 5.0},
        ),
        Quantity(
            thermometer("cylinder_bearing_temperature", "Cylinder bearing temperature", -20, 150),
            31, 44, 2400, 0.5, 0.03, {"cylinder_bearing_wear": 30},
        ),
        Quantity(
            pressure_gauge("suction_pressure", "Suction of the waste", "Pa", -2000, 0),
            0, -820, 8, 10, 0.02, {"filter_fouling": 380},
        ),
        Quantity(
            ammeter("cylinder_current", "Cylinder motor current", 60),
            0, 19, 10, 0.2, 0.03, {"cylinder_bearing_wear": 2.0},
        ),
        _FILTER_DROP,
    ),
    modes=(
        FailureMode(
            "clothing_wear", "PDE", "2.4 Wear", ShockWear(5200.0, 0.3, 6.0),
            "Mòn kim chải", "Card clothing wear", ("neps", "sliver_unevenness"), stops=False, repair_h=16.0,
        ),
        FailureMode(
            "cylinder_bearing_wear", "VIB", "2.6 Fatigue", ExponentialGrowth(14000.0, 0.35, 5.0),
            "Hỏng ổ lăn thùng lớn", "Cylinder bearing wear",
            ("cylinder_vibration", "cylinder_bearing_temperature", "cylinder_current"), repair_h=12.0,
        ),
        _FILTER,
    ),
    heavier={"cylinder_bearing_wear": 0.08}, station=False,
)  # fmt: skip

_DRAW_FRAME = RatedMachine(
    "draw_frame", 11.0, 0.8,
    (
        Quantity(gauge("production_rate", "Production rate", "kg/h", 0, 500), 0, 172, 10, 2.0),
        Quantity(gauge("delivery_speed", "Delivery speed", "m/min", 0, 1200), 0, 550, 6, 1.0),
        Quantity(
            gauge("sliver_count", "Sliver linear density, ktex", "", 0, 10, 0.0005),
            5.2, 5.2, 60, 0.012,
        ),
        Quantity(
            gauge("sliver_unevenness", "Sliver unevenness CV", "%", 0, 20),
            1.75, 1.75, 120, 0.05, 0.03, {"top_roller_wear": 1.1},
        ),
        Quantity(
            gauge("autoleveller_correction", "Draft correction of the autoleveller", "%", -30, 30),
            0, 0, 20, 2.2,
        ),
        Quantity(
            thermometer("top_roller_temperature", "Top roller temperature", -20, 150),
            31, 48, 900, 0.7, 0.03, {"top_roller_wear": 17},
        ),
        Quantity(
            vibration_sensor("roller_vibration", "Drafting system vibration"),
            0, 1.2, 4, 0.07, 0.06, {"top_roller_wear": 2.6},
        ),
        Quantity(
            pressure_gauge("suction_pressure", "Suction", "Pa", -2000, 0),
            0, -620, 8, 9, 0.02, {"filter_fouling": 300},
        ),
        _FILTER_DROP,
    ),
    modes=(
        FailureMode(
            "top_roller_wear", "PDE", "2.4 Wear", GammaWear(2600.0, 0.25),
            "Mòn suốt da", "Top roller cot wear",
            ("sliver_unevenness", "roller_vibration", "top_roller_temperature"), stops=False, repair_h=2.0,
        ),
        _FILTER,
    ),
    station=False,
)  # fmt: skip

_CONE_WINDER = RatedMachine(
    "cone_winder", 32.0, 2.0,
    (
        Quantity(gauge("production_rate", "Production rate", "kg/h", 0, 400), 0, 96, 30, 2.0),
        Quantity(gauge("winding_speed", "Winding speed", "m/min", 0, 2500), 0, 1400, 10, 6.0),
        Quantity(
            gauge("clearer_cuts", "Clearer cuts per 100 km", "", 0, 500),
            32, 32, 600, 2.0, 0.04, {"splicer_wear": 30},
        ),
        Quantity(
            gauge("splice_failures", "Splices that failed", "%", 0, 50),
            2.4, 2.4, 600, 0.3, 0.05, {"splicer_wear": 9.0},
        ),
        Quantity(
            gauge("efficiency", "Efficiency over the last hour", "%", 0, 100),
            0, 87, 3600, 0.6, 0.01, {"splicer_wear": -12, "filter_fouling": -4},
        ),
        Quantity(
            pressure_gauge("suction_pressure", "Central suction", "Pa", -8000, 0),
            0, -5200, 10, 60, 0.02, {"filter_fouling": 2300},
        ),
        Quantity(
            thermometer("fan_motor_temperature", "Suction fan motor temperature", -20, 200),
            35, 71, 1500, 1.0, 0.03, {"fan_bearing_wear": 18},
        ),
        Quantity(
            vibration_sensor("fan_vibration", "Suction fan vibration"),
            0, 1.8, 4, 0.09, 0.06, {"fan_bearing_wear": 5.5},
        ),
        _FILTER_DROP,
    ),
    modes=(
        FailureMode(
            "splicer_wear", "PDE", "2.4 Wear", GammaWear(3000.0, 0.25),
            "Mòn đầu nối sợi", "Splicer wear",
            ("splice_failures", "clearer_cuts", "efficiency"), stops=False, repair_h=3.0,
        ),
        FailureMode(
            "fan_bearing_wear", "VIB", "2.6 Fatigue", ExponentialGrowth(10000.0, 0.35, 5.0),
            "Hỏng ổ quạt hút", "Suction fan bearing wear",
            ("fan_vibration", "fan_motor_temperature"), repair_h=5.0,
        ),
        _FILTER,
    ),
    station=False,
)  # fmt: skip


class _ProducingFleet(RatedFleet):
    """Rated machines that also count what they have made [kg]."""

    def __init__(self, row: RatedMachine, parameters: Sequence[RatedParameters], site: Site) -> None:
        super().__init__(row, parameters, site)
        self._made_kg: F64 | float = 0.0

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        out = dict(super().step(tick))
        made_kg = self._made_kg + out["production_rate"] * (tick.dt_s / 3600.0)
        self._made_kg = made_kg
        return out | {"production": made_kg}


def _producing(row: RatedMachine) -> MachineKind:
    def create(parameters: Sequence[RatedParameters], site: Site) -> Fleet:
        return _ProducingFleet(row, parameters, site)

    signals: tuple[Signal, ...] = (_PRODUCTION, *row.kind.signals)
    return MachineKind(
        row.name, RatedParameters, signals, create, flows=row.flows, modes=row.modes, every_s=5.0
    )


KINDS = tuple(_producing(row) for row in (_BLOW_ROOM, _CARD, _DRAW_FRAME, _CONE_WINDER))
