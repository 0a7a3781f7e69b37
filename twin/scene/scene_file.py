"""The scene of a park as one cached file, named by the hash of what it was made from."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import msgspec

from twin.park.model import Park
from twin.scene.glb import GlbError, decode_glb

_CODE = Path(__file__).parent
_ENGINES = ("numpy", "pyvista", "vtk")


@dataclass(frozen=True, slots=True)
class SceneFile:
    """A scene on disk.

    Args:
        hash: 16 hex digits over everything the geometry follows from; the name for caching for ever.
        path: of the ``.glb``.
        shapes: names of the shapes in it; each has a node ``shape:<name>``.
    """

    hash: str
    path: Path
    shapes: tuple[str, ...]


def build_scene(park: Park, cache_dir: Path) -> SceneFile:
    """Return the scene of ``park`` from ``cache_dir``, built first if it is not there.

    A shape that nobody has drawn is shown as a cabinet, and logged. Two builders at once do no harm: each
    writes a file of its own and moves it into place.

    Raises:
        OSError: ``cache_dir`` cannot be made or written.
    """
    key = scene_hash(park)
    path = cache_dir / f"{key}.glb"
    shapes = _shapes_in(path)
    if shapes is None:
        # VTK takes half a second to import, which a scene that is cached must not pay
        from twin.scene.assemble import assemble

        cache_dir.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}.part")
        part.write_bytes(assemble(park, key))
        part.replace(path)
        shapes = _shapes_in(path) or ()
    return SceneFile(key, path, shapes)


def _shapes_in(path: Path) -> tuple[str, ...] | None:
    """List the shapes of a scene; None if there is none, or only a damaged one."""
    try:
        document, _ = decode_glb(path.read_bytes())
    except (FileNotFoundError, GlbError):
        return None
    return tuple(node["extras"]["shape"] for node in document["nodes"] if "shape" in node["extras"])


def scene_hash(park: Park) -> str:
    """Hash what the geometry follows from: site, footprints, shapes, the code and the engines under it."""
    digest = hashlib.sha256()
    footprints = [(machine.position, machine.size) for machine in park.equipment]
    shapes = sorted({machine.kind.shape for machine in park.equipment})
    digest.update(msgspec.json.encode([park.id, park.site, footprints, shapes]))
    for source in sorted(_CODE.rglob("*.py")):
        digest.update(source.relative_to(_CODE).as_posix().encode() + b"\0" + source.read_bytes())
    digest.update(" ".join(f"{engine}={version(engine)}" for engine in _ENGINES).encode())
    return digest.hexdigest()[:16]
