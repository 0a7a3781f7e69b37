"""Teaches a product that a station meets for the first time, from good pieces that were set aside for it."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

from vision_qc.camera_station.camera import Samples
from vision_qc.client import QcClient
from vision_qc.teach_process import TeachProcess

_LOG = logging.getLogger(__name__)

BY = "camera station"


class Teacher:
    """Fetches samples, teaches in a process of its own that gives way to others, installs what came of it.

    Args:
        folder: for samples and recipes on their way.
        samples: how many good pieces.
    """

    def __init__(self, folder: Path, samples: int) -> None:
        self._samples = samples
        self._folder = folder
        self._process = TeachProcess()

    def teach(self, pieces: Samples, client: QcClient, station: str, product: str) -> int:
        """Teach a product and activate what was learnt; return its version.

        Raises:
            CameraAwayError: the samples cannot be had.
            NotEnoughImagesError: teaching failed; the text says why.
            ServiceAwayError, AnswerError: the recipe cannot be installed.
        """
        folder = self._folder / f"{station.replace('/', '_')}_{product}"
        good, recipe = folder / "good", folder / "recipe"
        good.mkdir(parents=True, exist_ok=True)
        _LOG.info("%s: %s was never taught; teaching from %d good pieces", station, product, self._samples)
        for number in range(self._samples):
            path = good / f"{number:04d}.png"
            if not path.exists():
                path.write_bytes(pieces.sample(product, number))
        said = self._process.teach(recipe, good, None, f"{station} {product}")
        version = client.install(
            recipe,
            station,
            product,
            by=BY,
            reason=f"first start: taught from {self._samples} good pieces that were set aside",
            activate=True,
        )
        shutil.rmtree(folder, ignore_errors=True)
        _LOG.info("%s: %s", station, said.strip().partition(": ")[2])
        return version

    def close(self) -> None:
        """End what is being taught, and teach no more."""
        self._process.close()
