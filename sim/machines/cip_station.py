"""A cleaning-in-place station: rinse, caustic, rinse, acid, rinse, hot water; what it rinses goes to the
sewer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.fouling import Fouling
from sim.degradation.gamma_wear import GammaWear
from sim.instruments import counter, flow_meter, gauge, percent, pressure_gauge, thermometer, vibration_sensor
from sim.kind import ELECTRIC, F64, FailureMode, Input, MachineKind, Setpoint, Signal, Site, Tick
from sim.physics.effluent import EFFLUENT, loads
from sim.physics.lag import Lag
from sim.physics.steam import condensing_kj_kg
from sim.rated_machine import POWER, Electrics, Quantity, QuantityBank

STEPS = ("Waiting", "Pre-rinse", "Caustic", "Rinse", "Acid", "Final rinse", "Hot water")


@dataclass(frozen=True, slots=True)
class _Step:
    """One step of a cleaning.

    Args:
        name: one of :data:`STEPS`.
        minutes: how long.
        flow: through the circuit, as a share of full flow.
        lost: share of the flow that goes to the sewer; the rest comes back to its tank.
        set_c: temperature of what is sent [°C].
        salt_ms_cm: conductivity of what comes back [mS/cm].
        cod, tss, acid: of what goes to the sewer [mg/L, mg/L, mol/m³].
    """

    name: str
    minutes: float
    flow: float = 0.0
    lost: float = 0.0
    set_c: float = 27.0
    salt_ms_cm: float = 0.4
    cod: float = 0.0
    tss: float = 0.0
    acid: float = 0.0


# Times and strengths of a beverage plant: 1.5 % caustic at 78 °C, 1 % nitric acid at 62 °C (Tamime,
# Cleaning-in-Place, 3rd ed. 2008, ch. 2 and 9); conductivities of these, compensated to 25 °C. What goes to
# the sewer is what the neutralising pit lets out.
PROGRAMME = (
    _Step("Pre-rinse", 6, 1.0, 1.0, 32.0, 0.9, 2000, 150, 1.0),
    _Step("Caustic", 20, 1.0, 0.06, 78.0, 74.0, 1800, 180, -60.0),
    _Step("Rinse", 8, 1.0, 1.0, 30.0, 3.0, 450, 50, -4.0),
    _Step("Acid", 14, 1.0, 0.06, 62.0, 46.0, 400, 50, 30.0),
    _Step("Final rinse", 8, 1.0, 1.0, 29.0, 0.7, 120, 15, 1.5),
    _Step("Hot water", 10, 0.9, 0.1, 88.0, 0.4, 40, 5, 0.0),
    _Step("Waiting", 0),
)
_ENDS_S = np.cumsum([step.minutes for step in PROGRAMME])[:-1] * 60.0
PROGRAMME_S = float(_ENDS_S[-1])
_NAME, _FLOW, _LOST, _SET_C, _SALT, _COD, _TSS, _ACID = (
    np.array(column, np.float64)
    for column in zip(
        *(
            (STEPS.index(s.name), s.flow, s.lost, s.set_c, s.salt_ms_cm, s.cod, s.tss, s.acid)
            for s in PROGRAMME
        ),
        strict=True,
    )
)
_WATER_C = 27.0


class CipStationParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of one station.

    Args:
        flow_m3_h: through the circuit at full flow.
        every_h: from the begin of one cleaning to that of the next.
        pump_kw: supply and return pumps.
    """

    flow_m3_h: float = 18.0
    every_h: float = 4.0
    pump_kw: float = 13.0


_QUANTITIES = (
    Quantity(
        pressure_gauge("supply_pressure", "Supply pressure", "bar", 0, 16),
        0, 4.8, 5, 0.06, 0.01, {"pump_wear": -1.3},
    ),
    Quantity(
        vibration_sensor("pump_vibration", "Supply pump vibration"),
        0, 1.6, 4, 0.1, 0.06, {"pump_wear": 5.4},
    ),
    Quantity(percent("caustic_level", "Caustic tank level"), 72, 72, 1200, 3.0, 0.02, {}, "always"),
    Quantity(percent("acid_level", "Acid tank level"), 68, 68, 1200, 3.0, 0.02, {}, "always"),
    Quantity(
        thermometer("caustic_temperature", "Caustic tank temperature", 0, 120),
        80, 80, 900, 0.5, 0.0, {"heater_fouling": -11}, "always",
    ),
    Quantity(
        gauge("caustic_conductivity", "Caustic tank conductivity", "mS/cm", 0, 200),
        75, 75, 600, 0.6, 0.01, {"dosing_drift": -26}, "always",
    ),
    Quantity(gauge("return_turbidity", "Turbidity of the return", "NTU", 0, 200), 0.5, 6.0, 60, 1.0, 0.05),
)  # fmt: skip

_MODES = (
    FailureMode(
        "heater_fouling", "IHT", "5.1 Blockage/plugged", Fouling(2500.0, 0.3, 1.25),
        "Bám cặn bộ gia nhiệt CIP", "Heater fouling", ("caustic_temperature",), stops=False, repair_h=5.0,
    ),
    FailureMode(
        "dosing_drift", "PDE", "3.4 Out of adjustment", GammaWear(3500.0, 0.3),
        "Lệch nồng độ hóa chất CIP", "Chemical strength drifts",
        ("caustic_conductivity",), stops=False, repair_h=2.0,
    ),
    FailureMode(
        "pump_wear", "VIB", "2.4 Wear", ExponentialGrowth(8500.0, 0.35, 5.0),
        "Mòn bơm CIP", "Supply pump wear", ("pump_vibration", "supply_pressure", "supply_flow"), repair_h=6.0,
    ),
)  # fmt: skip

