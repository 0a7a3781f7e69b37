"""The models that come with ParkTwin can be read and fit the kinds that they are named after."""

from __future__ import annotations

import hashlib

import numpy as np

from maintenance.benchmarks.sim_lives import KINDS, WINDOW_H
from maintenance.health.artefact import load_health_model, load_health_models, version_of
from maintenance.live.park_watch import kind_of
from maintenance.plan.site_file import SAMPLE, read_site
from maintenance.registry.card import card_path, read_card
from maintenance.settings import SHIPPED_MODELS
from sim.kinds import machine_kinds
from sim.lives.forecastable import forecastable


def test_each_has_a_card_of_its_own_file_and_its_evaluation() -> None:
    for path in sorted(SHIPPED_MODELS.glob("*.npz")):
        card = read_card(card_path(path))
        assert card.file_sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        assert (card.kind, card.version) == (path.stem, version_of(load_health_model(path)))
        assert card.owner
        assert card.whole is not None
        assert card.whole.coverage >= 0.8
        assert len(load_health_model(path).past.mode) == sum(card.machines.values())


def test_there_is_one_of_each_kind_of_the_benchmark_and_it_fits_the_simulator() -> None:
    models = load_health_models(SHIPPED_MODELS)
    assert set(models) >= set(KINDS)
    for name, model in models.items():
        kind = machine_kinds()[name]
        assert model.window_h == WINDOW_H or name not in KINDS
        assert set(model.deviation.signals) <= {signal.name for signal in kind.signals}
        modes, _ = forecastable(kind, model.window_h)
        assert {mode.name for mode in modes} == {mode.name for mode in model.modes}
        told = {mode.name: (mode.iso14224, mode.mechanism, mode.vi, mode.en) for mode in kind.modes}
        for mode in model.modes:
            assert told[mode.name] == (mode.iso14224, mode.mechanism, mode.vi, mode.en)
        assert np.isfinite(model.signatures.pattern).all()


def test_no_machine_of_the_simulator_is_taken_for_one_of_another_kind() -> None:
    models = load_health_models(SHIPPED_MODELS)
    for name, kind in machine_kinds().items():
        taken_for = kind_of({signal.name for signal in kind.signals}, models)
        assert taken_for == (name if name in models else "")


def test_the_sample_site_knows_every_kind_and_mode_that_can_be_forecast() -> None:
    site = read_site(SAMPLE)
    for name, model in load_health_models(SHIPPED_MODELS).items():
        kind = site.kind(name)
        assert kind is not None, name
        missing = {mode.name for mode in model.modes} - {job.mode for job in kind.jobs}
        # what is left to "*" is done by whatever a look shows
        assert len(missing) <= 1, (name, missing)
        assert any(job.mode == "*" for job in kind.jobs)
