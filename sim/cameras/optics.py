"""From the scene to the picture: position, lens, light, dirt, and a sensor with photon noise.

The sensor follows the linear model of EMVA Standard 1288 (release 4.0, section 2): a pixel collects a Poisson
number of electrons, the read-out adds a noise ``σ_d``, and the digital number is proportional:
``variance = K² σ_d² + K mean`` with the gain ``K`` [DN/e⁻]. A colour camera sees one colour a pixel, through
a Bayer filter, and interpolates the rest, noise included.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from statistics import NormalDist

import cv2
import numpy as np
import numpy.typing as npt

from sim.cameras.picture import U8, Box, Label, Mark, Scene, TrueDefect, generator

F32 = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Optics:
    """A camera as it was set up.

    Args:
        blur_px: standard deviation of the point spread [px]; 0.7 is a sharp machine-vision lens.
        shift_px: standard deviation of where a piece comes to lie, along each axis [px].
        turn_deg: standard deviation of how it is turned [°].
        fall: by how much light falls off towards the corners, share of the middle.
        slope: by how much light differs from one side to the other at most, share of the middle.
        flicker: standard deviation of the brightness from picture to picture, share.
        full_well_e: electrons of a white pixel [e⁻]; 10,000 is a 3.45 µm pixel (Sony IMX250 data sheet).
        read_e: noise of the read-out [e⁻].
    """

    blur_px: float = 0.7
    shift_px: float = 1.5
    turn_deg: float = 0.1
    fall: float = 0.12
    slope: float = 0.08
    flicker: float = 0.008
    full_well_e: float = 10_000.0
    read_e: float = 8.0


@dataclass(frozen=True, slots=True)
class Exposure:
    """One picture about to be taken: what a camera fault disturbs.

    Args:
        blur_px: standard deviation of the point spread [px].
        gain: brightness, 1 = as set up.
        shift: of the scene, right and down [px].
        turn_deg: of the scene about the middle of the picture, clockwise [°].
        dirt: on the front lens, 0 = clean, 1 = hardly to be seen through.
        black_share: probability that the picture is black.
        dead: nothing comes at all.
    """

    blur_px: float
    gain: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)
    turn_deg: float = 0.0
    dirt: float = 0.0
    black_share: float = 0.0
    dead: bool = False


def set_up(optics: Optics, rng: np.random.Generator) -> Exposure:
    """Draw how the next piece lies and how bright the light is."""
    dx, dy, turn, flicker = rng.standard_normal(4).tolist()
    return Exposure(
        blur_px=optics.blur_px,
        gain=1 + optics.flicker * flicker,
        shift=(optics.shift_px * dx, optics.shift_px * dy),
        turn_deg=optics.turn_deg * turn,
    )


def expose(
    scene: Scene, optics: Optics, exposure: Exposure, station: tuple[object, ...], rng: np.random.Generator
) -> tuple[U8, U8]:
    """Take the picture.

    Args:
        scene: what lies before the lens.
        optics: the camera.
        exposure: this picture.
        station: what the fixed pattern of the station's light and dirt depends on, as for :func:`generator`.
        rng: for the noise.

    Returns:
        The picture, shaped as the scene, and ``uint8[height, width]`` with the number of the defect at each
        pixel, from 1; 0 = none.
    """
    height, width = scene.image.shape[:2]
    matrix = _matrix(exposure, width, height)
    image = scene.image if matrix is None else _warp(scene.image, matrix, cv2.INTER_LINEAR)
    if exposure.blur_px > 0:
        image = cv2.GaussianBlur(image, (0, 0), exposure.blur_px).astype(np.uint8, copy=False)
    raw = _mosaic(image) if image.ndim == 3 else image
    along, down = _shading(optics, station, width, height)
    light = np.asarray(raw * along, np.float32)
    light *= down
    if exposure.gain != 1:
        light *= np.float32(exposure.gain)
    if exposure.dirt > 0:
        light = _through_dirt(light, exposure.dirt, station)
    picture = _read_out(light, optics, rng)
    if image.ndim == 3:
        picture = cv2.cvtColor(picture, cv2.COLOR_BayerBG2BGR).astype(np.uint8, copy=False)
    return picture, _mask(scene, matrix)


def find(scene: Scene, exposure: Exposure, mask: U8) -> tuple[TrueDefect, ...]:
    """Say where the defects of a scene are in its picture.

    Args:
        mask: of :func:`expose`.
    """
    height, width = mask.shape
    matrix = _matrix(exposure, width, height)
    return tuple(_defect(mark, number, mask, matrix) for number, mark in enumerate(scene.marks, 1))


def black(scene: Scene, optics: Optics, rng: np.random.Generator) -> U8:
    """Read a sensor that saw no light."""
    return _read_out(np.zeros(scene.image.shape, np.float32), optics, rng)


def without_picture(label: Label) -> Label:
    """Say of every defect that the picture does not show it."""
    hidden = tuple(replace(defect, box=(0, 0, 0, 0), area_px=0) for defect in label.defects)
    return replace(label, defects=hidden)


def _matrix(exposure: Exposure, width: int, height: int) -> npt.NDArray[np.float64] | None:
    """Affine matrix from scene to picture; None if they are the same."""
    if exposure.turn_deg == 0 and exposure.shift == (0.0, 0.0):
        return None
    centre = ((width - 1) / 2, (height - 1) / 2)
    matrix = np.asarray(cv2.getRotationMatrix2D(centre, -exposure.turn_deg, 1.0), np.float64)
    matrix[:, 2] += exposure.shift
    return matrix


def _warp(image: U8, matrix: npt.NDArray[np.float64], how: int) -> U8:
    # what lies beyond the edge of the scene goes on as it would: mirrored it has the same texture
    border = cv2.BORDER_CONSTANT if how == cv2.INTER_NEAREST else cv2.BORDER_REFLECT_101
    size = (image.shape[1], image.shape[0])
    return cv2.warpAffine(image, matrix, size, flags=how, borderMode=border).astype(np.uint8, copy=False)


def _mask(scene: Scene, matrix: npt.NDArray[np.float64] | None) -> U8:
    mask = np.zeros(scene.image.shape[:2], np.uint8)
    for number, mark in enumerate(scene.marks, 1):
        height, width = mark.mask.shape
        mask[mark.y : mark.y + height, mark.x : mark.x + width][mark.mask] = number
    return mask if matrix is None or not scene.marks else _warp(mask, matrix, cv2.INTER_NEAREST)


def _defect(mark: Mark, number: int, mask: U8, matrix: npt.NDArray[np.float64] | None) -> TrueDefect:
    """Box and area of a mark in the picture; the box is that of the pixels, widened by the mark's margin."""
    here = mask == number
    rows, columns = np.flatnonzero(here.any(axis=1)), np.flatnonzero(here.any(axis=0))
    if not len(rows):
        return TrueDefect(mark.type, (0, 0, 0, 0), 0, mark.real, mark.origin)
    height, width = mask.shape
    box: Box = (
        max(0, int(columns[0]) - mark.margin),
        max(0, int(rows[0]) - mark.margin),
        min(width, int(columns[-1]) + 1 + mark.margin),
        min(height, int(rows[-1]) + 1 + mark.margin),
    )
    return TrueDefect(mark.type, box, int(np.count_nonzero(here)), mark.real, mark.origin)


