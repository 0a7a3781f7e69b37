"""Teaching in a process of its own, which gives way to others and ends when whoever began it does."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from vision_qc.errors import NotEnoughImagesError

TEACH_S = 900
_NICENESS = 10
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_ONE_AT_A_TIME = threading.Lock()
"""Teaching takes every core it gets; within a process one goes after the other."""


class TeachProcess:
    """Runs ``parktwin qc teach``, one at a time; any thread may close it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._closed = False

    def teach(self, recipe: Path, good: Path, bad: Path | None, what: str) -> str:
        """Teach from folders of pictures; return what teaching says.

        Args:
            recipe: folder for what is learnt.
            good, bad: pictures of good products, and of defects if there are any.
            what: is taught, for the words of an error.

        Raises:
            NotEnoughImagesError: it failed, took too long, or was ended; the text says why.
        """
        with _ONE_AT_A_TIME:
            return self._run(
                [
                    *(sys.executable, "-m", "vision_qc", "teach", str(recipe), "--good", str(good)),
                    *(() if bad is None else ("--bad", str(bad))),
                ],
                what,
            )

    def close(self) -> None:
        """End what is being taught, and teach no more."""
        with self._lock:
            self._closed = True
            if self._process is not None:
                self._process.terminate()

    def _run(self, command: list[str], what: str) -> str:
        with self._lock:
            if self._closed:
                raise NotEnoughImagesError(f"{what}: whoever teaches is stopping")
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
    """Be polite to others, and end when the parent does, however it does."""
    os.nice(_NICENESS)
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
