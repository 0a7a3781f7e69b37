"""Plates as files, sent to a service; what came of them, read from a bus."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import httpx

from tests.vision_qc.products import bad, good
from twin.bus.base import Bus
from twin.contract.codec import decode_message
from twin.contract.inspection import Inspection
from twin.contract.topics import INSPECTIONS
from vision_qc.image_file import U8

STATION = "park/plant/line1/aoi1"
PRODUCT = "plate"


def encode(picture: U8, suffix: str = ".png") -> bytes:
    """Encode a picture as a file."""
    return cv2.imencode(suffix, cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1].tobytes()


def good_file(number: int) -> bytes:
    """A good plate that was not taught."""
    return encode(good(1_000 + number))


def bad_file(number: int) -> bytes:
    """A scratched plate."""
    return encode(bad(number))


def install(client: httpx.Client, recipe: Path, station: str, product: str, *, activate: bool) -> int:
    """Install a recipe and return its version."""
    files = {
        name: (recipe / file).read_bytes()
        for name, file in (("recipe", "recipe.json"), ("arrays", "arrays.npz"), ("baseline", "baseline.json"))
    }
    answer = client.post(
        f"/api/stations/{station}/recipes/{product}",
        params={"by": "Lan", "activate": activate},
        files=files,
    )
    assert answer.status_code == 201, answer.text
    version: int = answer.json()["version"]
    return version


def send(
    client: httpx.Client, picture: bytes, serial: str, station: str = STATION, **query: str
) -> httpx.Response:
    """Send a picture."""
    return client.post(
        f"/api/stations/{station}/inspect", params={"serial": serial, **query}, content=picture
    )


def told(client: httpx.Client, picture: bytes, serial: str, **query: str) -> dict[str, Any]:
    """Send a picture that must be judged, and return the answer."""
    answer = send(client, picture, serial, **query)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def published(bus: Bus, at_least: int, polls: int = 100) -> Sequence[Inspection]:
    """Read every inspection on a bus, waiting for ``at_least``."""
    consumer = bus.consumer([INSPECTIONS.name])
    found: list[Inspection] = []
    try:
        for _ in range(polls):
            batch = consumer.poll(0.2)
            found += [decode_message(Inspection, row.message.value, row.message.headers) for row in batch]
            if len(found) >= at_least and not batch:
                break
    finally:
        consumer.close()
    return found
