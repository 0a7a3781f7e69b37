"""One picture file and one release of a recipe in, all that a verdict rests on out; the same always."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from twin.contract.inspection import Finding, MeasuredValue, Verdict
from vision_qc.explain import hot_regions, name_region
from vision_qc.features import FeatureNetwork
from vision_qc.image_file import U8, check, decode
from vision_qc.picture_figures import measure
from vision_qc.recipe import Recipe
from vision_qc.station import CANNOT_JUDGE

F32 = npt.NDArray[np.float32]

_VERDICTS: Final = {
    "accept": Verdict.PASS,
    "review": Verdict.REVIEW,
    "reject": Verdict.REJECT,
    CANNOT_JUDGE: Verdict.CANNOT_JUDGE,
}


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """What came of a picture; of :class:`twin.contract.inspection.Inspection` what the picture decides.

    Args:
        verdict: what becomes of the product.
        score: null where the picture was not even looked at.
        scores, chance_of_defect, findings, gate, figures, code, measurements: as in the message.
        width, height: of the picture [px].
        form: of the file.
        sha256: of the file.
        picture: decoded, None where it was not.
        heat: on the grid of places, None where there is none.
    """

    verdict: Verdict
    score: float | None
    scores: dict[str, float]
    chance_of_defect: float | None
    findings: tuple[Finding, ...]
    gate: str
    figures: dict[str, float]
    width: int
    height: int
    form: str
    sha256: str
    picture: U8 | None
    heat: F32 | None
    code: str = ""
    measurements: tuple[MeasuredValue, ...] = ()


def judge(data: bytes, recipe: Recipe, network: FeatureNetwork, sha256: str | None = None) -> Judged:
    """Judge a picture file.

    A picture whose header says a size that was not taught is not decoded: what a camera of this station never
    sends may be a bomb.

    Args:
        data: the file.
        recipe: to judge with.
        network: to look with.
        sha256: of the file, where it is known.

    Raises:
        ImageError: it is no picture that a station may send.
    """
    header = check(data)
    sha256 = sha256 or hashlib.sha256(data).hexdigest()
    station = recipe.station
    if why := station.gate.wrong_size(header.height, header.width):
        return Judged(
            Verdict.CANNOT_JUDGE, None, {}, None, (), why, {}, header.width, header.height, header.format,
            sha256, None, None,
        )  # fmt: skip
    picture = decode(data, station.decoding)
    judgement = station.judge(picture, network)
    size = (header.height, header.width)
    findings = (
        ()
        if judgement.heat is None
        else tuple(
            Finding(type=name, box=box, score=hottest, type_confidence=confidence)
            for box, hottest in hot_regions(judgement.heat, size)
            for name, confidence in [name_region(judgement, box, size)]
        )
    )
    return Judged(
        verdict=_VERDICTS[judgement.verdict],
        score=judgement.score,
        scores={name: float(score) for name, score in judgement.scores.items()},
        chance_of_defect=judgement.chance_of_defect,
        findings=findings,
        gate=judgement.why,
        figures=measure(judgement.fitted),
        width=header.width,
        height=header.height,
        form=header.format,
        sha256=sha256,
        picture=picture,
        heat=judgement.heat,
        code=(judgement.checked.code if judgement.checked else None) or "",
        measurements=tuple(
            MeasuredValue(
                name=one.name,
                value_mm=one.value_mm,
                u_mm=one.u_mm,
                guard_mm=one.guard_mm,
                lower_mm=one.lower_mm,
                upper_mm=one.upper_mm,
                verdict=one.verdict,
            )
            for one in (judgement.checked.measured if judgement.checked else ())
        ),
    )