def _mosaic(image: U8) -> U8:
    """See one colour a pixel: rows of red and green, then of green and blue (OpenCV calls this BG)."""
    raw = image[:, :, 1].copy()
    raw[0::2, 0::2] = image[0::2, 0::2, 2]
    raw[1::2, 1::2] = image[1::2, 1::2, 0]
    return raw


@lru_cache(maxsize=64)
def _shading(optics: Optics, station: tuple[object, ...], width: int, height: int) -> tuple[F32, F32]:
    """Light over the field, fixed for a station: factors ``float32[width]`` along and ``float32[height, 1]``
    down, both 1 in the middle."""
    rng = generator(*station, "light")
    slope_x, slope_y = (optics.slope * rng.uniform(-0.5, 0.5, 2)).tolist()
    x = np.linspace(-1, 1, width, dtype=np.float32)
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    # half of the fall at the middle of each edge, all of it in the corners
    along, down = 1 + slope_x * x - optics.fall / 2 * x**2, 1 + slope_y * y - optics.fall / 2 * y**2
    return np.asarray(along, np.float32), np.asarray(down, np.float32)


def _through_dirt(light: F32, dirt: float, station: tuple[object, ...]) -> F32:
    """Look through a dirty front lens: soft spots take light, a film scatters it over the whole picture."""
    height, width = light.shape[:2]
    spots, haze = _spots(station, width, height), 0.5 * dirt
    through = light * (1 - dirt * spots)
    return np.asarray((1 - haze) * through + haze * float(through.mean()), np.float32)


@lru_cache(maxsize=4)
def _spots(station: tuple[object, ...], width: int, height: int) -> F32:
    """Share of light that dirt takes when it is worst; far out of focus, as dirt on a front lens is."""
    rng = generator(*station, "dirt")
    scale = 4
    small = np.zeros((height // scale + 1, width // scale + 1), np.float32)
    for _ in range(14):
        x, y = rng.uniform(0, small.shape[1]), rng.uniform(0, small.shape[0])
        radius = rng.uniform(0.02, 0.09) * min(small.shape)
        spot = np.zeros_like(small)
        cv2.circle(spot, (int(x), int(y)), max(1, int(radius)), float(rng.uniform(0.25, 0.75)), -1)
        small = np.maximum(small, cv2.GaussianBlur(spot, (0, 0), max(0.6, radius / 3)))
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC).astype(np.float32, copy=False)


def _gauss_table() -> F32:
    """Normal deviate for each value of a uniform byte, scaled to variance 1."""
    table = np.array([NormalDist().inv_cdf((byte + 0.5) / 256) for byte in range(256)])
    return np.asarray(table / table.std(), np.float32)


_GAUSS = _gauss_table()
"""A byte and a table make a normal number several times as fast as a generator of normal numbers does; what
is lost are the rare ones beyond 2.9 standard deviations."""


def _read_out(light: F32, optics: Optics, rng: np.random.Generator) -> U8:
    """Count electrons: photon noise, read-out noise, saturation, 8 bits."""
    gain_dn_e = 255 / optics.full_well_e
    uniform = np.frombuffer(rng.bytes(light.size), np.uint8).reshape(light.shape)
    noise = np.asarray(cv2.LUT(uniform, _GAUSS), np.float32)
    variance = light * np.float32(gain_dn_e)
    variance += np.float32((gain_dn_e * optics.read_e) ** 2)
    noise *= np.sqrt(variance, out=variance)
    noise += light
    noise += np.float32(0.5)
    return np.clip(noise, 0, 255, out=noise).astype(np.uint8)
