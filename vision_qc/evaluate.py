"""Teach from some folders, judge others, and say how well it went."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from vision_qc.decoding import choose_decoding
from vision_qc.errors import FolderError, ImageError, MaskBesideError
from vision_qc.features import FeatureNetwork
from vision_qc.image_file import U8, Decoding, list_images, read_image
from vision_qc.masks import find_masks, read_mask, split_masks
from vision_qc.metrics import auroc, pixel_auroc, region_overlap
from vision_qc.parts import parts_of
from vision_qc.spc.intervals import wilson
from vision_qc.station import Judgement, Station, spread_heat
from vision_qc.teach import Registering, teach

Bools = npt.NDArray[np.bool_]
Clock = Callable[[], float]
Refused = list[tuple[Path, ImageError]]
Asked = list[tuple[Path, Judgement, float]]


@dataclass(frozen=True, slots=True)
class Folders:
    """What is taught and what is asked.

    Args:
        good_train, good_test, bad_test: folders of pictures.
        bad_train: folder of defects to learn from, or None.
        masks: folder of masks of the pictures in ``bad_test``, or None.
        part: regular expression whose first group names the part in a file's name, see
            :func:`vision_qc.parts.parts_of`; None = each picture in ``good_train`` is of another part.
    """

    good_train: Path
    good_test: Path
    bad_test: Path
    bad_train: Path | None = None
    masks: Path | None = None
    part: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """How well it went; rates and areas as fractions, None where there were no masks.

    Args:
        recall: share of bad pictures that were not accepted at the station's reject threshold.
        false_reject_rate: share of good pictures that were rejected or could not be judged.
        false_reject_low, false_reject_high: its 95 % interval (Wilson).
        teach_s: from pictures in memory to a station with thresholds [s].
        latency_ms_p50, latency_ms_p95: from the bytes of a file to the verdict, one at a time [ms].
    """

    image_auroc: float
    pixel_auroc: float | None
    pro: float | None
    recall: float
    false_reject_rate: float
    false_reject_low: float
    false_reject_high: float
    teach_s: float
    latency_ms_p50: float
    latency_ms_p95: float
    light: str
    fine: bool
    registration: str
    decoding: str
    good_train: int
    bad_train: int
    good_test: int
    bad_test: int
    refused: int


def evaluate(
    folders: Folders,
    network: FeatureNetwork,
    *,
    target_fpr: float,
    clock: Clock,
    fine: bool | None = None,
    registration: Registering = "auto",
    decode: str = "auto",
) -> tuple[Report, Refused]:
    """Teach and ask.

    Args:
        folders: of pictures.
        network: to look with.
        target_fpr: share of good products that may be rejected.
        clock: monotonic [s].
        fine, registration: see :func:`vision_qc.teach.teach`.
        decode: see :func:`vision_qc.decoding.choose_decoding`.

    Returns:
        The report, and the pictures and masks that were refused, with why.

    Raises:
        FolderError: a folder is missing or empty, or masks are asked for and none fits a picture.
        NotEnoughImagesError: too few pictures to teach from.
    """
    refused: Refused = []
    mask_of = list_defects(folders.bad_test, folders.masks, refused)
    decoding = choose_decoding(list_images(folders.good_train), decode, fine=fine, checks=False)
    paths, good = read_with_paths(folders.good_train, refused, decoding)
    parts = parts_of(paths, folders.part) if folders.part else None
    bad = read_all(folders.bad_train, refused, decoding) if folders.bad_train else []
    begun = clock()
    station = teach(
        good,
        bad,
        network,
        target_fpr=target_fpr,
        parts=parts,
        fine=fine,
        registration=registration,
        decoding=decoding,
    ).station
    teach_s = clock() - begun
    asked_good = _ask(list_products(folders.good_test, refused), station, network, clock, refused)
    asked_bad = _ask(tuple(mask_of), station, network, clock, refused)
    if not asked_good or not asked_bad:
        raise FolderError(f"{folders.good_test}, {folders.bad_test}: no picture could be read in one of them")
    spent = np.array([ms for _, _, ms in (*asked_good, *asked_bad)])
    areas = _areas(station, asked_good, asked_bad, mask_of, refused) if folders.masks else (None, None)
    rejected = [stopped(judgement) for _, judgement, _ in asked_good]
    false_rejects = wilson(sum(rejected), len(rejected))
    report = Report(
        image_auroc=auroc(_scores(asked_good), _scores(asked_bad)),
        pixel_auroc=areas[0],
        pro=areas[1],
        recall=float(np.mean([stopped(judgement) for _, judgement, _ in asked_bad])),
        false_reject_rate=float(np.mean(rejected)),
        false_reject_low=false_rejects.low,
        false_reject_high=false_rejects.high,
        teach_s=teach_s,
        latency_ms_p50=float(np.quantile(spent, 0.5)),
        latency_ms_p95=float(np.quantile(spent, 0.95)),
        light=station.eye.light,
        fine=station.eye.fine,
        decoding=station.decoding,
        registration="none" if station.registration is None else station.registration.way,
        good_train=len(good),
        bad_train=len(bad),
        good_test=len(asked_good),
        bad_test=len(asked_bad),
        refused=len(refused),
    )
    return report, refused


def stopped(judgement: Judgement) -> bool:
    """Return whether the product does not go on by itself: rejected, or not to be judged."""
    return judgement.verdict in ("reject", "cannot_judge")


def read_all(folder: Path, refused: Refused, decoding: Decoding = "full") -> list[U8]:
    """Read every picture of ``folder``; what is refused goes to ``refused``.

    Raises:
        FolderError: there is no such folder, or no picture in it.
    """
    return read_with_paths(folder, refused, decoding)[1]


def read_with_paths(
    folder: Path, refused: Refused, decoding: Decoding = "full"
) -> tuple[list[Path], list[U8]]:
    """Read as :func:`read_all` does, and say which file each picture comes from."""
    paths, pictures = [], []
    for path in list_products(folder, refused):
        try:
            pictures.append(read_image(path, decoding))
            paths.append(path)
        except ImageError as error:
            refused.append((path, error))
    return paths, pictures


def list_products(folder: Path, refused: Refused) -> tuple[Path, ...]:
    """List the pictures in ``folder`` and below; masks that lie beside them go to ``refused``.

    Raises:
        FolderError: there is no such folder, or no picture in it.
    """
    pictures, masks = split_masks(list_images(folder))
    refused += [(path, MaskBesideError(f"{path.name}: mask of a picture beside it")) for path in masks]
    return pictures


def list_defects(folder: Path, masks: Path | None, refused: Refused) -> dict[Path, Path | None]:
    """List the pictures in ``folder`` with their masks, see :func:`vision_qc.masks.find_masks`.

    Raises:
        FolderError: there is no such folder, no picture in it, or not one mask that fits.
    """
    if masks is None:
        return dict.fromkeys(list_products(folder, refused))
    if masks.resolve() == folder.resolve():
        pictures, _ = split_masks(list_images(folder), by_name=True)
    else:
        inside = masks.resolve()
        pictures = tuple(
            path for path in list_products(folder, refused) if inside not in path.resolve().parents
        )
    return find_masks(pictures, folder, masks)


def _ask(
    paths: Sequence[Path], station: Station, network: FeatureNetwork, clock: Clock, refused: Refused
) -> Asked:
    asked: Asked = []
    for path in paths:
        begun = clock()
        try:
            judgement = station.judge(read_image(path, station.decoding), network)
        except ImageError as error:
            refused.append((path, error))
            continue
        asked.append((path, judgement, (clock() - begun) * 1e3))
    return asked


def _scores(asked: Asked) -> npt.NDArray[np.float64]:
    return np.array([judgement.score for _, judgement, _ in asked])


def _areas(
    station: Station, good: Asked, bad: Asked, mask_of: dict[Path, Path | None], refused: Refused
) -> tuple[float | None, float | None]:
    """Return pixel AUROC and PRO, in the size that the network sees; masks that are refused are left out."""
    size = (station.eye.height, station.eye.width)
    heats, masks = [], []
    for path, judgement, _ in (*good, *bad):
        mask_path = mask_of.get(path)
        if judgement.heat is None or (path in mask_of and mask_path is None):
            continue
        mask: Bools = np.zeros(size, np.bool_)
        if mask_path is not None:
            try:
                drawn = read_mask(mask_path).astype(np.float32)
            except ImageError as error:
                refused.append((mask_path, error))
                continue
            share = cv2.resize(drawn, size[::-1], interpolation=cv2.INTER_AREA)
            # a scratch of one pixel must not vanish where the picture is made smaller
            mask = np.asarray(share >= min(0.5, float(share.max())))
        if path in mask_of and not mask.any():
            continue
        heats.append(spread_heat(judgement.heat, size))
        masks.append(mask)
    if not any(mask.any() for mask in masks):
        return None, None
    return pixel_auroc(heats, masks), region_overlap(heats, masks)
