"""How the command line speaks to a simulator that runs: where it is, one call, and what its refusals say.

The twin never imports the simulator; this is HTTP, with the token of ``PARKTWIN_SIM_TOKEN`` if it has one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx

from twin.contract.errors import ParkTwinError

TIMEOUT_S = 15.0
START_HINT = "start one with 'parktwin demo', or name its folder with --dir or its address with --url"


class SimulatorAwayError(ParkTwinError, ConnectionError):
    """No simulator answers."""

    code = "sim.away"


class SimulatorRefusedError(ParkTwinError, ValueError):
    """The simulator answered that it will not."""

    code = "sim.refused"


class SimulatorControl:
    """A simulator that runs.

    Args:
        url: its HTTP address.
        token: what it wants to be shown, "" for none.
    """

    def __init__(self, url: str, token: str = "") -> None:
        self.url = url.rstrip("/")
        self._headers = {"authorization": f"Bearer {token}"} if token else {}

    def call(self, method: str, path: str, body: object = None) -> Any:
        """Call it, and return its answer; None where it has nothing to say.

        Raises:
            SimulatorAwayError: nobody answers there.
            SimulatorRefusedError: it will not; the text says why and what helps.
        """
        try:
            with self._client() as client:
                response = client.request(method, path, json=body)
        except httpx.HTTPError as error:
            raise self._away(error) from error
        self._check(response)
        return None if response.status_code == HTTPStatus.NO_CONTENT else response.json()

    def lines(self, path: str, query: Mapping[str, str]) -> Iterator[str]:
        """Read a text that may be long, in pieces.

        Raises:
            SimulatorAwayError, SimulatorRefusedError: as :meth:`call`.
        """
        try:
            with self._client() as client, client.stream("GET", path, params=dict(query)) as response:
                if response.is_error:
                    response.read()
                    self._check(response)
                yield from response.iter_text()
        except httpx.HTTPError as error:
            raise self._away(error) from error

    def _client(self) -> httpx.Client:
        # a proxy of the environment is not for this machine
        return httpx.Client(base_url=self.url, headers=self._headers, timeout=TIMEOUT_S, trust_env=False)

    def _away(self, error: httpx.HTTPError) -> SimulatorAwayError:
        return SimulatorAwayError(f"simulator {self.url}: does not answer ({error}); {START_HINT}")

    def _check(self, response: httpx.Response) -> None:
        if not response.is_error:
            return
        if response.headers.get("content-type", "").startswith("application/problem+json"):
            problem = response.json()
            raise SimulatorRefusedError(f"{problem['detail']} ({problem['code']})")
        raise SimulatorRefusedError(
            f"simulator {self.url}: answered {response.status_code} to {response.request.url.path}; "
            "is it a simulator of this version?"
        )


def find_simulator(directory: Path, url: str, token: str) -> SimulatorControl:
    """Find the simulator whose services keep their files in ``directory``, or the one at ``url``.

    Raises:
        SimulatorAwayError: no simulator has left its address there: none is running.
    """
    if url:
        return SimulatorControl(url, token)
    place = directory / "sim" / "sim.url"
    try:
        return SimulatorControl(place.read_text().strip(), token)
    except OSError as error:
        raise SimulatorAwayError(
            f"simulator in {directory}: none is running ({place} is not there); {START_HINT}"
        ) from error
