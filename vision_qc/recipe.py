"""A taught station on disk: ``recipe.json`` and ``arrays.npz``. No pickle; nothing in it is ever executed.

The JSON holds every number that is not an array, and the SHA-256 of the arrays; its own SHA-256 is the
recipe's identity, which every verdict names. The same pictures give the same two files, byte for byte.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from vision_qc.checks.plan import make_plan
from vision_qc.defect_names import DefectNames
from vision_qc.detectors.detector import Detector
from vision_qc.detectors.known import DETECTORS
from vision_qc.detectors.supervised_head import SupervisedHead
from vision_qc.detectors.take import take
from vision_qc.errors import RecipeError
from vision_qc.features import SHA256
from vision_qc.fusion import FUSIONS, Scale
from vision_qc.illumination import LIGHTS
from vision_qc.image_file import DECODINGS
from vision_qc.part_registration import from_record, to_record
from vision_qc.quality_gate import QualityGate
from vision_qc.sight import Eye
from vision_qc.station import Station
from vision_qc.threshold import Threshold

F32 = npt.NDArray[np.float32]

FORMAT = 6
"""1 looked at other levels of features; 2 took parts as they lie; 3 knew one shape and fused by the mean; 4
had no names of defects; 5 did not know how sure a name is, and no thresholds by type."""
READ = (2, 3, 4, 5, 6)
_JSON, _ARRAYS = "recipe.json", "arrays.npz"


@dataclass(frozen=True, slots=True, eq=False)
class Recipe:
    """A station as it was loaded.

    Args:
        name: of the folder.
        sha256: of ``recipe.json``, and through it of everything.
        station: ready to judge.
    """

    name: str
    sha256: str
    station: Station


def save(station: Station, folder: Path) -> str:
    """Write ``station`` to ``folder``, which is made.

    Returns:
        The recipe's SHA-256.

    Raises:
        RecipeError: the folder cannot be written.
    """
    arrays = {"eye/projection": station.eye.projection}
    parts: dict[str, Detector | SupervisedHead] = dict(station.detectors)
    if station.head is not None:
        parts["head"] = station.head
    if station.names is not None:
        arrays |= {f"names/{key}": array for key, array in station.names.arrays().items()}
    for name, part in parts.items():
        arrays |= {f"{name}/{key}": array for key, array in part.arrays().items()}
    if station.registration is not None:
        arrays["registration/template"] = station.registration.template
    packed = io.BytesIO()
    np.savez(packed, allow_pickle=False, **arrays)
    content = {
        "format": FORMAT,
        "network": SHA256,
        "arrays": hashlib.sha256(packed.getvalue()).hexdigest(),
        "eye": {
            "height": station.eye.height,
            "width": station.eye.width,
            "light": station.eye.light,
            "shapes": station.eye.shapes,
        },
        "detectors": list(station.detectors),
        "head": station.head is not None,
        "scales": [[asdict(scale) for scale in scales] for scales in station.scales],
        "fusion": station.fusion,
        "threshold": asdict(station.threshold),
        "gate": asdict(station.gate),
        "hottest_good": station.hottest_good,
        "names": None if station.names is None else station.names.record(),
        "decoding": station.decoding,
        "checks": None if station.plan is None else msgspec.to_builtins(station.plan),
        "registration": None if station.registration is None else to_record(station.registration),
    }
    text = json.dumps(content, indent=1, sort_keys=True) + "\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # a recipe is there when its JSON is: arrays without it are nothing, and it never names arrays to come
        (folder / _ARRAYS).write_bytes(packed.getvalue())
        (folder / _JSON).write_text(text, encoding="utf-8")
    except OSError as error:
        raise RecipeError(f"{folder}: cannot be written ({error.strerror}); give another folder") from error
    return hashlib.sha256(text.encode()).hexdigest()


_DAMAGED: Final = (
    LookupError, TypeError, AttributeError, ValueError, ArithmeticError, RecursionError, MemoryError,
    EOFError, OSError, NotImplementedError, RuntimeError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
"""What reading JSON and arrays can raise that somebody else wrote."""
MOST_UNPACKED: Final = 1 << 30
"""Bytes of all arrays, some fifty times what a station has; a bomb of zeros has a thousand times more."""


def load(folder: Path) -> Recipe:
    """Read a recipe that :func:`save` wrote.

    Raises:
        RecipeError: it is missing, damaged, or of another make.
    """
    try:
        text = (folder / _JSON).read_bytes()
        packed = (folder / _ARRAYS).read_bytes()
    except OSError as error:
        raise RecipeError(f"{folder}: holds no recipe ({error.strerror}); teach one") from error
    try:
        content = json.loads(text)
        if content["format"] not in READ or content["network"] != SHA256:
            raise RecipeError(f"{folder}: of another make (format, network); teach it again")
        if content["arrays"] != hashlib.sha256(packed).hexdigest():
            raise RecipeError(f"{folder}: {_ARRAYS} is not what {_JSON} names; restore both")
        with zipfile.ZipFile(io.BytesIO(packed)) as container:
            unpacked = sum(part.file_size for part in container.infolist())
        if unpacked > MOST_UNPACKED:
            raise RecipeError(f"{folder}: {_ARRAYS} unpacks to {unpacked} bytes, at most {MOST_UNPACKED}")
        with np.load(io.BytesIO(packed), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        station = _station(content, arrays)
    except RecipeError:
        raise
    except _DAMAGED as error:
        raise RecipeError(f"{folder}: {_JSON} is damaged ({error!r}); restore it") from error
    return Recipe(folder.resolve().name, hashlib.sha256(text).hexdigest(), station)


def _station(content: dict[str, Any], arrays: dict[str, F32]) -> Station:
    eye = content["eye"]
    if eye["light"] not in LIGHTS:
        raise RecipeError(f"recipe: light {eye['light']!r} is none of {', '.join(LIGHTS)}; teach it again")
    for name in content["detectors"]:
        if name not in DETECTORS:
            raise RecipeError(f"recipe: detector {name!r} is none of {', '.join(DETECTORS)}; teach it again")
    later = content["format"] > 2
    registration, checks = (content["registration"], content["checks"]) if later else (None, None)
    decoding = content["decoding"] if later else "full"
    if decoding not in DECODINGS:
        raise RecipeError(f"recipe: decoding {decoding!r} is none of {', '.join(DECODINGS)}; teach it again")
    shaped = content["format"] > 3
    scales = content["scales"] if shaped else [content["scales"]]
    shapes = tuple(float(shape) for shape in eye["shapes"]) if shaped else (0.0,)
    fusion = content["fusion"] if shaped else "mean"
    names = content["names"] if content["format"] > 4 else None
    if fusion not in FUSIONS:
        raise RecipeError(f"recipe: fusion {fusion!r} is none of {', '.join(FUSIONS)}; teach it again")
    if not shapes or len(scales) != len(shapes):
        raise RecipeError(f"recipe: {len(shapes)} shapes and scales of {len(scales)}; teach it again")
    projection = take(arrays, "eye/projection", 2)
    return Station(
        eye=Eye(int(eye["height"]), int(eye["width"]), eye["light"], projection, shapes),
        detectors={name: DETECTORS[name].from_arrays(_part(arrays, name)) for name in content["detectors"]},
        head=SupervisedHead.from_arrays(_part(arrays, "head")) if content["head"] else None,
        scales=tuple(tuple(Scale(**scale) for scale in row) for row in scales),
        fusion=fusion,
        names=None if names is None else DefectNames.from_record(names, _part(arrays, "names")),
        threshold=Threshold(**content["threshold"]),
        gate=QualityGate(**content["gate"]),
        hottest_good=float(content["hottest_good"]),
        plan=None if checks is None else make_plan(checks),
        decoding=decoding,
        registration=None
        if registration is None
        else from_record(registration, _part(arrays, "registration")),
    )


def _part(arrays: dict[str, F32], name: str) -> dict[str, F32]:
    return {
        key.removeprefix(f"{name}/"): array for key, array in arrays.items() if key.startswith(f"{name}/")
    }
