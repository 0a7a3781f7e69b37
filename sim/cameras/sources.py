"""The table of picture sources: what ``source:`` of a camera may name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sim.cameras import deeppcb
from sim.cameras.bottle import Bottle
from sim.cameras.errors import UnknownSourceError
from sim.cameras.fabric import Fabric
from sim.cameras.machined_part import MachinedPart
from sim.cameras.optics import Optics
from sim.cameras.picture import PictureSource


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A way to draw pieces, and the camera that suits it.

    Args:
        create: makes the source from the folder with published data, or None.
        optics: of a camera over such pieces.
    """

    create: Callable[[Path | None], PictureSource]
    optics: Optics


SOURCES: dict[str, SourceRow] = {
    # a board lies on two pins of a conveyor: a third of a millimetre of play
    "deeppcb": SourceRow(deeppcb.create, Optics()),
    # flange and bottle draw their own play: the fixture and the belt stay where they are
    "machined_part": SourceRow(lambda _: MachinedPart(), Optics(blur_px=0.8, shift_px=0, turn_deg=0)),
    "bottle": SourceRow(lambda _: Bottle(), Optics(blur_px=0.8, shift_px=0, turn_deg=0, slope=0.04)),
    # cloth is different under the camera every time, and drawn askew already
    "fabric": SourceRow(lambda _: Fabric(), Optics(blur_px=0.7, shift_px=0, turn_deg=0, fall=0.18)),
}
"""By name."""


def create_source(name: str, data: Path | None) -> tuple[PictureSource, Optics]:
    """Make a source by name, and say which camera suits it.

    Args:
        name: a key of :data:`SOURCES`.
        data: folder with published data, or None.

    Raises:
        UnknownSourceError: there is none of that name.
        PictureDataError: the folder is there but does not hold what it should.
    """
    if name not in SOURCES:
        raise UnknownSourceError(f"picture source {name!r}: there is none; choose of {', '.join(SOURCES)}")
    row = SOURCES[name]
    return row.create(data), row.optics
