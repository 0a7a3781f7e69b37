"""A client of the inspection service, for stations and for those who teach them."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any, Self

import httpx

from twin.service.tls import side_at_fault
from vision_qc.baseline import FILE as BASELINE
from vision_qc.errors import AnswerError, RecipeError, ServiceAwayError

TIMEOUT_S = 30.0


class QcClient:
    """Talks to one inspection service. Thread-safe.

    Args:
        url: of the service.
        token: access token, if it wants one.
        timeout_s: for one request [s].
        trust: whom the service is believed by, and what is shown to it; None = as the machine has it.
    """

    def __init__(
        self,
        url: str,
        *,
        token: str | None = None,
        timeout_s: float = TIMEOUT_S,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        verify = True if trust is None else trust
        self._http = httpx.Client(
            base_url=url, headers=headers, timeout=timeout_s, trust_env=False, verify=verify
        )

    def inspect(
        self, station: str, picture: bytes, serial: str, **query: str | bool | None
    ) -> dict[str, Any]:
        """Send a picture and return the verdict; sending it twice gives the same inspection.

        Args:
            station: equipment id.
            picture: the file.
            serial: number of the product.
            query: ``product``, ``captured`` (RFC 3339), ``simulated``, where they are known.

        Raises:
            ServiceAwayError: send it again later.
            AnswerError: it is no picture, or there is no recipe; the text says what is wrong.
        """
        given = {name: value for name, value in query.items() if value is not None}
        return self._send(
            "POST", f"/api/stations/{station}/inspect", params={"serial": serial, **given}, content=picture
        )

    def install(
        self,
        folder: Path,
        station: str,
        product: str,
        *,
        by: str,
        reason: str = "",
        mm_per_px: float | None = None,
        activate: bool = False,
    ) -> int:
        """Install a taught recipe and return its version.

        Raises:
            RecipeError: the folder holds none.
            ServiceAwayError, AnswerError: as :meth:`inspect`.
        """
        try:
            files = {name: (folder / file).read_bytes() for name, file in _FILES.items()}
            if (folder / BASELINE).exists():
                files["baseline"] = (folder / BASELINE).read_bytes()
        except OSError as error:
            raise RecipeError(f"{folder}: holds no recipe ({error.strerror}); teach one") from error
        query: dict[str, str | float | bool] = {"by": by, "reason": reason, "activate": activate}
        if mm_per_px is not None:
            query["mm_per_px"] = mm_per_px
        answer = self._send(
            "POST", f"/api/stations/{station}/recipes/{product}", params=query, files=files, timeout=120
        )
        return int(answer["version"])

    def stations(self) -> dict[str, dict[str, int]]:
        """Return the active version by station and product.

        Raises:
            ServiceAwayError, AnswerError: as :meth:`inspect`.
        """
        stations: dict[str, dict[str, int]] = self._send("GET", "/api/stations")["stations"]
        return stations

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _send(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        try:
            answer = self._http.request(method, path, **more)
        except httpx.HTTPError as error:
            why = side_at_fault(error) or f"{error!r}; send it again"
            raise ServiceAwayError(f"{self._http.base_url}: {why}") from error
        if answer.is_success:
            told: dict[str, Any] = answer.json()
            return told
        text = f"{self._http.base_url}: {answer.status_code} {_detail(answer)}"
        if answer.status_code in (408, 429) or answer.status_code >= 500:
            raise ServiceAwayError(text)
        raise AnswerError(text)


_FILES = {"recipe": "recipe.json", "arrays": "arrays.npz"}


def _detail(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return answer.text[:200]
