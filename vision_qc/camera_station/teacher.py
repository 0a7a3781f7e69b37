"""Teaches a product that a station meets for the first time, from good pieces that were set aside for it."""

from __future__ import annotations

import ctypes
import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

from vision_qc.camera_station.camera import Samples
from vision_qc.client import QcClient
from vision_qc.errors import NotEnoughImagesError

_LOG = logging.getLogger(__name__)

TEACH_S = 900
BY = "camera station"
_NICENESS = 10
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_ONE_AT_A_TIME = threading.Lock()
"""Teaching takes every core it gets; stations of one process teach one after the other."""


class Teacher:
    """Fetches samples, teaches in a process of its own that gives way to others, installs what came of it.

    Args:
        folder: for samples and recipes on their way.
        samples: how many good pieces.
    """

    def __init__(self, folder: Path, samples: int) -> None:
        self._samples = samples
        self._folder = folder
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._closed = False

    def teach(self, pieces: Samples, client: QcClient, station: str, product: str) -> int:
        """Teach a product and activate what was learnt; return its version.

        Raises:
            CameraAwayError: the samples cannot be had.
            NotEnoughImagesError: teaching failed; the text says why.
            ServiceAwayError, AnswerError: the recipe cannot be installed.
        """
        with _ONE_AT_A_TIME:
            folder = self._folder / f"{station.replace('/', '_')}_{product}"
            good, recipe = folder / "good", folder / "recipe"
            good.mkdir(parents=True, exist_ok=True)
            _LOG.info(
                "%s: %s was never taught; teaching from %d good pieces", station, product, self._samples
            )
            for number in range(self._samples):
                path = good / f"{number:04d}.png"
                if not path.exists():
                    path.write_bytes(pieces.sample(product, number))
            said = self._run(
                [sys.executable, "-m", "vision_qc", "teach", str(recipe), "--good", str(good)],
                f"{station} {product}",
            )
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
        with self._lock:
            self._closed = True
            if self._process is not None:
                self._process.terminate()

    def _run(self, command: list[str], what: str) -> str:
        """Run a command that ends with this process at the latest; return what it says.

        Raises:
            NotEnoughImagesError: it failed, took too long, or was ended; the text says why.
        """
        with self._lock:
            if self._closed:
                raise NotEnoughImagesError(f"{what}: the station stops")
            process = self._process = subprocess.Popen(
                command,
                env=os.environ | {"OMP_NUM_THREADS": "1"},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                preexec_fn=_give_way,
            )
        try:
            said, complaint = process.communicate(timeout=TEACH_S)
        except subprocess.TimeoutExpired as error:
            process.kill()
            process.communicate()
            raise NotEnoughImagesError(f"{what}: teaching took longer than {TEACH_S} s") from error
        finally:
            self._process = None
        if process.returncode:
            raise NotEnoughImagesError(f"{what}: {complaint.strip()[-500:] or 'teaching was ended'}")
        return said


def _give_way() -> None:
    """Be polite to others, and end when the station does, however it does."""
    os.nice(_NICENESS)
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