_NAMES = tuple(mode.name for mode in _MODES)


class CipStationFleet:
    """All stations."""

    def __init__(self, parameters: Sequence[CipStationParameters], site: Site) -> None:
        n = len(parameters)
        rng = site.rng()
        self._full, self._every_s, self._pump_kw = (
            np.array([float(getattr(one, name)) for one in parameters]) * factor
            for name, factor in (("flow_m3_h", 1.0), ("every_h", 3600.0), ("pump_kw", 1.0))
        )
        self._clock_s = rng.uniform(0.0, 0.2, n) * self._every_s  # one is under way
        self._cleanings = np.zeros(n)
        self._water_m3 = np.zeros(n)
        self._hot = Lag(50.0)
        self._salt = Lag(40.0)
        self._bank = QuantityBank(_QUANTITIES, _NAMES, n, rng)
        self._electrics = Electrics(n, 0.84)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        dt_s, severity = tick.dt_s, tick.severity
        every_s = np.maximum(tick.setpoints["every_h"] * 3600.0, PROGRAMME_S)
        clock_s = self._clock_s + dt_s * tick.running
        begun = np.floor(clock_s / every_s)
        self._clock_s = clock_s - begun * every_s
        self._cleanings = self._cleanings + begun
        at = np.searchsorted(_ENDS_S, self._clock_s, side="right")
        works = np.where((_FLOW[at] > 0.0) & tick.running, 1.0, 0.0)
        flow = self._full * _FLOW[at] * works * (1.0 - 0.25 * severity["pump_wear"])
        short_k = 14.0 * severity["heater_fouling"] * (_SET_C[at] > 50.0)
        sent_c = self._hot.step(np.where(works > 0.0, _SET_C[at] - short_k, 35.0), dt_s)
        strong = (_SALT[at] > 10.0).astype(np.float64)
        salt = _SALT[at] * (1.0 - 0.34 * severity["dosing_drift"] * strong)
        lost = flow * _LOST[at]
        # what is lost is made up cold; what goes round cools by some degrees in the circuit
        cools_k = np.where(_SET_C[at] > 50.0, 3.5, 0.0)
        heat_kw = (flow * cools_k + lost * np.maximum(sent_c - _WATER_C, 0.0) * (cools_k > 0.0)) / 3.6 * 4.18
        steam_kg_h = heat_kw / condensing_kj_kg(np.maximum(tick.inputs["steam_bar"], 0.1)) * 3600.0
        self._water_m3 = self._water_m3 + lost * (dt_s / 3600.0)
        out = self._bank.step(tick, works)
        out |= self._electrics.step(tick, self._pump_kw * _FLOW[at] * works + 0.6)
        out |= loads(lost, np.maximum(sent_c - 4.0, _WATER_C), _COD[at], _TSS[at], 1.5, _ACID[at])
        out |= {
            "every_h": tick.setpoints["every_h"],
            "step": _NAME[at],
            "progress": 100.0 * np.minimum(self._clock_s / PROGRAMME_S, 1.0),
            "supply_flow": flow,
            "supply_temperature": sent_c,
            "return_temperature": np.maximum(sent_c - cools_k, 20.0),
            "return_conductivity": self._salt.step(salt, dt_s),
            "steam_flow": steam_kg_h,
            "effluent_flow": lost,
            "cleanings": self._cleanings,
            "water_total": self._water_m3,
            "water_m3_h": lost,
            "steam_kg_h": steam_kg_h,
        }
        return out


KIND = MachineKind(
    "cip_station",
    CipStationParameters,
    signals=(
        gauge("every_h", "Time between cleanings", "h", 0, 48, 0.0),
        Signal("step", "Step of the cleaning", data_type="String", texts=STEPS),
        percent("progress", "Cleaning done"),
        flow_meter("supply_flow", "Flow through the circuit", "m³/h", 60),
        thermometer("supply_temperature", "Supply temperature", 0, 120),
        thermometer("return_temperature", "Return temperature", 0, 120),
        gauge("return_conductivity", "Conductivity of the return", "mS/cm", 0, 200),
        flow_meter("steam_flow", "Steam used", "kg/h", 2000),
        flow_meter("effluent_flow", "Flow to the sewer", "m³/h", 60),
        counter("cleanings", "Cleanings"),
        counter("water_total", "Water used", "m³"),
        POWER,
        *(row.signal for row in _QUANTITIES),
    ),
    create=CipStationFleet,
    flows=(*ELECTRIC, "water_m3_h", "steam_kg_h", *EFFLUENT),
    inputs=(Input("steam_bar", "steam", "upstream", "steam_bar", "max", default=7.0, lagged=True),),
    modes=_MODES,
    every_s=2.0,
    setpoints=(Setpoint("every_h", "h", 2, 24, 4, "From the begin of one cleaning to the next"),),
)
