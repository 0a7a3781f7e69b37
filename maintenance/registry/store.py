"""The registry in the database of the service: models with their cards, and who put which into service."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import msgspec
import numpy as np
from sqlalchemy import BigInteger, Column, Engine, Integer, LargeBinary, MetaData, String, Table, Text, select

from maintenance.errors import ArtefactError
from maintenance.health.artefact import read_health_model, version_of
from maintenance.health.deviation import BASELINE_WINDOWS
from maintenance.health.forecast import forecast
from maintenance.health.model import HealthModel
from maintenance.registry.card import ModelCard
from twin.service.database import create_tables, writing

TABLES = MetaData()
MODELS = Table(
    "health_models",
    TABLES,
    Column("kind", String(80), primary_key=True),
    Column("version", String(64), primary_key=True),
    Column("card", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("registered_by", String(120), nullable=False),
    Column("registered_at", BigInteger, nullable=False),
)
PROMOTIONS = Table(
    "health_model_promotions",
    TABLES,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("kind", String(80), nullable=False, index=True),
    Column("version", String(64), nullable=False),
    Column("what", String(16), nullable=False),
    Column("approved_by", String(120), nullable=False),
    Column("reason", String(400), nullable=False),
    Column("at", BigInteger, nullable=False),
)

MOST_BYTES = 8 << 20
LEAST_COVERAGE = 0.75
"""A model whose 90 % interval held the truth of fewer machines than that is not put into service."""


class RegistryError(ArtefactError):
    """A model cannot be registered, promoted or rolled back."""

    code = "maintenance.registry"


@dataclass(frozen=True)
class Registered:
    """A model in the registry.

    Args:
        card: what it is.
        registered_by, registered_at: who, when [ns].
    """

    card: ModelCard
    registered_by: str
    registered_at: int


@dataclass(frozen=True)
class Promotion:
    """That a version of a kind's model went into service.

    Args:
        kind, version: which; an empty version is the one that came with ParkTwin or the models folder.
        what: forwards, or back to the one before.
        approved_by, reason, at: who answers for it, why, when [ns].
        number: in the registry.
    """

    kind: str
    version: str
    what: Literal["promote", "rollback"]
    approved_by: str
    reason: str
    at: int
    number: int = 0


class ModelStore:
    """Models and promotions in the database of the service.

    Args:
        engine: of :func:`twin.service.database.open_database`.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        create_tables(engine, TABLES)

    def register(self, body: bytes, card: ModelCard, *, by: str, at: int) -> Registered:
        """Take in a model's file with its card; the same again changes nothing, but an evaluation is added to
        a card that had none.

        Raises:
            RegistryError: it is too large, is not what its card says, or has no owner.
            ArtefactError: the file is no model.
        """
        if len(body) > MOST_BYTES:
            raise RegistryError(f"model of {len(body)} bytes: at most {MOST_BYTES} are taken in; thin it out")
        if not card.owner:
            raise RegistryError(f"model of {card.kind!r}: its card names no owner; name who answers for it")
        if hashlib.sha256(body).hexdigest() != card.file_sha256:
            raise RegistryError(
                f"model of {card.kind!r}: its SHA-256 is not that of its card; send the file it was made for"
            )
        model = read_health_model(body, f"model of {card.kind!r}")
        _try(model)
        if (model.kind, version_of(model)) != (card.kind, card.version):
            raise RegistryError(
                f"model {version_of(model)} of {model.kind!r}: its card is of {card.version} of "
                f"{card.kind!r}; send its own"
            )
        text = msgspec.json.encode(card).decode()
        with writing(self._engine) as connection:
            here = (MODELS.c.kind == card.kind) & (MODELS.c.version == card.version)
            known = connection.execute(select(MODELS.c.card).where(here)).first()
            if known is not None and card.metrics:
                if not msgspec.json.decode(known.card, type=ModelCard).metrics:
                    connection.execute(MODELS.update().where(here).values(card=text))
            elif known is None:
                row = {"kind": card.kind, "version": card.version, "card": text, "body": body}
                connection.execute(MODELS.insert(), row | {"registered_by": by, "registered_at": at})
        return self.get(card.kind, card.version)

    def get(self, kind: str, version: str) -> Registered:
        """One model; raises RegistryError if there is none."""
        query = select(MODELS.c.card, MODELS.c.registered_by, MODELS.c.registered_at)
        with self._engine.connect() as connection:
            row = connection.execute(query.where(MODELS.c.kind == kind, MODELS.c.version == version)).first()
        if row is None:
            raise RegistryError(f"model {version!r} of {kind!r}: is not in the registry; register it first")
        return Registered(msgspec.json.decode(row.card, type=ModelCard), row.registered_by, row.registered_at)

    def all(self) -> list[Registered]:
        """All models, by kind, oldest first."""
        query = select(MODELS.c.card, MODELS.c.registered_by, MODELS.c.registered_at)
        with self._engine.connect() as connection:
            return [
                Registered(
                    msgspec.json.decode(row.card, type=ModelCard), row.registered_by, row.registered_at
                )
                for row in connection.execute(query.order_by(MODELS.c.kind, MODELS.c.registered_at))
            ]

    def load(self, kind: str, version: str) -> HealthModel:
        """Read a model, held to the checksum of its card.

        Raises:
            RegistryError: there is none, or its bytes are not those that were registered.
        """
        card = self.get(kind, version).card
        with self._engine.connect() as connection:
            body: bytes = connection.execute(
                select(MODELS.c.body).where(MODELS.c.kind == kind, MODELS.c.version == version)
            ).scalar_one()
        if hashlib.sha256(body).hexdigest() != card.file_sha256:
            raise RegistryError(
                f"model {version} of {kind!r}: its bytes in the database are not those that were registered; "
                "roll back, and register it again"
            )
        return read_health_model(body, f"model {version} of {kind!r}")

    def promote(self, kind: str, version: str, *, by: str, reason: str, at: int) -> Promotion:
        """Put a version into service, as approved by a person.

        Raises:
            RegistryError: it is not registered, was never evaluated, does not hold, or is in service.
        """
        card = self.get(kind, version).card
        if card.whole is None:
            raise RegistryError(
                f"model {version} of {kind!r}: was never evaluated on machines that it had not seen; "
                "evaluate it and register it with that card"
            )
        if card.whole.coverage < LEAST_COVERAGE:
            raise RegistryError(
                f"model {version} of {kind!r}: its 90 % interval held the truth in "
                f"{card.whole.coverage:.0%} of looks, at least {LEAST_COVERAGE:.0%} are asked for; train it "
                "on more lives"
            )
        if version == self.in_service().get(kind):
            raise RegistryError(f"model {version} of {kind!r}: is in service already; there is nothing to do")
        return self._write(Promotion(kind, version, "promote", by, reason, at))

    def rollback(self, kind: str, *, by: str, reason: str, at: int) -> Promotion:
        """Put back what was in service before the newest promotion of a kind that still stands.

        Raises:
            RegistryError: nothing was ever promoted, or all of it is rolled back already.
        """
        standing = self._standing(kind)
        if not standing:
            raise RegistryError(f"kind {kind!r}: no promotion stands; there is nothing to roll back")
        before = standing[-2] if len(standing) > 1 else ""
        return self._write(Promotion(kind, before, "rollback", by, reason, at))

    def promotions(self, kind: str | None = None) -> list[Promotion]:
        """What went into service when, oldest first; of one kind or of all."""
        query = select(PROMOTIONS).order_by(PROMOTIONS.c.number)
        if kind is not None:
            query = query.where(PROMOTIONS.c.kind == kind)
        with self._engine.connect() as connection:
            return [
                Promotion(row.kind, row.version, row.what, row.approved_by, row.reason, row.at, row.number)
                for row in connection.execute(query)
            ]

    def in_service(self) -> dict[str, str]:
        """The version in service of each kind of which one was promoted; "" = that before the registry."""
        return {one.kind: one.version for one in self.promotions()}

    def models(self, before: Mapping[str, HealthModel]) -> tuple[dict[str, HealthModel], dict[str, str]]:
        """The models in service: those promoted, and ``before`` of all other kinds; and by kind what is the
        matter with promoted ones that cannot be read: there the one before stays."""
        models, faults = dict(before), {}
        for kind, version in self.in_service().items():
            if version:
                try:
                    models[kind] = self.load(kind, version)
                except ArtefactError as error:
                    faults[kind] = str(error)
        return models, faults

    def _standing(self, kind: str) -> list[str]:
        """Versions promoted and not rolled back, oldest first."""
        standing: list[str] = []
        for one in self.promotions(kind):
            if one.what == "promote":
                standing.append(one.version)
            else:
                standing.pop()
        return standing

    def _write(self, promotion: Promotion) -> Promotion:
        row = {
            name: getattr(promotion, name)
            for name in ("kind", "version", "what", "approved_by", "reason", "at")
        }
        with writing(self._engine) as connection:
            number = connection.execute(PROMOTIONS.insert(), row).inserted_primary_key
        return Promotion(**row, number=int(number[0]) if number else 0)


def _try(model: HealthModel) -> None:
    """Let a model forecast once, so that one that does not hold together is refused before it is needed."""
    try:
        value = np.zeros((BASELINE_WINDOWS + 2, len(model.deviation.signals)))
        severities = model.signatures.severities(model.deviations(value))[BASELINE_WINDOWS:]
        hours = model.window_h * np.arange(1.0, len(severities) + 1.0)
        quantiles = [forecast(model, severities, hours, known_age=known).quantiles for known in (True, False)]
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise RegistryError(f"model of {model.kind!r}: cannot forecast: {error}; train it anew") from error
    if not np.isfinite(quantiles).all():
        raise RegistryError(f"model of {model.kind!r}: its forecast is no number; train it anew")
