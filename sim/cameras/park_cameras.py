"""All cameras of a park: pieces in from the lines, pictures out to whoever asks, the truth to its log."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import cv2
import msgspec

from sim.cameras.camera import Camera, Seen
from sim.cameras.errors import CameraError, UnknownCameraError
from sim.cameras.feed import Capture, Feed
from sim.cameras.gate import RejectGate
from sim.cameras.picture import U8, Label, Piece
from sim.cameras.sources import create_source
from twin.contract.pattern import PatternError, unfold

Format = Literal["png", "jpeg"]
OnLabel = Callable[[str, str, Label], None]

_ENCODED_KEPT = 8
_JPEG_QUALITY = 95


class CameraRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A camera as a plant file names it.

    Args:
        station: equipment id, or a pattern ``line{1..2}/aoi1`` for equal cameras.
        source: a key of :data:`sim.cameras.sources.SOURCES`.
    """

    station: str
    source: str


class ParkCameras:
    """The cameras of a park, by station.

    Args:
        rows: which there are.
        seed: of the park.
        data: folder with published data sets; None or one that does not exist = those that are shipped.
        on_label: told the truth about a picture (serial, station, label) when the picture is first asked for.
            Called in the event loop's thread, once a capture, good pieces too. What nobody ever asked for has
            no label: there is nothing to score.
        keep: captures kept a camera.

    Raises:
        UnknownSourceError: a row names none.
        PictureDataError: ``data`` is there but does not hold what it should.
        CameraError: two rows name the same station, or a pattern does not hold.
    """

    def __init__(
        self,
        rows: Iterable[CameraRow],
        *,
        seed: int,
        data: Path | None = None,
        on_label: OnLabel | None = None,
        keep: int = 32,
    ) -> None:
        self.feeds: dict[str, Feed] = {}
        self.gates: dict[str, RejectGate] = {}
        """Station -> its reject gate."""
        for row in rows:
            source, optics = create_source(row.source, data)
            for station in _stations(row):
                if station in self.feeds:
                    raise CameraError(f"camera {station}: named twice; a station has one camera")
                self.feeds[station] = Feed(Camera(station, source, optics, seed=seed), keep)
                self.gates[station] = RejectGate()
        self._on_label = on_label
        self._told: dict[str, set[int]] = {station: set() for station in self.feeds}
        self._encoded: OrderedDict[tuple[str, int, str], bytes] = OrderedDict()
        # one thread: pictures are drawn beside the simulation, not instead of it
        self._drawing = ThreadPoolExecutor(max_workers=1, thread_name_prefix="cameras")

    def feed(self, station: str) -> Feed:
        """The feed of a station.

        Raises:
            UnknownCameraError: there is no camera; says which stations have one.
        """
        if station not in self.feeds:
            raise UnknownCameraError(
                f"camera {station!r}: no camera there; there are {', '.join(self.feeds) or 'none'}"
            )
        return self.feeds[station]

    def offer(self, station: str, piece: Piece) -> None:
        """Let a piece pass under the camera of a station; cheap, from any thread.

        Raises:
            UnknownCameraError, UnknownDefectError
        """
        self.feed(station).offer(piece)

    def set_fault(self, station: str, name: str, severity: float) -> None:
        """Set the condition of a camera; severity 0 repairs it.

        Raises:
            UnknownCameraError, UnknownFaultError
        """
        self.feed(station).set_fault(name, severity)

    async def picture(self, station: str, capture: Capture, form: Format) -> bytes:
        """Draw and encode the picture of a capture, and tell its truth where that is wanted.

        Raises:
            UnknownDefectError: this product's pictures have no place for one of the piece's defects.
        """
        key = (station, capture.number, form)
        if key in self._encoded:
            self._encoded.move_to_end(key)
            return self._encoded[key]
        loop = asyncio.get_running_loop()
        body, label = await loop.run_in_executor(self._drawing, self._draw, station, capture, form)
        self._encoded[key] = body
        while len(self._encoded) > _ENCODED_KEPT:
            self._encoded.popitem(last=False)
        self._tell(station, capture, label)
        return body

    async def sample(self, station: str, product: str, number: int, form: Format) -> bytes:
        """Draw and encode the picture of a good piece that was set aside for teaching.

        Args:
            station: whose camera, in good condition.
            product: of which product.
            number: which of them, from 0 on; the same number is the same piece.
            form: of the file.

        Raises:
            UnknownCameraError
        """
        camera = self.feed(station).camera
        piece = Seen(f"SAMPLE-{number:04d}", product, (), 0)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._drawing, lambda: encode(camera.take(piece).picture, form))

    def close(self) -> None:
        """Stop the drawing thread; what it draws just now it finishes."""
        self._drawing.shutdown(wait=True, cancel_futures=True)

    def _draw(self, station: str, capture: Capture, form: Format) -> tuple[bytes, Label]:
        shot = self.feeds[station].camera.take(capture.piece, capture.faults)
        return encode(shot.picture, form), shot.label

    def _tell(self, station: str, capture: Capture, label: Label) -> None:
        told, oldest = self._told[station], self.feeds[station].oldest
        if self._on_label is None or capture.number in told:
            return
        # what has left the queue cannot be asked for again
        told.difference_update([number for number in told if number < oldest])
        told.add(capture.number)
        self._on_label(capture.piece.serial, station, label)


def _stations(row: CameraRow) -> list[str]:
    try:
        return [station for station, _ in unfold(row.station)]
    except PatternError as error:
        raise CameraError(f"camera {row.station!r}: {error}") from error


def encode(picture: U8, form: Format) -> bytes:
    """Encode a picture; the same picture gives the same bytes.

    >>> import numpy as np
    >>> encode(np.zeros((4, 4), np.uint8), "png")[1:4]
    b'PNG'
    """
    # the default of PNG (run lengths of differences) is twice as fast as any level, as noise has no repeats
    flags = [] if form == "png" else [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY]
    done, body = cv2.imencode(f".{form}", picture, flags)
    if not done:
        raise CameraError(f"a picture of {picture.shape} px cannot be encoded as {form}")
    return body.tobytes()
