"""Solder paste inspection: it measures what the printer before it has put on a board."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.shock_wear import ShockWear
from sim.instruments import gauge, percent, thermometer
from sim.kind import ELECTRIC, F64, FailureMode, Input, MachineKind, Sensor, Signal, Site, Tick
from sim.physics.columns import column
from sim.physics.last_piece import LastPiece
from sim.rated_machine import Electrics, Quantity, QuantityBank


class SpiParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One inspection machine.

    Args:
        stencil_um: thickness of the stencil, so height of the paste [µm].
        pads: pads on a board.
    """

    stencil_um: float = 120.0
    pads: int = 1280


_QUANTITIES = (
    Quantity(
        thermometer("camera_temperature", "Camera temperature", 0, 90),
        31,
        43,
        1500,
        0.5,
        0.03,
        {"lamp_ageing": 7},
    ),
    Quantity(
        gauge("stage_current", "Stage drive current", "A", 0, 20),
        0.2,
        1.8,
        1,
        0.04,
        0.03,
        {"stage_wear": 1.1},
    ),
    Quantity(
        gauge("stage_vibration", "Stage vibration", "mm/s", 0, 20),
        0.03,
        0.42,
        1,
        0.03,
        0.05,
        {"stage_wear": 1.3},
    ),
)

_MODES = (
    FailureMode(
        "lamp_ageing",
        "LOO",
        "2.4 Wear",
        ExponentialGrowth(14_000.0, 0.25, 2.0),
        "Suy giảm đèn chiếu",
        "Projector lamp ageing",
        ("light_intensity", "camera_temperature", "false_calls"),
        stops=False,
        repair_h=1.0,
    ),
    FailureMode(
        "stage_wear",
        "VIB",
        "2.4 Wear",
        ShockWear(16_000.0, 0.2, 8.0),
        "Mòn bàn trượt đo",
        "Measuring stage wear",
        ("stage_current", "stage_vibration", "paste_offset"),
        stops=False,
        repair_h=4.0,
    ),
)
_NAMES = tuple(mode.name for mode in _MODES)


class SpiFleet:
    """All inspection machines."""

    def __init__(self, parameters: Sequence[SpiParameters], site: Site) -> None:
        n = len(parameters)
        self._stencil_um = column(parameters, "stencil_um")
        self._pads = column(parameters, "pads")
        rng = site.rng()
        self._bank = QuantityBank(_QUANTITIES, _NAMES, n, rng)
        self._electrics = Electrics(n, 0.9)
        self._board = LastPiece((2.6, 1.6, 4.0, 1.2, 0.4), n)
        self._light = 92.0 + rng.normal(0.0, 1.0, n)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        dim, worn = tick.severity["lamp_ageing"], tick.severity["stage_wear"]
        share = tick.inputs["paste_share"]
        mean = np.array(
            [
                100.0 * share + 1.0,
                100.0 - 40.0 * (1.0 - share),
                self._stencil_um * (0.4 + 0.6 * share) + 1.5,
                14.0 + 22.0 * worn,
                1.4 + 9.0 * dim * dim,
            ]
        )
        volume, area, height, offset, calls = self._board.step(tick.made, mean, tick.rng)
        out = self._bank.step(tick, tick.work)
        out |= self._electrics.step(tick, 0.5 + 0.4 * tick.work)
        out |= {
            "paste_volume": volume,
            "paste_area": area,
            "paste_height": height,
            "paste_offset": np.abs(offset),
            "false_calls": np.maximum(np.rint(calls), 0.0),
            "light_intensity": (self._light - 34.0 * dim) * tick.powered,
            "pads_measured": self._pads * tick.made,
            "pace": 1.0 - 0.15 * dim,
            "reject_share": np.minimum(0.9 * np.maximum(0.88 - share, 0.0) + 0.01 * dim, 0.5),
        }
        return out


KIND = MachineKind(
    "spi",
    SpiParameters,
    signals=(
        Signal("active_power", "Active power", "kW", 0, 10, sensor=Sensor(0.01, 0.01)),
        gauge("paste_volume", "Mean paste volume of the last board", "%", 0, 200),
        gauge("paste_area", "Mean paste area of the last board", "%", 0, 200),
        gauge("paste_height", "Mean paste height of the last board", "µm", 0, 300),
        gauge("paste_offset", "Mean paste offset of the last board", "µm", 0, 200),
        Signal("false_calls", "False calls on the last board", "pcs", 0, 1000, "UInt32"),
        percent("light_intensity", "Projector light intensity"),
        Signal("pads_measured", "Pads measured", "pcs", 0, 9e15, "Int64"),
        *(row.signal for row in _QUANTITIES),
    ),
    create=SpiFleet,
    flows=(*ELECTRIC, "pace", "reject_share"),
    inputs=(Input("paste_share", "material", "upstream", "paste_share", "min", default=1.0),),
    modes=_MODES,
    station=True,
    companion="PackML",
)
"""See the module."""
