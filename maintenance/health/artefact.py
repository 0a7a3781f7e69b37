"""A health model on disk: one file of numbers and texts, no code, with its checksum.

``<kind>.npz`` holds the arrays and, as ``description``, the UTF-8 bytes of a JSON of the names and scalars;
its version is the start of the SHA-256 of all of that.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from maintenance.errors import ArtefactError
from maintenance.health.calibration import Calibration
from maintenance.health.courses import Course
from maintenance.health.deviation import DeviationModel
from maintenance.health.model import HealthModel
from maintenance.health.past import PastMachines
from maintenance.health.signatures import Signatures
from maintenance.machine_lives import ModeRow

FORMAT = "parktwin.health@2"
MOST_BYTES = 64 << 20
"""No model of ours is nearly as large; a file that claims to be would fill the memory."""
_DEVIATION = ("operating", "condition", "centre", "scale", "weights", "scatter")
_COURSE = ("mean", "precision", "log_norm")


def save_health_model(model: HealthModel, folder: Path) -> str:
    """Write a model; return its version. Raises ArtefactError if the folder cannot be written."""
    arrays = _arrays(model)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f".{model.kind}.part"
        part.write_bytes(buffer.getvalue())
        part.replace(folder / f"{model.kind}.npz")
    except OSError as error:
        raise ArtefactError(f"{folder} cannot be written: {error.strerror}; choose another folder") from error
    return version_of(model)


def version_of(model: HealthModel) -> str:
    """The version of a model: 12 hex digits of the hash of all its numbers and names."""
    digest = hashlib.sha256()
    for name, array in sorted(_arrays(model).items()):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:12]


def load_health_model(path: Path) -> HealthModel:
    """Read a model; raises ArtefactError if it is damaged, incomplete or of another make."""
    try:
        body = path.read_bytes()
    except OSError as error:
        raise ArtefactError(f"{path} cannot be read: {error.strerror}; train the model anew") from error
    return read_health_model(body, str(path))


def read_health_model(body: bytes, name: str) -> HealthModel:
    """Read a model from the bytes of its file, called ``name`` in errors; as :func:`load_health_model`."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            size = sum(one.file_size for one in archive.infolist())
        if size > MOST_BYTES:
            raise ArtefactError(f"{name}: unpacks to {size} bytes, at most {MOST_BYTES} are read")
        with np.load(io.BytesIO(body), allow_pickle=False) as saved:
            arrays = {name: saved[name] for name in saved.files}
        told: dict[str, Any] = json.loads(arrays["description"].tobytes().decode())
        if told.get("format") != FORMAT:
            raise ArtefactError(f"{name} is no model of format {FORMAT}; train it with this version")
        courses = tuple(
            Course(
                **row,
                **{name: arrays[f"course{place}.{name}"].astype(np.float64) for name in _COURSE},
            )
            for place, row in enumerate(told["courses"])
        )
        return HealthModel(
            kind=str(told["kind"]),
            window_h=float(told["window_h"]),
            modes=tuple(ModeRow(**row) for row in told["modes"]),
            deviation=DeviationModel(
                tuple(told["signals"]), *(arrays[f"deviation.{name}"] for name in _DEVIATION)
            ),
            signatures=Signatures(arrays["pattern"], arrays["covariance"]),
            courses=courses,
            calibration=Calibration(arrays["calibration"]),
            calibration_unknown_age=Calibration(arrays["calibration_unknown_age"]),
            past=PastMachines(
                arrays["past.severities"].astype(np.float64),
                arrays["past.left_h"].astype(np.float64),
                arrays["past.unit"].astype(np.int64),
                arrays["past.mode"].astype(np.int64),
            ),
        )
    except ArtefactError:
        raise
    except (OSError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise ArtefactError(f"{name}: the model does not hold together: {error!r}; train it anew") from error


def load_health_models(folder: Path) -> dict[str, HealthModel]:
    """Read every model of a folder, by kind; raises ArtefactError of the first that is damaged."""
    return {path.stem: load_health_model(path) for path in sorted(folder.glob("*.npz"))}


def _arrays(model: HealthModel) -> dict[str, np.ndarray]:
    scalars = ("by_hours", "log_life_mean", "log_life_sd", "lives")
    told = {
        "format": FORMAT,
        "kind": model.kind,
        "window_h": model.window_h,
        "signals": list(model.deviation.signals),
        "modes": [asdict(row) for row in model.modes],
        "courses": [{name: getattr(course, name) for name in scalars} for course in model.courses],
    }
    text = json.dumps(told, ensure_ascii=False, sort_keys=True).encode()
    arrays: dict[str, np.ndarray] = {"description": np.frombuffer(text, np.uint8)}
    arrays |= {f"deviation.{name}": getattr(model.deviation, name) for name in _DEVIATION}
    arrays |= {"pattern": model.signatures.pattern, "covariance": model.signatures.covariance}
    # the tables of the courses are most of it, and are known to far less than a float32 tells
    for place, course in enumerate(model.courses):
        arrays |= {f"course{place}.{name}": getattr(course, name).astype(np.float32) for name in _COURSE}
    past = model.past
    arrays |= {"past.severities": past.severities.astype(np.float16)}
    arrays |= {"past.left_h": past.left_h.astype(np.float32)}
    arrays |= {"past.unit": past.unit.astype(np.int32), "past.mode": past.mode.astype(np.int32)}
    arrays["calibration"] = model.calibration.table
    arrays["calibration_unknown_age"] = model.calibration_unknown_age.table
    return arrays
