"""A few hundred of the uploads that ``python -m benchmarks qc_fuzz`` sends ten thousand of."""

from __future__ import annotations

import httpx

from benchmarks.bench_qc_fuzz import ANSWERS, HARMLESS_DN
from benchmarks.upload_fuzz import UploadFuzz, still_shows
from tests.vision_qc.products import good
from tests.vision_qc.service.plates import STATION

COUNT = 250


def test_no_upload_brings_it_down_and_no_non_image_passes(service: httpx.Client) -> None:
    makes = UploadFuzz(11, good)
    answers = set()
    for number in range(COUNT):
        upload = makes.next()
        answer = service.post(
            f"/api/stations/{STATION}/inspect",
            params={"serial": f"Z-{number}"},
            content=upload.body,
            headers={"content-type": upload.content_type},
        )
        assert answer.status_code in ANSWERS, (upload.kind, answer.text)
        answers.add(answer.status_code)
        if answer.status_code == 200 and answer.json()["verdict"] == "pass":
            assert upload.original is not None, upload.kind
            assert upload.kind == "form" or still_shows(upload.body, upload.original, HARMLESS_DN), (
                upload.kind
            )
    assert answers >= {200, 400}
    assert service.get("/api/health").status_code == 200
