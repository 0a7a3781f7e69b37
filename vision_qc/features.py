"""What the frozen feature network sees in a picture: levels of features on ever coarser grids.

The network (``network/``, see its model card) is shipped in two parts and joined in memory: no file of the
project is larger than five megabytes, and nothing is written at run time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime

from vision_qc.errors import NetworkError
from vision_qc.image_file import U8
from vision_qc.threads import one_core

F32 = npt.NDArray[np.float32]

NETWORK = "efficientnet_lite0_features"
SHA256 = "9b17ab646c335a1d912172652a887f33e6d0daca811e2bf45ee7136a305c7b9e"
STRIDES = (4, 8, 16, 16, 32)
CHANNELS = (24, 40, 80, 112, 192)
COARSEST = STRIDES[-1]
"""Pictures for the network have sides that are multiples of this [px]."""

_MOST_CHANNELS = 64  # OpenCV takes at most 128
_HERE = Path(__file__).parent / "network"
# of ImageNet, red green blue, as the network was trained
_MEAN = np.array([0.485, 0.456, 0.406], np.float32) * 255
_SCALE = 1 / (np.array([0.229, 0.224, 0.225], np.float32) * 255)


class FeatureNetwork:
    """The frozen trunk of EfficientNet-Lite0 on one thread; the process does its algebra on one, too.

    Raises:
        NetworkError: the shipped files are not what they were.
    """

    def __init__(self, folder: Path = _HERE) -> None:
        parts = sorted(folder.glob(f"{NETWORK}.onnx.part*"))
        model = b"".join(part.read_bytes() for part in parts)
        if hashlib.sha256(model).hexdigest() != SHA256:
            raise NetworkError(
                f"{folder}: {len(parts)} parts of {NETWORK} with {len(model)} bytes do not have the checksum "
                f"{SHA256[:12]}...; install the software again"
            )
        one_core()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # one worker is one core; and sums are then always in the same order
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def levels(self, picture: U8) -> tuple[F32, ...]:
        """Compute the features of one picture.

        Args:
            picture: ``uint8[height, width, 3]``, red green blue, sides multiples of :data:`COARSEST`.

        Returns:
            Five levels ``float32[channels, height / stride, width / stride]``, see :data:`STRIDES`.
        """
        tensor = np.empty((1, 3, *picture.shape[:2]), np.float32)
        for plane, seen, mean, scale in zip(tensor[0], cv2.split(picture), _MEAN, _SCALE, strict=True):
            np.multiply(np.subtract(seen, mean, out=plane), scale, out=plane)
        return tuple(level[0] for level in self._session.run(None, {"x": tensor}))


@cache
def shared_network() -> FeatureNetwork:
    """Return the one network of this process."""
    return FeatureNetwork()


def describe(levels: Sequence[F32], used: tuple[int, ...], statistics: str) -> F32:
    """Describe a whole picture, wherever things are in it.

    Args:
        levels: of :meth:`FeatureNetwork.levels`.
        used: which of them.
        statistics: ``m`` mean, ``s`` standard deviation, ``M`` maximum over all places, in this order.

    Returns:
        ``float32[sum of channels x statistics]``.

    Example:
        >>> describe([np.array([[[1.0, 3.0]]], np.float32)], (0,), "msM").tolist()
        [2.0, 1.0, 3.0]
    """
    row: list[F32] = []
    for level in used:
        flat = levels[level].reshape(len(levels[level]), -1)
        for statistic in statistics:
            row.append(_STATISTICS[statistic](flat))
    return np.concatenate(row).astype(np.float32, copy=False)


_STATISTICS = {
    "m": lambda flat: flat.mean(1),
    "s": lambda flat: flat.std(1),
    "M": lambda flat: flat.max(1),
}


def lay_out(levels: Sequence[F32], used: tuple[int, ...], stride: int) -> F32:
    """Lay levels over each other on one grid.

    Args:
        levels: of :meth:`FeatureNetwork.levels`.
        used: which of them.
        stride: of the grid [px]; finer levels are averaged, coarser ones interpolated.

    Returns:
        ``float32[height / stride, width / stride, sum of channels]``.

    Example:
        >>> fine, coarse = np.ones((2, 4, 4), np.float32), np.ones((3, 1, 1), np.float32)
        >>> lay_out([fine, fine, fine, fine, coarse], (0, 4), 8).shape
        (2, 2, 5)
    """
    fine = levels[0]
    grid = (fine.shape[2] * STRIDES[0] // stride, fine.shape[1] * STRIDES[0] // stride)
    layers = []
    for level in used:
        layer = levels[level].transpose(1, 2, 0)
        if STRIDES[level] != stride:
            way = cv2.INTER_AREA if STRIDES[level] < stride else cv2.INTER_LINEAR
            layer = _resize(layer, grid, way)
        layers.append(layer)
    return np.concatenate(layers, axis=2)


def _resize(layer: F32, grid: tuple[int, int], way: int) -> F32:
    resized = np.empty((grid[1], grid[0], layer.shape[2]), np.float32)
    for begin in range(0, layer.shape[2], _MOST_CHANNELS):
        part = layer[:, :, begin : begin + _MOST_CHANNELS]
        resized[:, :, begin : begin + _MOST_CHANNELS] = cv2.resize(
            np.ascontiguousarray(part), grid, interpolation=way
        ).reshape(grid[1], grid[0], -1)
    return resized
