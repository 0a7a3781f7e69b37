"""Automatic optical inspection of soldered boards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.gamma_wear import GammaWear
from sim.instruments import gauge, percent, thermometer
from sim.kind import ELECTRIC, F64, FailureMode, MachineKind, Sensor, Signal, Site, Tick
from sim.physics.columns import column
from sim.physics.last_piece import LastPiece
from sim.rated_machine import Electrics, Quantity, QuantityBank


class AoiParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One inspection machine.

    Args:
        components: components it looks at on a board.
    """

    components: int = 514


_QUANTITIES = (
    Quantity(
        thermometer("camera_temperature", "Camera temperature", 0, 90),
        31,
        44,
        1500,
        0.5,
        0.03,
        {"light_ageing": 5},
    ),
    Quantity(
        gauge("stage_current", "Stage drive current", "A", 0, 20),
        0.2,
        2.1,
        1,
        0.05,
        0.03,
        {"stage_wear": 1.3},
    ),
    Quantity(
        gauge("stage_vibration", "Stage vibration", "mm/s", 0, 20),
        0.03,
        0.5,
        1,
        0.03,
        0.05,
        {"stage_wear": 1.5},
    ),
    Quantity(percent("disk_used", "Disk used by pictures"), 62, 62, 60, 0.0, 0.02, follows="always"),
)

_MODES = (
    FailureMode(
        "light_ageing",
        "LOO",
        "2.4 Wear",
        ExponentialGrowth(12_000.0, 0.25, 2.0),
        "Suy giảm đèn vòng chiếu sáng",
        "Ring light ageing",
        ("light_intensity", "focus_score", "findings_last_board"),
        stops=False,
        repair_h=1.0,
    ),
    FailureMode(
        "stage_wear",
        "VIB",
        "2.4 Wear",
        GammaWear(18_000.0, 0.2),
        "Mòn bàn máy AOI",
        "Stage wear",
        ("stage_current", "stage_vibration", "scan_time"),
        stops=False,
        repair_h=4.0,
    ),
)
_NAMES = tuple(mode.name for mode in _MODES)


class AoiFleet:
    """All inspection machines. Findings are what it marks for the operator, false calls included."""

    def __init__(self, parameters: Sequence[AoiParameters], site: Site) -> None:
        n = len(parameters)
        rng = site.rng()
        self._components = column(parameters, "components")
        self._bank = QuantityBank(_QUANTITIES, _NAMES, n, rng)
        self._electrics = Electrics(n, 0.9)
        self._board = LastPiece((0.6, 3.5, 0.15, 2.0, 2.0), n)
        self._light = 93.0 + rng.normal(0.0, 1.0, n)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        dim, worn = tick.severity["light_ageing"], tick.severity["stage_wear"]
        zero = np.zeros_like(dim)
        mean = np.array(
            [
                0.5 + 8.0 * dim * dim,
                zero + 102.0,
                12.5 + 3.5 * worn,
                zero + 14.0 + 16.0 * worn,
                zero + 13.0,
            ]
        )
        findings, height, scan_s, x, y = self._board.step(tick.made, mean, tick.rng)
        out = self._bank.step(tick, tick.work)
        out |= self._electrics.step(tick, 0.5 + 0.5 * tick.work)
        out |= {
            "findings_last_board": np.maximum(np.rint(findings), 0.0),
            "components_inspected": self._components * tick.made,
            "joint_height": height,
            "scan_time": scan_s,
            "offset_x": np.abs(x),
            "offset_y": np.abs(y),
            "light_intensity": (self._light - 36.0 * dim) * tick.powered,
            "focus_score": (96.0 - 14.0 * dim - 6.0 * worn) * tick.powered,
            "pace": 1.0 - 0.2 * worn,
            "reject_share": np.minimum(0.012 * dim * dim, 0.5),
        }
        return out


KIND = MachineKind(
    "aoi",
    AoiParameters,
    signals=(
        Signal("active_power", "Active power", "kW", 0, 10, sensor=Sensor(0.01, 0.01)),
        Signal("findings_last_board", "Findings on the last board", "pcs", 0, 1000, "UInt32"),
        Signal("components_inspected", "Components inspected", "pcs", 0, 9e15, "Int64"),
        gauge("joint_height", "Mean height of solder joints, last board", "µm", 0, 300),
        gauge("scan_time", "Scan time of the last board", "s", 0, 100),
        gauge("offset_x", "Mean component offset, x", "µm", 0, 200),
        gauge("offset_y", "Mean component offset, y", "µm", 0, 200),
        percent("light_intensity", "Ring light intensity"),
        percent("focus_score", "Focus score"),
        *(row.signal for row in _QUANTITIES),
    ),
    create=AoiFleet,
    flows=(*ELECTRIC, "pace", "reject_share"),
    modes=_MODES,
    station=True,
    companion="PackML",
)
"""See the module."""
