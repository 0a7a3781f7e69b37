"""A rapid sand filter: takes its share of the settled water, clogs, and is washed with filtered water.

At most one filter of a station is washed at a time. What goes to the tank is what was filtered less what the
wash takes, so that water is lost only where it is counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.gamma_wear import GammaWear
from sim.degradation.weibull_sudden import WeibullSudden
from sim.kind import F64, FailureMode, Input, MachineKind, Sensor, Setpoint, Signal, Site, Tick
from sim.physics.columns import column, stations
from sim.physics.lag import Lag


class WaterFilterParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One filter.

    Args:
        area_m2: of the bed.
        wash_m3_h: flow of the wash [m³/h].
        wash_s: how long it takes [s].
        wash_at_m: head loss at which it begins [m].
    """

    area_m2: float = 16.0
    wash_m3_h: float = 480.0
    wash_s: float = 600.0
    wash_at_m: float = 2.0

    def __post_init__(self) -> None:
        if self.area_m2 <= 0 or self.wash_s <= 0:
            raise ValueError(f"area_m2 {self.area_m2}, wash_s {self.wash_s}: must be above 0")


class _Fleet:
    def __init__(self, parameters: Sequence[WaterFilterParameters], site: Site) -> None:
        n = len(parameters)
        self._area_m2 = column(parameters, "area_m2")
        self._wash_m3_h = column(parameters, "wash_m3_h")
        self._wash_s = column(parameters, "wash_s")
        self._together = stations(site.equipment)
        self._earlier = np.tril(self._together, -1)
        self._size = self._together.sum(axis=1)
        spread = site.rng().uniform(0.1, 0.9, n)
        self._deposit_m = 1.4 * spread
        self._run_h = 24.0 * spread
        self._washing_s = np.zeros(n)
        self._washes = np.zeros(n)
        self._filtered_m3 = np.zeros(n)
        self._out_ntu = Lag(600.0)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        settled = tick.inputs["clarified_m3_h"]
        ntu = tick.inputs["settled_ntu"]
        # a wash goes on, or another begins where none does: the first of the station that needs one
        due = (self._deposit_m > tick.setpoints["wash_at_m"]) | (self._run_h > 48.0)
        due &= self._together @ (self._washing_s > 0.0) == 0.0
        begins = due & (self._earlier @ due.astype(np.float64) == 0.0)
        self._washing_s[begins] = self._wash_s[begins]
        self._washes += begins
        # what part of the step it is washed
        part = (
            np.minimum(self._washing_s / tick.dt_s, 1.0) if tick.dt_s > 0 else 1.0 * (self._washing_s > 0.0)
        )
        self._washing_s = self._washing_s - part * tick.dt_s
        washing = part > 0.0
        at_work = self._together @ (1.0 - part)
        flow = settled * np.where(at_work > 0.0, (1.0 - part) / np.maximum(at_work, 1e-9), 1.0 / self._size)
        # no more is washed with than the station filters
        wash = np.minimum(self._wash_m3_h * part, self._together @ flow)
        rate_m_h = flow / self._area_m2
        hours = tick.dt_s / 3600.0
        mud = tick.severity["mud_balls"]
        # a clean bed loses 0.35 m at 7 m/h; each NTU that is held adds its part
        self._deposit_m += hours * rate_m_h * ntu * 0.0030
        kept = np.where(washing, np.exp(-part * tick.dt_s / 120.0), 1.0)
        self._deposit_m = np.maximum(self._deposit_m * kept, 0.25 * mud)
        self._run_h = np.where(washing, 0.0, self._run_h + hours)
        loss_m = (0.35 + 0.5 * mud + self._deposit_m) * rate_m_h / 7.0
        ripening = np.exp(-self._run_h / 0.3)
        through = 0.02 + 0.06 * ripening + 0.25 * mud + 0.5 * np.square(tick.severity["nozzle_broken"])
        out_ntu = self._out_ntu.step(0.05 + ntu * through, tick.dt_s)
        self._filtered_m3 += flow * hours
        return {
            "flow": flow,
            "rate": rate_m_h,
            "head_loss": 100.0 * loss_m,
            "turbidity": out_ntu,
            "run_time": self._run_h.copy(),
            "washing": washing.astype(np.float64),
            "wash_flow": wash,
            "washes": self._washes.copy(),
            "total": self._filtered_m3.copy(),
            "product_m3_h": flow - wash,
            "filtered_ntu": out_ntu,
            "chlorine_mg_l": tick.inputs["chlorine_mg_l"].copy(),
            "wanted_m3_h": tick.inputs["wanted_m3_h"].copy(),
        }


KIND = MachineKind(
    name="water_filter",
    parameters=WaterFilterParameters,
    signals=(
        Signal("flow", "Flow", "m³/h", 0, 1000, sensor=Sensor(0.3, 0.1)),
        Signal("rate", "Filter rate (m/h)", "", 0, 60, sensor=Sensor(0.01, 0.01)),
        Signal("head_loss", "Head loss", "cm", 0, 600, sensor=Sensor(0.3, 0.1)),
        Signal("turbidity", "Turbidity of filtered water", "NTU", 0, 100, sensor=Sensor(0.004, 0.001)),
        Signal("run_time", "Time since the last wash", "h", 0, 1000, sensor=Sensor(0.0, 0.01)),
        Signal("washing", "Being washed", "", 0, 1, "Boolean"),
        Signal("wash_flow", "Flow of the wash", "m³/h", 0, 2000, sensor=Sensor(0.3, 0.1)),
        Signal("washes", "Washes", "", 0, 4e9, "UInt32"),
        Signal("total", "Volume filtered", "m³", 0, 1e9, sensor=Sensor(0.0, 0.1)),
    ),
    create=_Fleet,
    every_s=5.0,
    flows=("product_m3_h", "filtered_ntu", "chlorine_mg_l", "wanted_m3_h"),
    inputs=(
        Input("clarified_m3_h", "water", "upstream", "clarified_m3_h", usual=320.0),
        Input("settled_ntu", "water", "upstream", "settled_ntu", "mean", default=2.0),
        Input("chlorine_mg_l", "water", "upstream", "chlorine_mg_l", "mean", default=0.8),
        Input("wanted_m3_h", "water", "downstream", "wanted_m3_h", "max", default=200.0, lagged=True),
    ),
    modes=(
        FailureMode(
            "mud_balls",
            "PLU",
            "5.2 Contamination",
            GammaWear(16_000.0),
            "Cát lọc vón cục",
            "Mud balls in the bed",
            ("head_loss", "turbidity"),
            stops=False,
            repair_h=24.0,
        ),
        FailureMode(
            "nozzle_broken",
            "LOO",
            "2.5 Breakage",
            WeibullSudden(60_000.0, 2.0, warning_h=200.0),
            "Vỡ chụp lọc",
            "Broken filter nozzles",
            ("turbidity",),
            stops=False,
            repair_h=48.0,
        ),
    ),
    setpoints=(Setpoint("wash_at_m", "m", 0.5, 3, 2.0, "Head loss of the deposit at which a wash begins"),),
    operated=False,
    companion="",
)
"""See the module."""
