"""Cards made: of what a model was trained on, and of how it did on machines that it had not seen."""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from pathlib import Path

import msgspec
import numpy as np

from maintenance.benchmarks.sim_lives import Looks, look, score
from maintenance.errors import DataSetError
from maintenance.health.artefact import load_health_model, version_of
from maintenance.health.model import HealthModel
from maintenance.machine_lives import Lives
from maintenance.registry.card import WHOLE, Metrics, ModelCard

LIMITS_VI = (
    "Chỉ dùng cho loại máy này, với đúng các tín hiệu mà mô hình đọc.",
    "Không thấy trước được hư hỏng đến trong vài phút, hay chỉ lộ ra vài ngày của nhiều năm chạy máy.",
    "Máy chưa có ghi nhận đại tu thì dự báo chỉ để tham khảo.",
)
LIMITS_EN = (
    "For this kind of machine only, with the signals that the model reads.",
    "Blind to failures that come within minutes, and late with those that show for days of years of running.",
    "Where no overhaul is on record, forecasts are indicative only.",
)


def hash_of_lives(lives: Lives) -> str:
    """SHA-256 of lives: everything that training sees of them."""
    digest = hashlib.sha256("\n".join((lives.kind, *lives.signals, *map(repr, lives.modes))).encode())
    for array in (lives.starts, lives.hour, lives.value, lives.mode, lives.onset_h, lives.end_h):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def card_of(path: Path, lives: Lives, *, owner: str, origin_vi: str, origin_en: str) -> ModelCard:
    """The card of a model that was just trained on lives and written to a file."""
    model = load_health_model(path)
    counts = np.bincount(lives.mode, minlength=len(lives.modes))
    return ModelCard(
        kind=model.kind,
        version=version_of(model),
        file_sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        data_sha256=hash_of_lives(lives),
        machines={mode.name: int(count) for mode, count in zip(lives.modes, counts, strict=True)},
        window_h=model.window_h,
        software=version("parktwin"),
        owner=owner,
        origin_vi=origin_vi,
        origin_en=origin_en,
        limits_vi=LIMITS_VI,
        limits_en=LIMITS_EN,
    )


def evaluated(card: ModelCard, model: HealthModel, lives: Lives) -> ModelCard:
    """The card with how good the model's forecasts of these lives are, in all and by failure mode.

    Raises:
        DataSetError: the model was trained on them, or they are of another kind.
    """
    told = hash_of_lives(lives)
    if told == card.data_sha256:
        raise DataSetError(
            f"model {card.version} of {card.kind!r} was trained on these lives; evaluate it on others"
        )
    if lives.kind != model.kind:
        raise DataSetError(f"lives of {lives.kind!r} for a model of {model.kind!r}; give those of its kind")
    looks = look(model, lives, range(lives.units), known_age=True)
    metrics = [_metrics(WHOLE, looks)]
    metrics += [_metrics(mode, looks.of_mode(mode)) for mode in sorted(set(looks.mode))]
    return msgspec.structs.replace(card, evaluated_sha256=told, metrics=tuple(metrics))


def _metrics(subset: str, looks: Looks) -> Metrics:
    found = score([looks])
    return Metrics(
        subset=subset,
        machines=found.count,
        error_half=found.error,
        coverage=found.coverage,
        mode_first=found.first_half,
    )
