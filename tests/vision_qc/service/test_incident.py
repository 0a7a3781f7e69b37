"""What the twin takes of an inspection service into the bundle of an incident."""

from __future__ import annotations

import json
import time
from pathlib import Path

import httpx

from tests.vision_qc.service.plates import STATION, bad_file, good_file, told
from tests.vision_qc.service.test_records import indexed
from twin.api.desk_router import DeskService
from twin.api.incident_desks import write_inspections, write_models
from twin.api.incident_parts import Stretch
from vision_qc.service.settings import QcSettings


def test_verdicts_with_versions_and_the_pictures_as_they_were_sent(
    service: httpx.Client, settings: QcSettings, tmp_path: Path
) -> None:
    desk = DeskService("quality", str(service.base_url), "", "/api")
    began = time.time_ns()
    sent = {
        told(service, file, f"I-{place}")["id"]: file
        for place, file in enumerate((bad_file(21), good_file(22)))
    }
    for key in sent:
        indexed(service, key)
    of = Stretch(began, time.time_ns(), (STATION,))
    files, missing = write_inspections(tmp_path, desk, of)
    assert not missing
    rows = [json.loads(line) for line in files["inspections_in_full.jsonl"].read_text().splitlines()]
    assert [row["id"] for row in rows] == list(sent)
    assert all((row["recipe_version"], len(row["recipe_sha256"])) == (1, 64) for row in rows), rows[0]
    for key, file in sent.items():
        assert files[f"pictures/{key}.png"].read_bytes() == file

    elsewhere, _ = write_inspections(
        tmp_path, desk, Stretch(began, time.time_ns(), ("park/plant/line1/aoi9",))
    )
    assert list(elsewhere) == ["inspections_in_full.jsonl"], (
        "another machine's pictures are nobody's business"
    )
    first = rows[0]["id"]
    (kept,) = (settings.data_dir / "qc" / "pictures").rglob(f"{first}.png")
    kept.write_bytes(good_file(23))
    fewer, gone = write_inspections(tmp_path, desk, of)
    assert list(gone) == [f"picture of {first}"]
    assert f"pictures/{first}.png" not in fewer


def test_a_service_that_is_away_is_told_and_fails_nothing(tmp_path: Path) -> None:
    of = Stretch(0, 1, (STATION,))
    for address, why in (("", "no service is configured"), ("http://127.0.0.1:1", "refused")):
        files, missing = write_inspections(tmp_path, DeskService("quality", address, "", "/api"), of)
        assert (files, list(missing)) == ({}, ["inspections"])
        assert why in missing["inspections"]
        files, missing = write_models(tmp_path, DeskService("maintenance", address, "", "/api/maintenance"))
        assert (files, list(missing)) == ({}, ["models of machines"])
