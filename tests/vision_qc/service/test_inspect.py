"""A picture in, a verdict out; whatever else comes is refused by name."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import cv2
import httpx
import numpy as np
import pytest

from tests.vision_qc.products import good
from tests.vision_qc.service.plates import (
    PRODUCT,
    STATION,
    bad_file,
    encode,
    good_file,
    install,
    published,
    send,
    told,
)
from twin.bus.connect import open_bus
from twin.contract.inspection import Verdict
from vision_qc.service.settings import QcSettings


def test_a_verdict_says_all_it_rests_on_and_goes_to_the_bus(
    service: httpx.Client, settings: QcSettings
) -> None:
    answer = told(service, bad_file(1), "máy-01/7", captured="2026-01-31T08:00:00.5+07:00", simulated="true")
    assert answer["verdict"] == "reject"
    assert answer["score"] >= answer["reject_from"] > answer["review_from"]
    assert (answer["serial"], answer["product"], answer["recipe_version"]) == ("máy-01/7", PRODUCT, 1)
    assert answer["captured_at"] == "2026-01-31T01:00:00.500000000Z"
    assert answer["findings"][0]["score"] > 1
    assert answer["durable"]
    assert answer["simulated"]
    assert "unlike good products at x" in answer["why"]["en"]
    assert "Không đạt" in answer["why"]["vi"]
    bus = open_bus(settings.bus)
    (message,) = (row for row in published(bus, 1) if row.id == answer["id"])
    bus.close()
    assert (message.id, message.verdict, message.score) == (answer["id"], Verdict.REJECT, answer["score"])
    assert message.recipe_sha256 == answer["recipe_sha256"]
    assert message.simulated


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".bmp", ".tiff"])
def test_every_format_comes_raw_or_as_a_form(service: httpx.Client, suffix: str) -> None:
    picture = encode(good(1_001), suffix)
    raw = told(service, picture, "A-1", product=PRODUCT)
    form = service.post(
        f"/api/stations/{STATION}/inspect", data={"serial": "A-1"}, files={"picture": ("x", picture)}
    ).json()
    header = service.post(
        f"/api/stations/{STATION}/inspect", content=picture, headers={"X-Serial-Number": "A-1"}
    ).json()
    assert raw["verdict"] in {"pass", "review", "reject"}
    assert form["id"] == header["id"] == raw["id"]
    assert (raw["repeated"], form["repeated"]) == (False, True)


def test_the_same_picture_of_the_same_serial_number_is_one_inspection(
    service: httpx.Client, settings: QcSettings
) -> None:
    first, again = told(service, good_file(1), "B-1"), told(service, good_file(1), "B-1")
    other = told(service, good_file(1), "B-2")
    assert again == first | {"repeated": True}
    assert other["id"] != first["id"]
    assert other["score"] == first["score"]
    assert other["sequence"] > first["sequence"]
    bus = open_bus(settings.bus)
    serials = [message.serial for message in published(bus, 2) if message.serial.startswith("B")]
    assert serials == ["B-1", "B-2"]
    bus.close()


def bomb() -> bytes:
    """A PNG of a few kilobytes that would unpack to more than a gigabyte."""
    width = height = 20_000
    rows = zlib.compressobj(9)
    packed = b"".join(rows.compress(b"\0" * (width * 3 + 1)) for _ in range(200)) + rows.flush()
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", packed),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )


def test_what_is_no_picture_is_refused_by_name(service: httpx.Client) -> None:
    whole = encode(good(1), ".jpg")
    sixteen = cv2.imencode(".png", np.full((96, 96), 30_000, np.uint16))[1].tobytes()
    for data, code in (
        (b"", "vision.image.empty"),
        (b"%PDF-1.7 not a picture", "vision.image.not_an_image"),
        (b"GIF89a" + bytes(200), "vision.image.not_an_image"),
        (whole[:600], "vision.image.damaged"),
        (encode(good(1))[:-20], "vision.image.damaged"),
        (bomb(), "vision.image.too_large"),
        (sixteen, "vision.image.unsupported"),
        (encode(good(1)[:16, :16]), "vision.image.too_small"),
    ):
        answer = send(service, data, "A-1")
        assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.parametrize(
    ("picture", "why"),
    [
        (np.zeros((96, 96, 3), np.uint8), "contrast"),
        (np.concatenate([good(1)] * 4), "shape"),
        (np.repeat(np.repeat(good(1), 4, 0), 4, 1), "size"),
    ],
)
def test_what_says_nothing_of_the_product_cannot_be_judged(
    service: httpx.Client, picture: np.ndarray, why: str
) -> None:
    answer = told(service, encode(picture), "A-1")
    assert answer["verdict"] == "cannot_judge"
    assert why in answer["gate"]


def test_a_picture_without_a_serial_number_is_refused(service: httpx.Client) -> None:
    for serial in ("", "x" * 129, "a\nb", "a\x00"):
        answer = send(service, good_file(1), serial)
        assert (answer.status_code, answer.json()["code"]) == (400, "vision.request")


def test_an_unknown_station_or_product_lists_the_known(service: httpx.Client, recipe: Path) -> None:
    answer = send(service, good_file(1), "A-1", station="park/plant/line1/aoi9")
    assert answer.status_code == 404
    assert STATION in answer.json()["detail"]
    answer = send(service, good_file(1), "A-1", product="cup")
    assert answer.status_code == 404
    assert "plate" in answer.json()["detail"]
    two = "park/plant/line1/aoi2"
    for product in ("cup", "plate"):
        install(service, recipe, two, product, activate=True)
    answer = send(service, good_file(1), "A-1", station=two)
    assert answer.status_code == 400
    assert "cup, plate" in answer.json()["detail"]


def test_a_body_that_is_too_large_is_refused_before_and_while_it_comes(service: httpx.Client) -> None:
    most = 32 << 20
    answer = send(service, bytes(most + 1), "A-1")
    assert answer.status_code == 413

    def endless() -> object:
        for _ in range(most // (1 << 20) + 2):
            yield bytes(1 << 20)

    answer = service.post(f"/api/stations/{STATION}/inspect?serial=A-1", content=endless())  # type: ignore[arg-type]
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"--x\r\n"),
        ("multipart/form-data; boundary=x", b"no boundary at all"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n',
        ),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="picture"\r\n\r\nabc',
        ),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\n1\r\n" * 40),
    ],
)
def test_a_form_that_is_none_is_refused(service: httpx.Client, content_type: str, body: bytes) -> None:
    answer = service.post(
        f"/api/stations/{STATION}/inspect?serial=A-1", content=body, headers={"content-type": content_type}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "vision.request")


def test_a_page_of_another_site_may_not_inspect(service: httpx.Client) -> None:
    answer = service.post(
        f"/api/stations/{STATION}/inspect?serial=A-1",
        content=good_file(1),
        headers={"origin": "http://elsewhere.example"},
    )
    assert answer.status_code == 403
