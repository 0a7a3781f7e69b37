"""A reverse osmosis plant: mains water in, product water to whoever draws it, concentrate to the sewer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.fouling import Fouling
from sim.degradation.gamma_wear import GammaWear
from sim.instruments import counter, flow_meter, gauge, percent, pressure_gauge, thermometer, vibration_sensor
from sim.kind import ELECTRIC, F64, FailureMode, Input, MachineKind, Site, Tick
from sim.physics.effluent import EFFLUENT, Effluent
from sim.physics.lag import Lag
from sim.rated_machine import POWER, Electrics, Quantity, QuantityBank

_CONCENTRATE = Effluent(27.0, cod_mg_l=18.0, tss_mg_l=4.0)
_FEED_US_CM = 320.0


class ReverseOsmosisParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of one plant.

    Args:
        rated_m3_h: product water at rated pressure.
        recovery: product over feed.
        rejection: share of the salt that clean membranes hold back.
        membrane_bar: net pressure over clean membranes at rated flow [bar].
    """

    rated_m3_h: float = 24.0
    recovery: float = 0.75
    rejection: float = 0.985
    membrane_bar: float = 9.0


_QUANTITIES = (
    Quantity(
        vibration_sensor("pump_vibration", "High-pressure pump vibration"),
        0, 1.9, 4, 0.1, 0.06, {"pump_wear": 6.0},
    ),
    Quantity(
        thermometer("pump_temperature", "High-pressure pump motor temperature"),
        31, 66, 1500, 0.8, 0.03, {"pump_wear": 17},
    ),
    Quantity(
        pressure_gauge("filter_drop", "Pressure drop of the cartridge filter", "bar", 0, 5),
        0, 0.32, 10, 0.02, 0.03, {"filter_fouling": 1.25},
    ),
    Quantity(gauge("feed_chlorine", "Free chlorine of the feed", "mg/L", 0, 2), 0.02, 0.02, 300, 0.004),
)  # fmt: skip

_MODES = (
    FailureMode(
        "membrane_fouling", "PLU", "5.1 Blockage/plugged", Fouling(2800.0, 0.3, 1.25),
        "Bám bẩn màng RO", "Membrane fouling",
        ("permeability", "feed_pressure", "active_power"), stops=False, repair_h=12.0,
    ),
    FailureMode(
        "membrane_damage", "INL", "2.2 Corrosion", GammaWear(12000.0, 0.3),
        "Màng RO bị ôxy hóa", "Membranes let salt through",
        ("product_conductivity",), stops=False, repair_h=24.0,
    ),
    FailureMode(
        "filter_fouling", "PLU", "5.1 Blockage/plugged", Fouling(900.0, 0.35, 1.25),
        "Tắc lõi lọc tinh", "Cartridge filter fouling", ("filter_drop",), stops=False, repair_h=1.0,
    ),
    FailureMode(
        "pump_wear", "VIB", "2.4 Wear", ExponentialGrowth(10000.0, 0.35, 5.0),
        "Mòn bơm cao áp", "High-pressure pump wear",
        ("pump_vibration", "pump_temperature"), repair_h=10.0,
    ),
)  # fmt: skip

_NAMES = tuple(mode.name for mode in _MODES)


class ReverseOsmosisFleet:
    """All plants. A tank behind one evens out what is drawn over some minutes."""

    def __init__(self, parameters: Sequence[ReverseOsmosisParameters], site: Site) -> None:
        n = len(parameters)
        self._rated, self._recovery, self._rejection, self._bar = (
            np.array([float(getattr(one, name)) for one in parameters])
            for name in ("rated_m3_h", "recovery", "rejection", "membrane_bar")
        )
        self._pressure = Lag(20.0)
        self._salt = Lag(120.0)
        self._total = np.zeros(n)
        self._bank = QuantityBank(_QUANTITIES, _NAMES, n, site.rng())
        self._electrics = Electrics(n, 0.86)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        severity = tick.severity
        product = np.minimum(tick.inputs["product_demand_m3_h"], 1.15 * self._rated) * tick.running
        feed = product / self._recovery
        load = product / self._rated
        works = (product > 0.05).astype(np.float64)
        # flux is net pressure over resistance; fouling adds resistance, osmosis of the concentrate 0.6 bar
        bar = (self._bar * load * (1.0 + 0.85 * severity["membrane_fouling"]) + 0.6) * works
        passes = (1.0 - self._rejection) * (1.0 + 4.5 * severity["membrane_damage"])
        salt = _FEED_US_CM * passes / np.maximum(load, 0.3)  # salt passes by diffusion, whatever the flux
        self._total = self._total + product * (tick.dt_s / 3600.0)
        # hydraulic power of the feed over the efficiency of pump and motor
        pump_kw = feed / 36.0 * bar / 0.62 * (1.0 + 0.06 * severity["pump_wear"])
        out = self._bank.step(tick, works)
        out |= self._electrics.step(tick, pump_kw + 0.9 * tick.running + 0.2)
        out |= _CONCENTRATE.flows(feed - product)
        out |= {
            "product_flow": product,
            "feed_flow": feed,
            "concentrate_flow": feed - product,
            "recovery": 100.0 * self._recovery * works,
            "permeability": 100.0 / (1.0 + 0.85 * severity["membrane_fouling"]),
            "feed_pressure": self._pressure.step(bar, tick.dt_s),
            "product_conductivity": self._salt.step(np.minimum(salt, 480.0), tick.dt_s),
            "product_total": self._total,
            "water_m3_h": feed,
            "water_bar": np.where(tick.running, 3.5, 1.0),
        }
        return out


KIND = MachineKind(
    "reverse_osmosis",
    ReverseOsmosisParameters,
    signals=(
        flow_meter("product_flow", "Product water", "m³/h", 60),
        flow_meter("feed_flow", "Feed water", "m³/h", 80),
        flow_meter("concentrate_flow", "Concentrate", "m³/h", 30),
        percent("recovery", "Recovery"),
        percent("permeability", "Permeability of the membranes against new"),
        pressure_gauge("feed_pressure", "Pressure before the membranes", "bar", 0, 40),
        gauge("product_conductivity", "Conductivity of the product", "µS/cm", 0, 500),
        counter("product_total", "Product water in total", "m³"),
        POWER,
        *(row.signal for row in _QUANTITIES),
    ),
    create=ReverseOsmosisFleet,
    flows=(*ELECTRIC, "water_m3_h", "water_bar", *EFFLUENT),
    inputs=(Input("product_demand_m3_h", "water", "downstream", "water_m3_h", usual=14.0),),
    modes=_MODES,
)
