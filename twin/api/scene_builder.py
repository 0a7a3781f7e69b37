"""Has the geometry built by a process of its own, so that VTK's seconds and memory stay out of the twin."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import msgspec

from twin.contract.errors import ParkTwinError

_LOG = logging.getLogger(__name__)

_NICENESS = 10
"""The first readings come before the geometry when both want the processor."""
_HASH = re.compile(r"[0-9a-f]{8,128}")


class SceneNotReadyError(ParkTwinError, ConnectionError):
    """The geometry is being built, or could not be built."""

    code: ClassVar[str] = "scene.not_ready"


class Scene(msgspec.Struct, frozen=True):
    """A built scene.

    Args:
        hash: of its content, hex.
        path: of the GLB file.
        shapes: names of the shapes in it.
    """

    hash: str
    path: str
    shapes: list[str]


@dataclass(slots=True)
class SceneBuilder:
    """Runs ``python -m twin.scene`` once.

    Args:
        park_file: what to build.
        cache_dir: where scenes are kept by content hash; one that is there already is not built again.
    """

    park_file: Path
    cache_dir: Path
    trouble: str = ""
    """Why there will be no scene, "" while there may."""
    _scene: Scene | None = None

    @property
    def scene(self) -> Scene:
        """The scene.

        Raises:
            SceneNotReadyError: not yet, or not at all.
        """
        if self._scene is None:
            raise SceneNotReadyError(
                f"the scene could not be built: {self.trouble}"
                if self.trouble
                else "the scene is being built; ask again in a second"
            )
        return self._scene

    async def build(self) -> None:
        """Build the scene; a failure is kept in :attr:`trouble`. Cancelled, it ends the process."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "twin.scene", str(self.park_file), str(self.cache_dir),
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        with suppress(ProcessLookupError):  # it may have failed and gone already
            os.setpriority(os.PRIO_PROCESS, process.pid, _NICENESS)
        try:
            output, errors = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode:
            self._fail(_last_line(errors) or f"exit status {process.returncode}")
            return
        try:
            scene = msgspec.json.decode(output.splitlines()[-1] if output else b"", type=Scene)
        except msgspec.MsgspecError as error:
            self._fail(f"its answer cannot be read: {error}")
            return
        if not _HASH.fullmatch(scene.hash) or not await asyncio.to_thread(Path(scene.path).is_file):
            self._fail(f"it names {scene.path!r} under the hash {scene.hash!r}, which is no file to serve")
            return
        self._scene = scene

    def _fail(self, why: str) -> None:
        self.trouble = why
        _LOG.error("the scene could not be built, the page shows boxes: %s", why)


def _last_line(output: bytes) -> str:
    lines = output.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else ""
