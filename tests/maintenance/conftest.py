"""A small model that several files of tests look at."""

from __future__ import annotations

import pytest

from maintenance.histories import Histories
from maintenance.model import FittedModel, ModelSettings, fit_model
from maintenance.prognosis.network import NetworkSettings
from maintenance.prognosis.stack import StackSettings
from maintenance.prognosis.trees import TreesSettings
from tests.maintenance.fleet import wearing_fleet

SMALL = ModelSettings(
    cap=80.0,
    stack=StackSettings(
        folds=4,
        networks=1,
        network=NetworkSettings(hidden=(16,), steps=400, decay=1.0, batch=128, rate=5e-3),
        trees=(TreesSettings(rounds=40, leaves=4), TreesSettings(rounds=40, leaves=8, linear=False)),
    ),
)


def fit_small(h: Histories, *, seed: int = 3, jobs: int = 1) -> FittedModel:
    """Fit in a second or two."""
    return fit_model(h, SMALL, seed=seed, jobs=jobs, progress=lambda done, of: None)


@pytest.fixture(scope="session")
def fleet() -> Histories:
    """Forty machines run to failure."""
    return wearing_fleet(40, seed=1)


@pytest.fixture(scope="session")
def fitted(fleet: Histories) -> FittedModel:
    """A model of that fleet."""
    return fit_small(fleet)
