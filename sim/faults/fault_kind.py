"""The row of the catalogue of faults, and the rows that no kind of machine has of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sim.cameras.faults import CAMERA_FAULTS, CameraFault
from sim.degradation.never import NEVER
from sim.kind import FailureMode, MachineKind
from sim.sensors.trouble import Trouble

Acts = Literal["wear", "process", "machine", "sensor", "camera"]


@dataclass(frozen=True, slots=True)
class FaultKind:
    """Something that can be brought about.

    Args:
        id: what ``parktwin sim inject`` names.
        acts: on what, as in :mod:`sim.faults`.
        kind: name of the kind of machine; "" = any.
        vi, en: what it is, for people.
        strength: unless said otherwise.
        unit: what the strength is measured in; "" where there is nothing to choose.
        low, high: what strength is accepted.
        ramp_s: how long it takes to come to its strength unless said otherwise [s]; of running time for wear.
        duration_s: how long it lasts unless said otherwise [s]; 0 = until it is cleared or repaired.
        shows_in: signals that speak of it; empty = the tag itself.
        stops: a machine stands from severity 1 on.
    """

    id: str
    acts: Acts
    kind: str
    vi: str
    en: str
    strength: float
    unit: str
    low: float
    high: float
    ramp_s: float
    duration_s: float
    shows_in: tuple[str, ...] = ()
    stops: bool = False


def of_mode(kind: MachineKind, mode: FailureMode) -> FaultKind:
    """Make the row of a failure mode: a disturbance where its law is :data:`sim.degradation.never.NEVER`."""
    disturbance = mode.law is NEVER
    return FaultKind(
        id=mode.name,
        acts="process" if disturbance else "wear",
        kind=kind.name,
        vi=mode.vi,
        en=mode.en,
        strength=1.0 if disturbance else 0.8,
        unit="severity",
        low=0.01,
        high=1.5 if disturbance else 1.0,
        ramp_s=0.0 if disturbance else 600.0,
        duration_s=3600.0 if disturbance else 0.0,
        shows_in=mode.shows_in,
        stops=mode.stops,
    )


def of_trouble(trouble: Trouble) -> FaultKind:
    """Make the row of a trouble of instruments."""
    return FaultKind(
        id=trouble.id,
        acts="sensor",
        kind="",
        vi=trouble.vi,
        en=trouble.en,
        strength=trouble.strength,
        unit=trouble.unit,
        low=trouble.low,
        high=trouble.high,
        ramp_s=0.0,
        duration_s=trouble.duration_s,
    )


def of_camera(fault: CameraFault) -> FaultKind:
    """Make the row of a fault of cameras, on the station that has one."""
    return FaultKind(
        id=fault.name,
        acts="camera",
        kind="",
        vi=fault.vi,
        en=fault.en,
        strength=0.6,
        unit="severity",
        low=0.01,
        high=1.0,
        ramp_s=0.0,
        duration_s=3600.0,
    )


TRIP, SHORTAGE, EXCURSION, SLOW = "trip", "material_shortage", "quality_excursion", "slow_running"

OF_ANY_MACHINE = (
    FaultKind(
        TRIP, "machine", "", "Dừng khẩn cấp", "Somebody hits the emergency stop", 1.0, "", 1.0, 1.0, 0.0,
        600.0, ("state",), stops=True,
    ),
)  # fmt: skip
"""Rows for every machine that is operated."""

OF_ANY_STATION = (
    FaultKind(
        SHORTAGE, "machine", "", "Thiếu vật tư", "Material runs out at a station", 1.0, "", 1.0, 1.0, 0.0,
        1800.0, ("state", "starved", "good_count"),
    ),
    FaultKind(
        EXCURSION, "machine", "", "Lỗi chất lượng hàng loạt", "A bad lot: more pieces are rejected", 0.1,
        "share of pieces", 0.001, 1.0, 0.0, 1800.0, ("reject_count",),
    ),
    FaultKind(
        SLOW, "machine", "", "Chạy chậm", "Runs slower, as with too few hands", 0.3, "share of the pace lost",
        0.01, 0.95, 0.0, 3600.0, ("cycle_time",),
    ),
)  # fmt: skip
"""Rows for every machine that stands in a line."""

OF_ANY_CAMERA = tuple(of_camera(fault) for fault in CAMERA_FAULTS.values())
"""Rows for every station with a camera."""
