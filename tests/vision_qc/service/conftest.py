"""A recipe for plates, a service in this process, and one in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.vision_qc.products import good
from tests.vision_qc.service.plates import PRODUCT, STATION, install
from tests.vision_qc.service.serving import serving
from twin.service.settings import load
from vision_qc.baseline import take_baseline, write_baseline
from vision_qc.features import shared_network
from vision_qc.recipe import save
from vision_qc.service.settings import QcSettings
from vision_qc.teach import teach


@pytest.fixture(scope="session")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a taught recipe."""
    folder = tmp_path_factory.mktemp("recipe")
    pictures = [good(n) for n in range(50)]
    taught = teach(pictures, [], shared_network())
    save(taught.station, folder)
    write_baseline(take_baseline(pictures, taught.good_scores, taught.station.eye), folder)
    return folder


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> QcSettings:
    """Settings of a service in a folder of this module's tests."""
    folder = tmp_path_factory.mktemp("qc")
    return load(QcSettings, data_dir=folder / "data", bus=f"embedded:{folder / 'bus'}", qc_sync="normal")


@pytest.fixture(scope="module")
def service(settings: QcSettings, recipe: Path) -> Iterator[httpx.Client]:
    """A client of a service that has the recipe active."""
    with serving(settings) as client:
        install(client, recipe, STATION, PRODUCT, activate=True)
        yield client
