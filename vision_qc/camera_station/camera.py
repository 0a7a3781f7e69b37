"""Where pictures come from: one protocol, and a camera over HTTP and a folder behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote

import httpx

from vision_qc.errors import CameraAwayError
from vision_qc.image_file import SUFFIXES

FOLDER_S = 0.5
"""How often a folder is looked into."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A picture and what the camera knows of the product.

    Args:
        picture: the file.
        serial: number of the product.
        product: name of the product, None if there is one only.
        captured: when, RFC 3339 by the camera's clock, None if it has none.
    """

    picture: bytes
    serial: str
    product: str | None = None
    captured: str | None = None


class Camera(Protocol):
    """Takes the pictures of one station; asked from one thread."""

    def next(self, timeout_s: float) -> Taken | None:
        """Return the next product's picture, None if none came in time.

        Raises:
            CameraAwayError: it does not answer; ask again.
        """

    def taken(self) -> None:
        """The picture that was returned last is safe; it need not be kept any more."""

    def close(self) -> None:
        """Nobody asks any more; called once."""


class Gate(Protocol):
    """The reject gate behind a camera."""

    def tell_gate(self, serial: str, goes_on: bool) -> bool:
        """Say whether a product goes on; return whether the gate heard it in time.

        Raises:
            CameraAwayError: the gate does not answer.
        """


class Samples(Protocol):
    """Good pieces that were set aside for teaching."""

    def sample(self, product: str, number: int) -> bytes:
        """Return the picture of one, by number from 0 on.

        Raises:
            CameraAwayError: it does not answer, or has none.
        """


class HttpCamera:
    """A camera with a gate and samples that hands each picture out once, as the simulator does.

    Args:
        url: says where it is now; a camera may come back at another address.
        station: equipment id.
    """

    def __init__(self, url: Callable[[], str], station: str) -> None:
        self._url = url
        self._station = station
        self._http = httpx.Client(trust_env=False)

    def next(self, timeout_s: float) -> Taken | None:
        """See :class:`Camera`."""
        answer = self._get("next", timeout_s + 10, timeout=f"{timeout_s:g}", format="png")
        if answer.status_code == httpx.codes.NO_CONTENT:
            return None
        headers = answer.headers
        return Taken(
            answer.content,
            unquote(headers["x-serial-number"]),
            unquote(headers["x-product"]),
            headers.get("x-captured-at"),
        )

    def taken(self) -> None:
        """See :class:`Camera`."""

    def close(self) -> None:
        """See :class:`Camera`."""
        self._http.close()

    def sample(self, product: str, number: int) -> bytes:
        """See :class:`Samples`."""
        return self._get(f"sample/{number}", 60, product=product, format="png").content

    def tell_gate(self, serial: str, goes_on: bool) -> bool:
        """See :class:`Gate`."""
        told = str(goes_on).lower()
        answer = self._ask("POST", f"gate/{serial}", 10, goes_on=told)
        return bool(answer.json()["in_time"])

    def _get(self, what: str, timeout_s: float, **query: str) -> httpx.Response:
        return self._ask("GET", what, timeout_s, **query)

    def _ask(self, method: str, what: str, timeout_s: float, **query: str) -> httpx.Response:
        try:
            url = f"{self._url()}/cameras/{self._station}/{what}"
            answer = self._http.request(method, url, params=query, timeout=timeout_s)
        except (httpx.HTTPError, OSError) as error:
            raise CameraAwayError(f"camera of {self._station}: {error!r}; asked again") from error
        if not answer.is_success:
            raise CameraAwayError(f"camera of {self._station}: {answer.status_code} {answer.text[:200]}")
        return answer


class FolderCamera:
    """Pictures that something else puts into a folder; the file's name is the serial number.

    A picture that is safe goes on into ``taken/`` below it. Write under another ending and rename, so that no
    half picture is taken.

    Args:
        folder: watched.
        wait: called with the seconds to wait where there is none.
    """

    def __init__(self, folder: Path, wait: Callable[[float], object]) -> None:
        self._folder = folder
        self._wait = wait
        self._last: Path | None = None

    def next(self, timeout_s: float) -> Taken | None:
        """See :class:`Camera`."""
        path = self._oldest()
        if path is None:
            self._wait(min(timeout_s, FOLDER_S))
            path = self._oldest()
        if path is None:
            return None
        self._last = path
        try:
            return Taken(path.read_bytes(), path.stem)
        except OSError as error:
            raise CameraAwayError(f"{path}: cannot be read ({error.strerror}); asked again") from error

    def taken(self) -> None:
        """See :class:`Camera`."""
        if self._last is not None:
            done = self._folder / "taken"
            done.mkdir(exist_ok=True)
            self._last.replace(done / self._last.name)
            self._last = None

    def close(self) -> None:
        """See :class:`Camera`."""

    def _oldest(self) -> Path | None:
        if not self._folder.is_dir():
            raise CameraAwayError(f"{self._folder}: there is no such folder; check the path")
        found = (path for path in self._folder.iterdir() if path.suffix.lower() in SUFFIXES)
        return min(found, key=lambda path: path.name, default=None)
