"""A compressed-air receiver: an ideal gas between what compressors deliver and what the net takes and
loses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.gamma_wear import GammaWear
from sim.degradation.weibull_sudden import WeibullSudden
from sim.instruments import flow_meter, percent, pressure_gauge, thermometer
from sim.kind import F64, FailureMode, Input, MachineKind, Sensor, Signal, Site, Tick
from sim.physics.columns import column
from sim.physics.compressed_air import ATMOSPHERE_BAR, ZERO_C_K, orifice_nm3_h, receiver_bar
from sim.physics.lag import Lag
from sim.physics.weather import weather

_WATER_G_NM3 = 14.0
"""Water that falls out of a normal cubic metre drawn in at 30 °C and 75 % and cooled to 38 °C at 7 bar
[g/Nm³]."""


class AirReceiverParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One receiver.

    Args:
        volume_m3: of the vessel and the mains behind it [m³].
        start_bar: pressure at the start [bar gauge].
        relief_bar: where the safety valve opens [bar gauge].
        leak_mm: diameter of a hole that loses as much as all leaks of the sound net [mm].
        torn_mm: diameter of the leak at severity 1 [mm].
    """

    volume_m3: float = 6.0
    start_bar: float = 7.0
    relief_bar: float = 10.0
    leak_mm: float = 6.0
    torn_mm: float = 14.0

    def __post_init__(self) -> None:
        if not (self.volume_m3 > 0 and 0 <= self.start_bar <= self.relief_bar):
            raise ValueError(
                f"volume_m3 {self.volume_m3}, start_bar {self.start_bar}, relief_bar {self.relief_bar}: "
                "volume above 0, start at most relief"
            )


_MODES = (
    FailureMode(
        "net_leak",
        "ELU",
        "1.1 Leakage",
        GammaWear(6000.0, 0.3),
        "Rò rỉ đường ống khí nén",
        "Leak in the compressed-air net",
        ("leakage", "outflow", "pressure"),
        stops=False,
        repair_h=4.0,
    ),
    FailureMode(
        "drain_clogging",
        "PLU",
        "5.1 Blockage/plugged",
        WeibullSudden(8000.0, 1.5, 120.0),
        "Tắc van xả nước ngưng",
        "Clogged condensate drain",
        ("condensate_level",),
        stops=False,
        repair_h=1.0,
    ),
)


class AirReceiverFleet:
    """All receivers."""

    def __init__(self, parameters: Sequence[AirReceiverParameters], site: Site) -> None:
        self._volume, self._relief, self._hole, self._torn, self._bar = (
            column(parameters, name)
            for name in ("volume_m3", "relief_bar", "leak_mm", "torn_mm", "start_bar")
        )
        self._offset_h = site.utc_offset_h
        self._warm = Lag(900.0)
        self._water_kg = 1.2 * site.rng().random(len(parameters))
        self._drains = np.zeros(len(parameters))

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        dt_s, severity = tick.dt_s, tick.severity
        supply, demand = tick.inputs["air_supply_nm3_h"], tick.inputs["air_demand_nm3_h"]
        outdoors = weather(tick.now_ns, self._offset_h)
        air_c = self._warm.step(outdoors.air_c + 9.0 + np.zeros_like(supply), dt_s)
        hole_mm = np.sqrt(np.square(self._hole) + severity["net_leak"] * np.square(self._torn))
        leakage = orifice_nm3_h(hole_mm, self._bar) * (self._bar > 0.05)
        # an empty net gives no more than what comes in and what is left in the vessel
        per_bar_nm3 = self._volume / ATMOSPHERE_BAR * ZERO_C_K / (air_c + ZERO_C_K)
        hours = max(dt_s, 1e-3) / 3600.0
        outflow = np.minimum(demand + leakage, supply + self._bar * per_bar_nm3 / hours)
        pressed = receiver_bar(self._bar, supply - outflow, dt_s, self._volume, air_c)
        over = np.maximum(pressed - self._relief, 0.0)
        self._bar = pressed - over
        relief = over * per_bar_nm3 / hours
        fallen = supply * dt_s / 3600.0 * _WATER_G_NM3 / 1000.0
        plugged = severity["drain_clogging"]
        self._water_kg = self._water_kg + fallen
        drained = (self._water_kg > 1.5 + 60.0 * plugged) | (self._water_kg > 80.0)
        self._water_kg = np.where(drained, 0.2, self._water_kg)
        self._drains = self._drains + drained
        return {
            "pressure": self._bar,
            "temperature": air_c,
            "inflow": supply,
            "outflow": outflow,
            "leakage": leakage,
            "relief_flow": relief,
            "relief_open": (relief > 0).astype(np.float64),
            "condensate_level": np.minimum(self._water_kg / 0.8, 100.0),
            "drain_cycles": self._drains,
            "air_bar": self._bar,
        }


KIND = MachineKind(
    "air_receiver",
    AirReceiverParameters,
    signals=(
        pressure_gauge("pressure", "Pressure, gauge", "bar", 0, 16),
        thermometer("temperature", "Air temperature", -10, 100),
        flow_meter("inflow", "Air coming in", "Nm³/h", 10_000),
        flow_meter("outflow", "Air going out", "Nm³/h", 10_000),
        flow_meter("leakage", "Leakage, from the night measurement", "Nm³/h", 5000),
        flow_meter("relief_flow", "Blown off by the safety valve", "Nm³/h", 20_000),
        Signal("relief_open", "Safety valve open", data_type="Boolean"),
        percent("condensate_level", "Condensate level"),
        Signal("drain_cycles", "Drain openings", "pcs", 0, 4e9, "UInt32", Sensor()),
    ),
    create=AirReceiverFleet,
    flows=("air_bar",),
    inputs=(
        Input("air_supply_nm3_h", "air", "upstream", "air_supply_nm3_h", usual=1100.0),
        Input("air_demand_nm3_h", "air", "downstream", "air_nm3_h", usual=1000.0),
    ),
    modes=_MODES,
    operated=False,
    companion="",
)
"""See the module."""
