"""What the services beside the twin know of a stretch of time: pictures, their verdicts, versions of models.

A service that is not configured or does not answer makes no bundle fail: what is missing, and why, stands in
the manifest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import httpx

from twin.api.desk_router import CONNECT_S, DeskError, DeskService
from twin.api.incident_parts import Stretch, write_lines
from twin.contract.clock import to_iso
from twin.service.tls import side_at_fault

MOST_PICTURES: Final = 500
MOST_PICTURE_BYTES: Final = 2 << 30
_ANSWER_S: Final = 30.0
_PAGE: Final = 100
_SUFFIX: Final = {"image/jpeg": ".jpg", "image/png": ".png", "image/bmp": ".bmp", "image/tiff": ".tif"}

Told = tuple[dict[str, Path], dict[str, str]]
"""Files by name in the bundle, and what is missing with the reason."""


def write_inspections(folder: Path, service: DeskService, of: Stretch) -> Told:
    """Write the verdicts of cameras at these machines, and the pictures as the stations sent them."""
    try:
        with _client(service) as client:
            return _inspections(folder, client, of)
    except (DeskError, httpx.HTTPError) as error:
        return {}, {"inspections": _words(error, service)}


def write_models(folder: Path, service: DeskService) -> Told:
    """Write which models of machines there are, which is in service, and who put it there."""
    try:
        with _client(service) as client:
            answer = client.get("models").raise_for_status()
    except (DeskError, httpx.HTTPError) as error:
        return {}, {"models of machines": _words(error, service)}
    path = folder / "models_of_machines.json"
    path.write_bytes(answer.content)
    return {path.name: path}, {}


def _inspections(folder: Path, client: httpx.Client, of: Stretch) -> Told:
    rows = sorted(_pages(client, of), key=lambda row: int(row["sequence"]))
    path = folder / "inspections_in_full.jsonl"
    write_lines(path, rows)
    files, missing = {path.name: path}, {}
    size = kept = 0
    for row in rows:
        key = str(row["id"])
        if kept >= MOST_PICTURES or size >= MOST_PICTURE_BYTES:
            missing["pictures"] = f"only the first {kept} of {len(rows)} are in it; ask for a shorter time"
            break
        answer = client.get(f"inspections/{key}/picture")
        if answer.status_code != httpx.codes.OK:
            missing[f"picture of {key}"] = f"the inspection service answers {answer.status_code}"
            continue
        if hashlib.sha256(answer.content).hexdigest() != row["picture_sha256"]:
            missing[f"picture of {key}"] = "it is not the one that was judged: its SHA-256 is another"
            continue
        suffix = _SUFFIX.get(answer.headers.get("content-type", ""), ".bin")
        picture = folder / f"{key}{suffix}"
        picture.write_bytes(answer.content)
        files[f"pictures/{picture.name}"] = picture
        kept, size = kept + 1, size + len(answer.content)
    return files, missing


def _pages(client: httpx.Client, of: Stretch) -> Iterator[Mapping[str, Any]]:
    machines = frozenset(of.equipment)
    asked: dict[str, str | int] = {"begin": to_iso(of.start), "end": to_iso(of.end), "limit": _PAGE}
    while True:
        body = client.get("inspections", params=asked).raise_for_status().json()
        yield from (row for row in body["inspections"] if row["station"] in machines)
        if body["next_before"] is None:
            return
        asked["before"] = int(body["next_before"])


def _client(service: DeskService) -> httpx.Client:
    headers = {"authorization": f"Bearer {service.token}"} if service.token else {}
    timeout = httpx.Timeout(_ANSWER_S, connect=CONNECT_S)
    base = f"{service.url()}{service.below}/"
    verify = True if service.trust is None else service.trust
    return httpx.Client(base_url=base, headers=headers, timeout=timeout, trust_env=False, verify=verify)


def _words(error: Exception, service: DeskService) -> str:
    if isinstance(error, httpx.HTTPError) and side_at_fault(error):
        return service.away(service.address, error)
    return str(error) or type(error).__name__
