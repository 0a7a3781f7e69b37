"""REST of models: which there are, their cards, who put which into service; registering, promoting, going
back."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import PlainTextResponse, Response
from pydantic import BaseModel, Field

from maintenance.errors import ArtefactError
from maintenance.health.artefact import version_of
from maintenance.health.model import HealthModel
from maintenance.registry.card import Metrics, ModelCard, card_lines
from maintenance.registry.store import MOST_BYTES, ModelStore, Promotion, Registered, RegistryError
from maintenance.wording import Language
from twin.contract.clock import Clock, to_iso
from twin.identity.guard import needs
from twin.identity.principal import WHO, Signed

Person = Annotated[Signed, Field(min_length=1, max_length=120, description=WHO)]
Text = Annotated[str, Field(min_length=1, max_length=400)]


class MetricsRow(BaseModel):
    """How good forecasts of machines were that the model had not seen."""

    subset: str = Field(description="failure mode; empty = all")
    machines: int
    error_half: float = Field(description="median absolute error at half-life, over the truth")
    coverage: float = Field(description="of the 90 % interval, over all looks")
    mode_first: float = Field(description="share whose true mode was ranked first at half-life")


class ModelRow(BaseModel):
    """A version of the model of a kind."""

    kind: str
    version: str
    in_service: bool
    origin: Literal["registry", "folder"] = Field(
        description="folder = came with ParkTwin or a models folder"
    )
    owner: str = ""
    registered_by: str = ""
    registered_at: str = Field(default="", description="RFC 3339")
    data_sha256: str = ""
    file_sha256: str = ""
    machines: dict[str, int] = Field(description="lives that it was trained on, by failure mode")
    metrics: list[MetricsRow] = Field(default_factory=list)


class PromotionRow(BaseModel):
    """That a version went into service, or back into it."""

    number: int
    kind: str
    version: str = Field(description="empty = the one that came with ParkTwin or a models folder")
    what: Literal["promote", "rollback"]
    approved_by: str
    reason: str
    at: str = Field(description="RFC 3339")


class ModelPage(BaseModel):
    """Every model, and what was put into service when, oldest first."""

    models: list[ModelRow]
    promotions: list[PromotionRow]


class RegisterBody(BaseModel):
    """A model's file and its card, as ``parktwin maintenance train`` wrote them."""

    file: str = Field(description="the .npz, base64", max_length=MOST_BYTES * 4 // 3 + 4)
    card: dict[str, object] = Field(description="the .card.json")
    registered_by: Person


class PromoteBody(BaseModel):
    """Which version, and the person who answers for it."""

    version: str = Field(min_length=1, max_length=64)
    approved_by: Person
    reason: Text


class RollbackBody(BaseModel):
    """The person who answers for it."""

    approved_by: Person
    reason: Text


def create_model_router(
    store: ModelStore, folder: Mapping[str, HealthModel], changed: Callable[[], None], clock: Clock
) -> APIRouter:
    """Make the routes.

    Args:
        store: the registry.
        folder: models of the folder, in service where none was promoted.
        changed: told that another model is in service.
        clock: ns since the epoch.
    """
    router = APIRouter(
        prefix="/api/maintenance/models",
        tags=["models"],
        dependencies=[needs("maintenance.read")],
        max_body_size=2 * MOST_BYTES,
    )

    @router.get("")
    def get_models() -> ModelPage:
        """List every model with how good it is, and what was put into service by whom and why."""
        served = store.in_service()
        rows = [_registered(one, served) for one in store.all()]
        rows += [
            ModelRow(
                kind=kind, version=version_of(model), in_service=not served.get(kind), origin="folder",
                machines={
                    mode.name: course.lives for mode, course in zip(model.modes, model.courses, strict=True)
                },
            )
            for kind, model in folder.items()
        ]  # fmt: skip
        return ModelPage(
            models=sorted(rows, key=lambda row: (row.kind, not row.in_service, row.registered_at)),
            promotions=[_promotion(one) for one in store.promotions()],
        )

    @router.get("/{kind}/{version}", response_class=PlainTextResponse)
    def get_card(kind: str, version: str, language: Annotated[Language, Query()] = "vi") -> Response:
        """Show the card of a registered model, as Markdown."""
        try:
            card = store.get(kind, version).card
        except RegistryError as error:
            raise HTTPException(404, str(error)) from error
        return Response(
            "\n".join(card_lines(card, language)) + "\n", media_type="text/markdown; charset=utf-8"
        )

    @router.post("", status_code=201, dependencies=[needs("maintenance.model")])
    def post_model(body: RegisterBody) -> ModelRow:
        """Register a model with its card; its file holds no code, and is held to the checksum of the card."""
        try:
            card = msgspec.convert(body.card, ModelCard)
            content = base64.b64decode(body.file, validate=True)
            kept = store.register(content, card, by=body.registered_by, at=clock())
        except (ArtefactError, msgspec.ValidationError, binascii.Error) as error:
            raise HTTPException(422, str(error)) from error
        return _registered(kept, store.in_service())

    @router.post("/{kind}/promote", status_code=201, dependencies=[needs("maintenance.model")])
    def post_promotion(kind: str, body: PromoteBody) -> PromotionRow:
        """Put a version into service; machines keep their age and their healthy level."""
        try:
            found = store.promote(kind, body.version, by=body.approved_by, reason=body.reason, at=clock())
        except RegistryError as error:
            raise HTTPException(422, str(error)) from error
        changed()
        return _promotion(found)

    @router.post("/{kind}/rollback", status_code=201, dependencies=[needs("maintenance.model")])
    def post_rollback(kind: str, body: RollbackBody) -> PromotionRow:
        """Put back what was in service before the newest promotion that still stands."""
        try:
            found = store.rollback(kind, by=body.approved_by, reason=body.reason, at=clock())
        except RegistryError as error:
            raise HTTPException(422, str(error)) from error
        changed()
        return _promotion(found)

    return router


def _registered(one: Registered, served: Mapping[str, str]) -> ModelRow:
    card = one.card
    return ModelRow(
        kind=card.kind,
        version=card.version,
        in_service=served.get(card.kind) == card.version,
        origin="registry",
        owner=card.owner,
        registered_by=one.registered_by,
        registered_at=to_iso(one.registered_at),
        data_sha256=card.data_sha256,
        file_sha256=card.file_sha256,
        machines=card.machines,
        metrics=[_metrics(row) for row in card.metrics],
    )


def _metrics(one: Metrics) -> MetricsRow:
    return MetricsRow(**msgspec.to_builtins(one))


def _promotion(one: Promotion) -> PromotionRow:
    return PromotionRow(
        number=one.number, kind=one.kind, version=one.version, what=one.what, approved_by=one.approved_by,
        reason=one.reason, at=to_iso(one.at),
    )  # fmt: skip
