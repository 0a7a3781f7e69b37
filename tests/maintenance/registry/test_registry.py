"""Models as artefacts: cards that tell the truth, promotion by a person, and the way back."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from sqlalchemy import Engine

from maintenance.errors import ArtefactError, DataSetError
from maintenance.health.artefact import load_health_model, read_health_model, save_health_model, version_of
from maintenance.live.machine_watch import MachineWatch
from maintenance.live.park_watch import ParkWatch
from maintenance.registry.card import ModelCard, card_lines, card_path, read_card, write_card
from maintenance.registry.evaluate import card_of, evaluated, hash_of_lives
from maintenance.registry.store import MODELS, ModelStore, RegistryError
from tests.maintenance.condenser import KIND, condenser_lives, condenser_model
from tests.maintenance.live.frames import WINDOW_S, frames, tag_set
from twin.service.database import open_database, writing


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, ModelCard]:
    folder = tmp_path_factory.mktemp("models")
    save_health_model(condenser_model(), folder)
    path = folder / f"{KIND}.npz"
    card = card_of(path, condenser_lives(11, 24), owner="Lan", origin_vi="bàn thử", origin_en="a bench")
    return path.read_bytes(), evaluated(card, load_health_model(path), condenser_lives(12, 20))


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = open_database("sqlite://")
    yield engine
    engine.dispose()


@pytest.fixture
def store(engine: Engine) -> ModelStore:
    return ModelStore(engine)


def _other(made: tuple[bytes, ModelCard], tmp_path: Path) -> tuple[bytes, ModelCard]:
    """Another version: the same model with scatters a little wider."""
    model = read_health_model(made[0], "model")
    changed = replace(model, deviation=replace(model.deviation, scatter=1.1 * model.deviation.scatter))
    version = save_health_model(changed, tmp_path)
    body = (tmp_path / f"{KIND}.npz").read_bytes()
    return body, msgspec.structs.replace(
        made[1], version=version, file_sha256=hashlib.sha256(body).hexdigest()
    )


def test_a_card_tells_what_it_was_made_of_and_how_good_it_is(
    made: tuple[bytes, ModelCard], tmp_path: Path
) -> None:
    _, card = made
    assert sum(card.machines.values()) == 24
    assert card.data_sha256 == hash_of_lives(condenser_lives(11, 24)) != card.evaluated_sha256
    assert card.whole is not None
    assert card.whole.machines == 20
    assert {one.subset for one in card.metrics} == {"", "fan_bearing_wear", "tube_scaling"}
    assert sum(one.machines for one in card.metrics[1:]) == 20
    write_card(card_path(tmp_path / "x.npz"), card)
    assert read_card(tmp_path / "x.card.json") == card
    vi, en = ("\n".join(card_lines(card, language)) for language in ("vi", "en"))
    assert "Lan" in vi
    assert "Người chịu trách nhiệm" in vi
    assert "Learned from 24 machines" in en
    assert "a bench" in en


def test_a_model_is_not_evaluated_on_what_it_was_trained_on(made: tuple[bytes, ModelCard]) -> None:
    with pytest.raises(DataSetError, match="trained on these lives"):
        evaluated(made[1], condenser_model(), condenser_lives(11, 24))


def test_what_is_promoted_is_in_service_until_it_is_rolled_back(
    store: ModelStore, made: tuple[bytes, ModelCard], tmp_path: Path
) -> None:
    before = {KIND: condenser_model()}
    first, second = made, _other(made, tmp_path)
    for at, (body, card) in enumerate((first, second)):
        store.register(body, card, by="Lan", at=at)
    assert store.models(before) == (before, {})
    store.promote(KIND, first[1].version, by="Minh", reason="first of our own", at=10)
    store.promote(KIND, second[1].version, by="Minh", reason="wider", at=11)
    assert version_of(store.models(before)[0][KIND]) == second[1].version
    store.rollback(KIND, by="Minh", reason="called too many", at=12)
    assert version_of(store.models(before)[0][KIND]) == first[1].version
    store.rollback(KIND, by="Minh", reason="and again", at=13)
    assert store.models(before) == (before, {})
    with pytest.raises(RegistryError, match="nothing to roll back"):
        store.rollback(KIND, by="Minh", reason="once too often", at=14)
    assert [(one.what, one.approved_by) for one in store.promotions(KIND)] == [
        ("promote", "Minh"), ("promote", "Minh"), ("rollback", "Minh"), ("rollback", "Minh")
    ]  # fmt: skip


def test_what_must_not_go_into_service_is_refused_by_name(
    store: ModelStore, made: tuple[bytes, ModelCard]
) -> None:
    body, card = made
    assert card.whole is not None
    with pytest.raises(RegistryError, match="not in the registry"):
        store.promote(KIND, card.version, by="Minh", reason="x", at=1)
    store.register(body, msgspec.structs.replace(card, metrics=()), by="Lan", at=1)
    with pytest.raises(RegistryError, match="never evaluated"):
        store.promote(KIND, card.version, by="Minh", reason="x", at=2)
    # the evaluation is added to the card that had none, and only then
    store.register(body, card, by="Lan", at=3)
    assert store.get(KIND, card.version).card == card
    worse = msgspec.structs.replace(card, metrics=(msgspec.structs.replace(card.whole, coverage=0.5),))
    assert store.register(body, worse, by="Lan", at=4).card == card
    store.promote(KIND, card.version, by="Minh", reason="x", at=5)
    with pytest.raises(RegistryError, match="in service already"):
        store.promote(KIND, card.version, by="Minh", reason="x", at=6)


def test_intervals_that_do_not_hold_keep_a_model_out(
    store: ModelStore, made: tuple[bytes, ModelCard]
) -> None:
    body, card = made
    assert card.whole is not None
    poor = msgspec.structs.replace(card, metrics=(msgspec.structs.replace(card.whole, coverage=0.5),))
    store.register(body, poor, by="Lan", at=1)
    with pytest.raises(RegistryError, match="held the truth in 50%"):
        store.promote(KIND, card.version, by="Minh", reason="x", at=2)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"owner": ""}, "names no owner"),
        ({"file_sha256": "00"}, "is not that of its card"),
        ({"version": "000000000000"}, "its card is of 000000000000"),
        ({"kind": "loom"}, "'loom'"),
    ],
)
def test_a_card_of_another_model_is_refused(
    store: ModelStore, made: tuple[bytes, ModelCard], change: dict[str, str], complaint: str
) -> None:
    with pytest.raises(RegistryError, match=complaint):
        store.register(made[0], msgspec.structs.replace(made[1], **change), by="Lan", at=1)


def test_bytes_changed_in_the_database_are_seen_and_the_one_before_stays(
    engine: Engine, store: ModelStore, made: tuple[bytes, ModelCard]
) -> None:
    body, card = made
    store.register(body, card, by="Lan", at=1)
    store.promote(KIND, card.version, by="Minh", reason="x", at=2)
    broken = bytearray(body)
    broken[len(broken) // 2] ^= 1
    with writing(engine) as connection:
        connection.execute(MODELS.update().values(body=bytes(broken)))
    before = {KIND: condenser_model()}
    models, faults = store.models(before)
    assert models == before
    assert "not those that were registered" in faults[KIND]


def test_a_file_that_would_fill_the_memory_is_refused() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("pattern.npy", b"\0" * (65 << 20))
    with pytest.raises(ArtefactError, match="unpacks to"):
        read_health_model(packed.getvalue(), "model")


def test_a_model_that_cannot_forecast_is_refused(
    store: ModelStore, made: tuple[bytes, ModelCard], tmp_path: Path
) -> None:
    model = read_health_model(made[0], "model")
    lame = replace(model, deviation=replace(model.deviation, weights=model.deviation.weights[:-1]))
    version = save_health_model(lame, tmp_path)
    body = (tmp_path / f"{KIND}.npz").read_bytes()
    card = msgspec.structs.replace(made[1], version=version, file_sha256=hashlib.sha256(body).hexdigest())
    with pytest.raises(RegistryError, match="cannot forecast"):
        store.register(body, card, by="Lan", at=1)


def test_machines_keep_age_and_healthy_level_under_another_model(
    made: tuple[bytes, ModelCard], tmp_path: Path
) -> None:
    lives, old = condenser_lives(11, 24), condenser_model()
    new = read_health_model(_other(made, tmp_path)[0], "model")
    announced = tag_set(lives, [0])
    watch = ParkWatch({KIND: old}, lambda _: announced, window_s=WINDOW_S, every_windows=1)
    worn = [*range(40), *range(-60, -30)]
    for frame in frames(lives, [0], worn):
        watch.take(frame)
    assert watch.adopt({KIND: old}) == []
    assert watch.adopt({KIND: new}) == [KIND]
    more = list(frames(lives, [0], [*worn, *range(-30, 0)]))[2 * len(worn) :]
    told = [one for frame in more for one in watch.take(frame)]
    assert {one.health.model_version for one in told} == {version_of(new)}
    # worn when the model came, and seen to be so at once: its level is still that of its first windows
    assert told[0].health.health is not None
    assert told[0].health.health < 0.8
    assert told[0].running_h > 60 * WINDOW_S / 3600.0


def test_the_level_is_learned_from_the_same_windows_by_name() -> None:
    model, lives = condenser_model(), condenser_lives(11, 24)
    watch = MachineWatch("yenphong/x/condenser1", model)
    for number, row in enumerate(lives.value[lives.rows(0)].astype(np.float64)[:35]):
        watch.take(number, row, at_work=True, window_h=1.0)
    again = watch.with_model(model)
    assert again.own is not None
    assert watch.own is not None
    assert np.allclose(again.own, watch.own)
    assert (again.hour, again.digest) == (watch.hour, watch.digest)
    turned = MachineWatch("yenphong/x/condenser1", model)
    turned.learn_level([row[::-1] for row in watch.level_rows], model.deviation.signals[::-1])
    assert turned.own is not None
    assert np.allclose(turned.own, watch.own)
