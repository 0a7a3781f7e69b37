"""What goes wrong with a camera: rows of a table, each a way to disturb an exposure by its severity."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from sim.cameras.errors import UnknownFaultError
from sim.cameras.optics import Exposure


@dataclass(frozen=True, slots=True)
class CameraFault:
    """A way in which cameras fail.

    Args:
        name: what ``parktwin sim inject`` names.
        iso14224: failure mode code of ISO 14224:2016 annex B.2.6 (table B.9, input devices).
        mechanism: failure mechanism of ISO 14224:2016 table B.2.
        vi, en: what it is, for people.
        shows_as: what pictures then look like.
        disturb: the exposure with the fault at a severity above 0. The generator belongs to the station and
            the fault: what a fault does at random (which way a camera was knocked) stays the same.
    """

    name: str
    iso14224: str
    mechanism: str
    vi: str
    en: str
    shows_as: str
    disturb: Callable[[Exposure, float, np.random.Generator], Exposure]


def _defocus(exposure: Exposure, severity: float, _: np.random.Generator) -> Exposure:
    # blurs add as variances; a lens ring that has turned fully loose blurs over some ten pixels
    return replace(exposure, blur_px=math.hypot(exposure.blur_px, 5.0 * severity))


def _dirty_lens(exposure: Exposure, severity: float, _: np.random.Generator) -> Exposure:
    return replace(exposure, dirt=min(1.0, exposure.dirt + severity))


def _exposure_drift(exposure: Exposure, severity: float, rng: np.random.Generator) -> Exposure:
    # lamps age towards dark, a lost exposure setting goes either way; at most a stop and a half
    stops = 1.5 * severity * (-1 if rng.random() < 0.7 else 1)
    return replace(exposure, gain=exposure.gain * 2.0**stops)


def _misalignment(exposure: Exposure, severity: float, rng: np.random.Generator) -> Exposure:
    angle, turn = rng.uniform(0, 2 * math.pi), rng.uniform(2.0, 4.0) * rng.choice((-1.0, 1.0))
    distance_px = 60.0 * severity
    x, y = exposure.shift
    return replace(
        exposure,
        shift=(x + distance_px * math.cos(angle), y + distance_px * math.sin(angle)),
        turn_deg=exposure.turn_deg + float(turn) * severity,
    )


def _dead(exposure: Exposure, severity: float, _: np.random.Generator) -> Exposure:
    return replace(exposure, black_share=min(1.0, severity), dead=severity >= 1)


CAMERA_FAULTS: dict[str, CameraFault] = {
    fault.name: fault
    for fault in (
        CameraFault(
            "camera_defocus",
            "PDE",
            "1.5 Looseness",
            "Ống kính mất nét",
            "Lens out of focus",
            "blurred all over",
            _defocus,
        ),
        CameraFault(
            "camera_dirty_lens",
            "SER",
            "5.2 Contamination",
            "Bụi bẩn trên ống kính",
            "Dirt on the lens",
            "soft dark spots that never move, and less contrast",
            _dirty_lens,
        ),
        CameraFault(
            "camera_exposure_drift",
            "PDE",
            "3.4 Out of adjustment",
            "Độ phơi sáng bị trôi",
            "Exposure drifts",
            "too dark or too bright all over",
            _exposure_drift,
        ),
        CameraFault(
            "camera_misalignment",
            "PDE",
            "1.3 Clearance/alignment failure",
            "Camera bị lệch",
            "Camera knocked out of place",
            "pieces lie elsewhere and turned",
            _misalignment,
        ),
        CameraFault(
            "camera_dead",
            "NOO",
            "3.2 No signal/indication/alarm",
            "Camera mất tín hiệu",
            "Camera sends nothing",
            "black pictures, as often as the severity says; none at all at severity 1",
            _dead,
        ),
    )
}
"""By name, for the catalogue of faults."""


def disturb(
    exposure: Exposure, faults: Mapping[str, float], rng_of: Callable[[str], np.random.Generator]
) -> Exposure:
    """Apply faults by name and severity; severities of 0 and below do nothing, above 1 count as 1.

    Args:
        exposure: of a sound camera.
        faults: severity by name.
        rng_of: makes a fault's generator from its name.

    Raises:
        UnknownFaultError: a name is not in the table.

    >>> sound = Exposure(blur_px=0.7)
    >>> round(disturb(sound, {"camera_defocus": 1.0}, lambda name: np.random.default_rng(1)).blur_px, 2)
    5.05
    """
    for name, severity in sorted(faults.items()):
        check_fault(name)
        if severity > 0:
            exposure = CAMERA_FAULTS[name].disturb(exposure, min(1.0, severity), rng_of(name))
    return exposure


def check_fault(name: str) -> None:
    """Refuse a name that is not in the table.

    Raises:
        UnknownFaultError: naming it and what there is.
    """
    if name not in CAMERA_FAULTS:
        raise UnknownFaultError(f"camera fault {name!r}: there is none; choose of {', '.join(CAMERA_FAULTS)}")
