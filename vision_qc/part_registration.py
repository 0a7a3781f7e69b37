"""Lay every picture of a fixtured part where the first ones lay, before a detector that knows places sees it.

A part that plays in its fixture makes edges of every place unusual, and a map of places blind to defects
beside them. The motion is a shift and a turn (a camera that hangs still over a fixture leaves no other),
found on a small grey picture by one of three ways and never trusted beyond what good pictures showed:
whatever cannot be laid straight is a case for a person, as a score of the wrong places means nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import cv2
import numpy as np
import numpy.typing as npt

from vision_qc.detectors.take import take
from vision_qc.errors import RecipeError
from vision_qc.image_file import U8
from vision_qc.preprocess import fit_to

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
Way = Literal["shift", "rigid", "contour"]
"""``shift``: phase correlation, then ECC (Evangelidis and Psarakis 2008); ``rigid``: the same with a turn;
``contour``: middle and axis of the silhouette, for parts whose face differs from piece to piece."""
WAYS: tuple[Way, ...] = get_args(Way)

CANVAS = 4
"""So many times larger a side than where the motion is found is the picture that is laid straight, so that
interpolation blurs what the network does not see."""
ROUNDS, STOP = 50, 1e-6
SMOOTH_PX = 5
"""Of ECC's Gaussian: edges must be wider than what they are off by."""
TEMPLATES = 30
"""So many good pictures are averaged; more sharpen nothing."""
MOST_SHIFT, MOST_TURN_DEG = 0.15, 15.0
"""Share of the longer side, and degrees: what seems further off is another product or none."""
SHIFT_SLACK, TURN_SLACK_DEG = 0.02, 1.0
"""Twice the largest motion that good pictures showed, and this much more, may be there."""
LEAST_LIKENESS = 0.5
"""Good pictures that correlate less with their mean are not one fixtured part."""
LIKENESS_SLACK, LEAST_SLACK = 2.5, 0.15
"""A picture may be this many times further from the template than the furthest good one, and this far at
least: a large defect is to be rejected for what it is, not looked at for want of likeness."""
LONG = 1.3
"""Ratio of the axes of a silhouette from which on its direction is worth something."""


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """How a part lies.

    Args:
        matrix: ``float64[2, 3]``, from where a thing is in the template to where it is in the picture, both
            in pixels of the template.
        likeness: correlation of the picture, laid straight, with the template; 1 = the same.
        why_not: why it is not to be trusted; "" = it is.
    """

    matrix: F64
    likeness: float
    why_not: str

    @property
    def turn_deg(self) -> float:
        """Return how far it is turned [°]."""
        return float(np.degrees(np.arctan2(self.matrix[1, 0], self.matrix[0, 0])))

    def shift(self, size: tuple[int, int]) -> float:
        """Return how far the middle of a template of ``size`` ``(height, width)`` [px] is moved [px]."""
        middle = np.array([(size[1] - 1) / 2, (size[0] - 1) / 2])
        return float(np.hypot(*(self.matrix[:, :2] @ middle + self.matrix[:, 2] - middle)))

    def scaled(self, by_x: float, by_y: float) -> F64:
        """Return the matrix for pictures ``by_x`` times as wide and ``by_y`` times as high [2, 3]."""
        scale = np.array([[by_x, 0, (by_x - 1) / 2], [0, by_y, (by_y - 1) / 2], [0, 0, 1]])
        whole = np.vstack([self.matrix, [0, 0, 1]])
        return np.asarray((scale @ whole @ np.linalg.inv(scale))[:2])


@dataclass(frozen=True, slots=True, eq=False)
class PartRegistration:
    """Where parts lay when they were taught.

    Args:
        way: how the motion is found.
        template: ``float32[h, w]``, mean of good pictures laid over each other [DN].
        most_shift_px: of the middle, in pixels of the template.
        most_turn_deg: to either side [°].
        least_likeness: correlation with the template from which on a motion is believed.
    """

    way: Way
    template: F32
    most_shift_px: float
    most_turn_deg: float
    least_likeness: float

    def canvas(self, picture: U8) -> U8:
        """Bring a camera's picture to the size at which it is laid straight."""
        return to_canvas(picture, (self.template.shape[0], self.template.shape[1]))

    def find(self, canvas: U8) -> Motion:
        """Find how the part in a picture that :meth:`canvas` made lies."""
        moving = _grey(canvas, (self.template.shape[0], self.template.shape[1]))
        matrix = _FINDERS[self.way](self.template, moving)
        motion = Motion(matrix, _likeness(self.template, moving, matrix), "")
        return Motion(matrix, motion.likeness, self._why_not(motion))

    def _why_not(self, motion: Motion) -> str:
        height, width = self.template.shape
        shift, turn = motion.shift((height, width)), abs(motion.turn_deg)
        if not shift <= self.most_shift_px:
            share, most = shift / max(height, width), self.most_shift_px / max(height, width)
            return (
                f"registration: part {share:.1%} of the picture off its place, {most:.1%} is believed; "
                "look at the part and at the fixture"
            )
        if not turn <= self.most_turn_deg:
            return (
                f"registration: part turned by {turn:.1f}°, {self.most_turn_deg:.1f}° is believed; "
                "look at the part and at the fixture"
            )
        if not motion.likeness >= self.least_likeness:
            return (
                f"registration: correlation {motion.likeness:.2f} with the part taught, "
                f"{self.least_likeness:.2f} is needed; look at the part and at the fixture"
            )
        return ""


