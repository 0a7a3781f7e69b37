"""A camera over an inspection station: a piece in, its picture and the truth about it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sim.cameras.errors import CameraDeadError, UnknownDefectError
from sim.cameras.faults import disturb
from sim.cameras.optics import Exposure, Optics, black, expose, find, set_up, without_picture
from sim.cameras.picture import Label, PictureSource, Piece, Shot, generator

NO_FAULTS: Mapping[str, float] = {}


@dataclass(frozen=True, slots=True)
class Seen:
    """A piece as a camera passes it on to its source: a defect that two stations made is there once."""

    serial: str
    product: str
    defects: tuple[str, ...]
    time_ns: int


class Camera:
    """Takes the pictures of one station.

    Args:
        station: equipment id.
        source: draws its pieces.
        optics: how it is set up.
        seed: of the park.
    """

    def __init__(self, station: str, source: PictureSource, optics: Optics, *, seed: int) -> None:
        self.station = station
        self.source = source
        self.optics = optics
        self._seed = seed

    def take(self, piece: Piece, faults: Mapping[str, float] = NO_FAULTS) -> Shot:
        """Take the picture of ``piece`` with the camera in the condition ``faults`` (severity by name).

        The same arguments give the same bytes, whatever was asked before; ``piece.time_ns`` does not matter.

        Raises:
            CameraDeadError: it sends nothing.
            UnknownDefectError: its source cannot show one of the piece's defects.
            UnknownFaultError: no such fault.
        """
        self.check_defects(piece.defects)
        seen = Seen(piece.serial, piece.product, tuple(dict.fromkeys(piece.defects)), piece.time_ns)
        base, flaws, optics, noise = (
            generator(self._seed, self.station, piece.serial, piece.product, what, *which)
            for what, which in (("base", ()), ("flaws", seen.defects), ("optics", ()), ("noise", ()))
        )
        exposure = disturb(set_up(self.optics, optics), faults, self._fault_generator)
        if exposure.dead:
            raise CameraDeadError(f"camera {self.station}: sends nothing; repair it (camera_dead below 1)")
        scene = self.source.scene(seen, base, flaws)
        picture, mask = expose(scene, self.optics, exposure, (self._seed, self.station), noise)
        worst_first = sorted(((n, s) for n, s in faults.items() if s > 0), key=lambda row: (-row[1], row[0]))
        label = Label(
            serial=piece.serial,
            station=self.station,
            product=piece.product,
            defects=find(scene, exposure, mask),
            origin=scene.origin,
            time_ns=piece.time_ns,
            faults=tuple(worst_first),
        )
        if self._is_black(exposure, piece):
            return Shot(black(scene, self.optics, noise), without_picture(label), mask * 0)
        return Shot(picture, label, mask)

    def check_defects(self, defects: tuple[str, ...]) -> None:
        """Refuse what pictures of this camera cannot show.

        Raises:
            UnknownDefectError: naming the defect and those there are.
        """
        for defect in defects:
            if defect not in self.source.defects:
                raise UnknownDefectError(
                    f"camera {self.station}: pictures of {self.source.name} cannot show {defect!r}, only "
                    f"{', '.join(self.source.defects)}; give the line's product one of these"
                )

    def _fault_generator(self, name: str) -> np.random.Generator:
        return generator(self._seed, self.station, "fault", name)

    def _is_black(self, exposure: Exposure, piece: Piece) -> bool:
        draw = generator(self._seed, self.station, piece.serial, "black").random()
        return draw < exposure.black_share
