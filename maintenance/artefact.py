"""A model on disk: a folder of numbers and texts, no code.

    model.json    what it is: format, names, scalars, SHA-256 of every other file
    arrays.npz    every array, read with pickling forbidden
    trees_FF_M.txt   LightGBM's text of the M-th set of trees of fold FF

Whoever opens a model from outside must not thereby run it, so there is no pickle anywhere; a file whose
checksum is not the one written down is refused. The same model gives the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import numpy.typing as npt

from maintenance.conformal import LocalConformal
from maintenance.design import Design
from maintenance.errors import ArtefactError
from maintenance.model import RulModel
from maintenance.prognosis.network import Network
from maintenance.prognosis.similarity import Library
from maintenance.prognosis.stack import Fold, Stack
from maintenance.prognosis.trees import read_trees
from maintenance.regimes import Regimes

FORMAT = "parktwin-rul@2"
DESCRIPTION = "model.json"
ARRAYS = "arrays.npz"

_Arrays = dict[str, npt.NDArray[Any]]
_REGIMES = ("setting_mean", "setting_scale", "centres", "mean", "scale")
_DESIGN = ("used", "covariance", "low", "high", "longest_run", "noise", "worn", "mean", "scale")


def save_model(model: RulModel, directory: Path) -> str:
    """Write the model to ``directory``, which is made; returns its version, a hash of its content."""
    files: dict[str, bytes] = {ARRAYS: _npz(_arrays(model))}
    for number, fold in enumerate(model.stack.folds):
        for place, trees in enumerate(fold.trees):
            files[_trees_name(number, place)] = trees.text.encode()
    description = {
        "format": FORMAT,
        "cap": model.stack.cap,
        "seed": model.seed,
        "trained_on": model.trained_on,
        "setting_names": model.setting_names,
        "sensor_names": model.sensor_names,
        "folds": [
            {
                "networks": [
                    {
                        "layers": len(network.layers),
                        "target_mean": network.target_mean,
                        "target_scale": network.target_scale,
                    }
                    for network in fold.networks
                ],
                "trees": len(fold.trees),
            }
            for fold in model.stack.folds
        ],
        "sha256": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
    }
    text = json.dumps(description, indent=1, ensure_ascii=False) + "\n"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (directory / name).write_bytes(content)
        # last, so that a model half written has no description and is refused
        (directory / DESCRIPTION).write_text(text, encoding="utf-8")
    except OSError as error:
        raise ArtefactError(
            f"{directory} cannot be written: {error.strerror}; choose another folder"
        ) from error
    return version_of(text)


def version_of(description: str) -> str:
    """The version of a model: 12 hex digits of its description's hash, which covers those of all files."""
    return hashlib.sha256(description.encode()).hexdigest()[:12]


def load_model(directory: Path) -> RulModel:
    """Read a model; raises ArtefactError if it is damaged, incomplete or of another make."""
    description = _description(directory)
    try:
        checksums: dict[str, str] = description["sha256"]
        arrays = _read_arrays(directory, checksums)
        return RulModel(
            design=Design(
                regimes=Regimes(**{name: arrays[f"regimes.{name}"] for name in _REGIMES}),
                **{name: arrays[f"design.{name}"] for name in _DESIGN},
            ),
            stack=Stack(
                folds=tuple(
                    _fold(directory, number, row, arrays, checksums)
                    for number, row in enumerate(description["folds"])
                ),
                weights=arrays["stack.weights"],
                cap=float(description["cap"]),
            ),
            conformal=LocalConformal(
                arrays["conformal.grid"], arrays["conformal.errors"], float(description["cap"])
            ),
            inflation=arrays["inflation"],
            setting_names=tuple(description["setting_names"]),
            sensor_names=tuple(description["sensor_names"]),
            trained_on=str(description["trained_on"]),
            seed=int(description["seed"]),
            compared=arrays["compared"].astype(np.int64),
            past=Library(
                arrays["past.table"].astype(np.float32),
                arrays["past.unit"].astype(np.int64),
                arrays["past.left"].astype(np.float64),
            ),
        )
    except (KeyError, TypeError, ValueError, lightgbm.basic.LightGBMError) as error:
        if isinstance(error, ArtefactError):
            raise
        raise ArtefactError(
            f"{directory}: the model does not hold together: {error!r}; fit it anew"
        ) from error


def _description(directory: Path) -> dict[str, Any]:
    path = directory / DESCRIPTION
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ArtefactError(f"{path} cannot be read: {error}; give the folder that rul fit wrote") from error
    if not isinstance(read, dict) or read.get("format") != FORMAT:
        raise ArtefactError(f"{path} is no model of format {FORMAT}; fit it with this version of ParkTwin")
    return read


def _checked(directory: Path, name: str, checksums: dict[str, str]) -> bytes:
    try:
        content = (directory / name).read_bytes()
    except OSError as error:
        raise ArtefactError(
            f"{directory / name} cannot be read: {error.strerror}; fit the model anew"
        ) from error
    if hashlib.sha256(content).hexdigest() != checksums[name]:
        raise ArtefactError(
            f"{directory / name} is not the file that was saved (its SHA-256 differs from {DESCRIPTION}); "
            "copy the model again or fit it anew"
        )
    return content


def _read_arrays(directory: Path, checksums: dict[str, str]) -> _Arrays:
    with np.load(io.BytesIO(_checked(directory, ARRAYS, checksums)), allow_pickle=False) as saved:
        return {name: saved[name] for name in saved.files}


def _fold(
    directory: Path, number: int, row: dict[str, Any], arrays: _Arrays, checksums: dict[str, str]
) -> Fold:
    networks = tuple(
        Network(
            layers=tuple(
                (arrays[f"network.{number}.{place}.{layer}.w"], arrays[f"network.{number}.{place}.{layer}.b"])
                for layer in range(one["layers"])
            ),
            target_mean=float(one["target_mean"]),
            target_scale=float(one["target_scale"]),
        )
        for place, one in enumerate(row["networks"])
    )
    trees = tuple(
        read_trees(_checked(directory, _trees_name(number, place), checksums).decode())
        for place in range(row["trees"])
    )
    return Fold(networks, trees)


def _arrays(model: RulModel) -> _Arrays:
    arrays: _Arrays = {f"regimes.{name}": getattr(model.design.regimes, name) for name in _REGIMES}
    arrays |= {f"design.{name}": getattr(model.design, name) for name in _DESIGN}
    arrays |= {
        "conformal.grid": model.conformal.grid,
        "conformal.errors": model.conformal.errors,
        "inflation": model.inflation,
        "stack.weights": model.stack.weights,
        "compared": model.compared.astype(np.int32),
        "past.table": model.past.table.astype(np.float16),
        "past.unit": model.past.unit,
        "past.left": model.past.left.astype(np.float32),
    }
    for number, fold in enumerate(model.stack.folds):
        for place, network in enumerate(fold.networks):
            for layer, (weight, offset) in enumerate(network.layers):
                arrays[f"network.{number}.{place}.{layer}.w"] = weight
                arrays[f"network.{number}.{place}.{layer}.b"] = offset
    return arrays


def _npz(arrays: _Arrays) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def _trees_name(fold: int, place: int) -> str:
    return f"trees_{fold:02}_{place}.txt"