def lay_straight(canvas: U8, motion: Motion) -> U8:
    """Return ``canvas`` with its part where the template has it."""
    warped = cv2.warpAffine(
        canvas, motion.scaled(CANVAS, CANVAS), (canvas.shape[1], canvas.shape[0]),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REFLECT_101,
    )  # fmt: skip
    return np.asarray(warped, dtype=np.uint8)


def lay_back(heat: F32, motion: Motion, size: tuple[int, int]) -> F32:
    """Return ``heat``, found in a picture laid straight, as it lies over the picture itself.

    Args:
        heat: ``float32[h, w]`` on the grid of places.
        motion: of the part.
        size: ``(height, width)`` of the template [px].
    """
    matrix = motion.scaled(heat.shape[1] / size[1], heat.shape[0] / size[0])
    back = cv2.warpAffine(
        heat, matrix, (heat.shape[1], heat.shape[0]), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(back, dtype=np.float32)


def template_size(sizes: Sequence[tuple[int, int]], area_px: int) -> tuple[int, int]:
    """Choose the size of a template: of the pictures' shape, so that a turn stays a turn.

    Args:
        sizes: ``(height, width)`` of the pictures taught [px].
        area_px: of the picture the network sees; a template has a quarter of it.

    Example:
        >>> template_size([(960, 1280)], 65536)
        (111, 148)
    """
    shape = float(np.exp(np.median([np.log(height / width) for height, width in sizes])))
    return max(24, round((area_px / 4 * shape) ** 0.5)), max(24, round((area_px / 4 / shape) ** 0.5))


def to_canvas(picture: U8, size: tuple[int, int]) -> U8:
    """Bring ``picture`` to :data:`CANVAS` times ``size`` ``(height, width)`` [px]."""
    return fit_to(picture, (CANVAS * size[0], CANVAS * size[1]))


def learn(canvases: Sequence[U8], size: tuple[int, int], way: Way) -> PartRegistration | None:
    """Learn where parts lie; None if these pictures do not show one fixtured part.

    Args:
        canvases: good pictures by :func:`to_canvas`.
        size: ``(height, width)`` of the template [px].
        way: how to find the motion.
    """
    greys = [_grey(canvas, size) for canvas in canvases]
    find = _FINDERS[way]
    chosen = greys[:: max(1, len(greys) // TEMPLATES)][:TEMPLATES]
    template = np.asarray(np.median(chosen, axis=0), dtype=np.float32)
    for _ in range(2):
        laid = [_lay(grey, find(template, grey)) for grey in chosen]
        template = np.asarray(np.mean(laid, axis=0), dtype=np.float32)
    matrices = [find(template, grey) for grey in greys]
    motions = [
        Motion(matrix, _likeness(template, grey, matrix), "")
        for matrix, grey in zip(matrices, greys, strict=True)
    ]
    shift, turn = (max(m.shift(size) for m in motions), max(abs(m.turn_deg) for m in motions))
    likeness, longer = min(motion.likeness for motion in motions), max(size)
    if shift > MOST_SHIFT * longer or turn > MOST_TURN_DEG or not likeness >= LEAST_LIKENESS:
        return None
    return PartRegistration(
        way=way,
        template=template,
        most_shift_px=min(MOST_SHIFT, 2 * shift / longer + SHIFT_SLACK) * longer,
        most_turn_deg=min(MOST_TURN_DEG, 2 * turn + TURN_SLACK_DEG),
        least_likeness=max(LEAST_LIKENESS / 2, 1 - max(LEAST_SLACK, LIKENESS_SLACK * (1 - likeness))),
    )


def steadier(canvases: Sequence[U8], size: tuple[int, int]) -> Way | None:
    """Return the way that lays pictures best over each other that it has not learnt from; None if none does.

    A cheap question before the dear one: where the pictures are as unlike each other afterwards as before,
    nothing is to be won.
    """
    learnt, asked = canvases[::2], canvases[1::2]
    still = np.asarray(np.mean([_grey(canvas, size) for canvas in learnt], axis=0), dtype=np.float32)
    identity = np.eye(2, 3)
    unlike: dict[Way, float] = {}
    before = 1 - float(np.mean([_likeness(still, _grey(canvas, size), identity) for canvas in asked]))
    for way in WAYS:
        registration = learn(learnt, size, way)
        if registration is not None:
            unlike[way] = 1 - float(np.mean([registration.find(canvas).likeness for canvas in asked]))
    if not unlike:
        return None
    best = min(unlike, key=lambda way: unlike[way])
    return best if unlike[best] < STEADIER * before else None


STEADIER = 0.9
"""Pictures laid over each other must be unlike by less than this share of what they were."""


def to_record(registration: PartRegistration) -> dict[str, object]:
    """Return what of a registration goes into ``recipe.json``; the template is an array."""
    return {
        "way": registration.way,
        "most_shift_px": registration.most_shift_px,
        "most_turn_deg": registration.most_turn_deg,
        "least_likeness": registration.least_likeness,
    }


def from_record(record: dict[str, object], arrays: dict[str, F32]) -> PartRegistration:
    """Make a registration again.

    Raises:
        RecipeError: it names another way, a limit that is none, or its template is missing.
    """
    way = next((way for way in WAYS if way == record["way"]), None)
    if way is None:
        raise RecipeError(
            f"recipe: registration {record['way']!r} is none of {', '.join(WAYS)}; teach it again"
        )
    limits: dict[str, float] = {}
    for name in ("most_shift_px", "most_turn_deg", "least_likeness"):
        value = record[name]
        if not isinstance(value, int | float) or not 0 < value < 1e4:
            raise RecipeError(f"recipe: registration {name} {value!r} is no limit above 0; teach it again")
        limits[name] = float(value)
    return PartRegistration(way=way, template=take(arrays, "template", 2), **limits)


def _grey(canvas: U8, size: tuple[int, int]) -> F32:
    grey = cv2.cvtColor(fit_to(canvas, size), cv2.COLOR_RGB2GRAY)
    return np.asarray(grey, dtype=np.float32)


def _lay(moving: F32, matrix: F64) -> F32:
    size = (moving.shape[1], moving.shape[0])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    laid = cv2.warpAffine(moving, matrix, size, flags=flags, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(laid, dtype=np.float32)


def _likeness(template: F32, moving: F32, matrix: F64) -> float:
    """Correlation where both have something to show."""
    size = (moving.shape[1], moving.shape[0])
    there = cv2.warpAffine(np.ones_like(moving), matrix, size, flags=cv2.WARP_INVERSE_MAP) > 0.5
    one, other = template[there], _lay(moving, matrix)[there]
    if len(one) < template.size / 4:
        return 0.0
    one, other = one - one.mean(), other - other.mean()
    length = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other) / length if length > 0 else 0.0


def _by_shift(template: F32, moving: F32) -> F64:
    return _by_ecc(template, moving, cv2.MOTION_TRANSLATION)


def _by_shift_and_turn(template: F32, moving: F32) -> F64:
    return _by_ecc(template, moving, cv2.MOTION_EUCLIDEAN)


def _by_ecc(template: F32, moving: F32, model: int) -> F64:
    window = cv2.createHanningWindow((template.shape[1], template.shape[0]), cv2.CV_32F)
    # copies: where no padding is needed OpenCV lays the window over what it was given
    (dx, dy), _ = cv2.phaseCorrelate(template.copy(), moving.copy(), window)
    shifted = np.array([[1.0, 0, dx], [0, 1, dy]])
    start = max((np.eye(2, 3), shifted), key=lambda matrix: _likeness(template, moving, matrix))
    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, ROUNDS, STOP)
    warp = start.astype(np.float32)
    try:
        _, warp = cv2.findTransformECC(template, moving, warp, model, criteria, None, SMOOTH_PX)  # type: ignore[call-overload]
    except cv2.error:  # it does not converge where there is nothing to hold on to
        return start
    found = np.asarray(warp, dtype=np.float64)
    return max((start, found), key=lambda matrix: _likeness(template, moving, matrix))


def _by_contour(template: F32, moving: F32) -> F64:
    (x0, y0, axis0, long0), (x1, y1, axis1, long1) = _silhouette(template), _silhouette(moving)
    turn = 0.0
    if min(long0, long1) >= LONG:
        # an axis has no head: the smaller of the two turns that bring it over
        turn = float((axis1 - axis0 + np.pi / 2) % np.pi - np.pi / 2)
    cos, sin = np.cos(turn), np.sin(turn)
    return np.array([[cos, -sin, x1 - cos * x0 + sin * y0], [sin, cos, y1 - sin * x0 - cos * y0]])


def _silhouette(grey: F32) -> tuple[float, float, float, float]:
    """Middle [px], axis [rad] and ratio of axes of what Otsu's threshold tells from the frame around it."""
    pixels = np.asarray(cv2.GaussianBlur(grey, (0, 0), 1.0), dtype=np.uint8)
    _, mask = cv2.threshold(pixels, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    rim = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
    moments = cv2.moments(1 - mask if rim.mean() > 0.5 else mask, binaryImage=True)
    if moments["m00"] == 0:
        return (grey.shape[1] - 1) / 2, (grey.shape[0] - 1) / 2, 0.0, 1.0
    xx, yy, xy = (moments[name] / moments["m00"] for name in ("mu20", "mu02", "mu11"))
    spread = float(np.hypot(xx - yy, 2 * xy))
    ratio = ((xx + yy + spread) / max(xx + yy - spread, 1e-9)) ** 0.5
    axis = 0.5 * float(np.arctan2(2 * xy, xx - yy))
    return moments["m10"] / moments["m00"], moments["m01"] / moments["m00"], axis, ratio


_FINDERS = {"shift": _by_shift, "rigid": _by_shift_and_turn, "contour": _by_contour}
