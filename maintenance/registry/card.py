"""The card of a model: what it was made of, how good it is and for what, and what it must not be used for
(Mitchell et al. 2019, "Model cards for model reporting")."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from maintenance.errors import ArtefactError
from maintenance.wording import Language, number, pick

SUFFIX = ".card.json"
WHOLE = ""
"""Name of the subset that is everything."""


class Metrics(msgspec.Struct, frozen=True, kw_only=True):
    """How good forecasts of machines were that the model had not seen; shares of 1.

    Args:
        subset: failure mode that they failed of; all of them if empty.
        machines: how many.
        error_half: median absolute error of the median at half-life, over the truth.
        coverage: of the 90 % interval, over all looks.
        mode_first: share whose true mode was ranked first at half-life.
    """

    subset: str
    machines: int
    error_half: float
    coverage: float
    mode_first: float


class ModelCard(msgspec.Struct, frozen=True, kw_only=True):
    """The card of one version of the model of one kind.

    Args:
        kind, version: which.
        file_sha256: of the model's file.
        data_sha256: of the lives that it was trained on.
        machines: how many lives, by failure mode.
        window_h: length of a window of those lives [h].
        software: version that trained it.
        owner: who answers for it.
        origin_vi, origin_en: where the lives come from.
        limits_vi, limits_en: what it cannot do, or must not be used for.
        evaluated_sha256: of the lives that it was evaluated on; empty = not evaluated.
        metrics: all of them first, then by failure mode.
    """

    kind: str
    version: str
    file_sha256: str
    data_sha256: str
    machines: dict[str, int]
    window_h: float
    software: str
    owner: str = ""
    origin_vi: str = ""
    origin_en: str = ""
    limits_vi: tuple[str, ...] = ()
    limits_en: tuple[str, ...] = ()
    evaluated_sha256: str = ""
    metrics: tuple[Metrics, ...] = ()

    @property
    def whole(self) -> Metrics | None:
        """Metrics of all machines that it was evaluated on."""
        return next((one for one in self.metrics if one.subset == WHOLE), None)


def card_path(model: Path) -> Path:
    """Where the card of a model's file lies: beside it."""
    return model.with_suffix("").with_suffix(SUFFIX)


def write_card(path: Path, card: ModelCard) -> None:
    """Write a card as JSON that people can read."""
    try:
        path.write_bytes(msgspec.json.format(msgspec.json.encode(card), indent=1) + b"\n")
    except OSError as error:
        raise ArtefactError(f"{path} cannot be written: {error.strerror}; choose another folder") from error


def read_card(path: Path) -> ModelCard:
    """Read a card; raises ArtefactError if there is none or it is damaged."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=ModelCard)
    except (OSError, msgspec.MsgspecError) as error:
        raise ArtefactError(
            f"{path}: no card of a model: {error}; train or evaluate the model anew"
        ) from error


_TEXTS = {
    "title": ("Thẻ mô hình: {kind}, bản {version}", "Model card: {kind}, version {version}"),
    "owner": ("Người chịu trách nhiệm: {owner}", "Owner: {owner}"),
    "nobody": ("chưa có", "nobody yet"),
    "data": (
        "Học từ {count} máy đã hỏng ({modes}); mỗi lượt đo {window} giờ; mã băm dữ liệu {hash}",
        "Learned from {count} machines that failed ({modes}); windows of {window} h; data hash {hash}",
    ),
    "file": ("Mã băm tệp {hash}; phần mềm {software}", "File hash {hash}; software {software}"),
    "limits": ("Giới hạn", "Limits"),
    "none": ("Chưa đánh giá trên máy khác.", "Not evaluated on other machines yet."),
    "metrics": (
        "Trên các máy mô hình chưa từng thấy (mã băm dữ liệu {hash})",
        "On machines that the model had not seen (data hash {hash})",
    ),
    "heads": (
        "dạng hỏng | số máy | sai số trung vị ở nửa chặng | khoảng 90 % chứa giờ thật | "
        "dạng hỏng đúng xếp đầu",
        "failure mode | machines | median error at half-life | 90 % interval held the truth | "
        "true mode ranked first",
    ),
    "whole": ("tất cả", "all"),
}


def card_lines(card: ModelCard, language: Language) -> Iterator[str]:
    """A card as lines of Markdown."""

    def say(name: str, **values: str | int) -> str:
        return pick(_TEXTS[name], language).format(**values)

    yield f"# {say('title', kind=card.kind, version=card.version)}"
    yield ""
    yield f"- {say('owner', owner=card.owner or say('nobody'))}"
    modes = ", ".join(f"{mode} {count}" for mode, count in card.machines.items())
    window = number(card.window_h, language)
    count = sum(card.machines.values())
    yield f"- {say('data', count=count, modes=modes, window=window, hash=card.data_sha256[:12])}"
    if origin := pick((card.origin_vi, card.origin_en), language):
        yield f"- {origin}"
    yield f"- {say('file', hash=card.file_sha256[:12], software=card.software)}"
    if limits := (card.limits_vi if language == "vi" else card.limits_en):
        yield from ("", f"## {say('limits')}", "")
        yield from (f"- {limit}" for limit in limits)
    yield ""
    if not card.metrics:
        yield say("none")
        return
    yield f"## {say('metrics', hash=card.evaluated_sha256[:12])}"
    yield ""
    heads = say("heads")
    yield f"| {heads} |"
    yield "|" + " --- |" * (heads.count("|") + 1)
    for one in card.metrics:
        yield (
            f"| {one.subset or say('whole')} | {one.machines} | {one.error_half:.0%} | {one.coverage:.0%} | "
            f"{one.mode_first:.0%} |"
        )
