"""A steam header: boilers in, consumers out, a common pressure. It shares the demand among the boilers on
fire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.gamma_wear import GammaWear
from sim.instruments import counter, flow_meter, pressure_gauge, thermometer
from sim.kind import F64, FailureMode, Input, MachineKind, Site, Tick
from sim.physics.lag import Lag
from sim.physics.steam import saturation_c


class SteamHeaderParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of one header.

    Args:
        rated_kg_h: flow at which the pressure from the boilers drops by ``drop_bar`` [kg/h].
        drop_bar: that drop [bar]; it grows with the square of the flow.
        losses_kg_h: condensed by its pipes and blown by sound traps [kg/h].
    """

    rated_kg_h: float = 8000.0
    drop_bar: float = 0.6
    losses_kg_h: float = 60.0


_MODES = (
    FailureMode(
        "trap_leak", "INL", "2.4 Wear", GammaWear(4000.0, 0.3),
        "Bẫy hơi thổi", "Steam traps blow through",
        ("trap_loss", "drain_temperature"), stops=False, repair_h=6.0,
    ),
)  # fmt: skip


class SteamHeaderFleet:
    """All headers."""

    def __init__(self, parameters: Sequence[SteamHeaderParameters], site: Site) -> None:
        n = len(parameters)
        self._rated, self._drop, self._losses = (
            np.array([float(getattr(one, name)) for one in parameters])
            for name in ("rated_kg_h", "drop_bar", "losses_kg_h")
        )
        self._total_t = np.zeros(n)
        self._drain = Lag(300.0)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        boilers = tick.inputs["boilers_ready"]
        hot = tick.inputs["boiler_bar"] > 0.1
        lost_kg_h = self._losses * (1.0 + 5.0 * tick.severity["trap_leak"]) * hot
        flow_kg_h = tick.inputs["steam_demand_kg_h"] + lost_kg_h
        # squared, and never more than the boilers hold
        bar = np.maximum(tick.inputs["boiler_bar"] - self._drop * (flow_kg_h / self._rated) ** 2, 0.0)
        self._total_t = self._total_t + flow_kg_h * (tick.dt_s / 3.6e6)
        drain_c = 82.0 + 30.0 * np.minimum(tick.severity["trap_leak"], 1.0)
        return {
            "pressure": bar,
            "temperature": saturation_c(bar),
            "flow": flow_kg_h,
            "trap_loss": lost_kg_h,
            "drain_temperature": self._drain.step(np.where(hot, drain_c, 35.0), tick.dt_s),
            "total": self._total_t,
            "steam_bar": bar,
            "steam_kg_h": flow_kg_h / np.maximum(boilers, 1.0),
        }


KIND = MachineKind(
    "steam_header",
    SteamHeaderParameters,
    signals=(
        pressure_gauge("pressure", "Header pressure", "bar", 0, 16),
        thermometer("temperature", "Steam temperature", 0, 250),
        flow_meter("flow", "Steam from the boilers", "kg/h", 20000),
        flow_meter("trap_loss", "Steam lost by pipes and traps", "kg/h", 1000),
        thermometer("drain_temperature", "Condensate line after the traps", 0, 200),
        counter("total", "Steam in total", "t"),
    ),
    create=SteamHeaderFleet,
    flows=("steam_bar", "steam_kg_h"),
    inputs=(
        Input("steam_demand_kg_h", "steam", "downstream", "steam_kg_h", usual=3000.0),
        Input("boilers_ready", "steam", "upstream", "steam_ready", default=1.0, lagged=True),
        Input("boiler_bar", "steam", "upstream", "steam_bar", "max", default=8.0, lagged=True),
    ),
    modes=_MODES,
    operated=False,
    companion="",
)
