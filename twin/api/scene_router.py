"""``GET /api/scene`` and the geometry itself, which its hash lets a browser keep for ever."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field

from twin.api.packed_file import packed_response
from twin.api.scene_builder import SceneBuilder, SceneNotReadyError
from twin.identity.guard import needs
from twin.service.problems import problem


class SceneRow(BaseModel):
    """Where the geometry is."""

    hash: str = Field(description="of its content")
    url: str = Field(description="of the binary glTF file")
    shapes: list[str] = Field(description="shapes in it, each a node named shape:<name>")


def scene_router(builder: SceneBuilder) -> APIRouter:
    """Make the router."""
    router = APIRouter(tags=["scene"], dependencies=[needs("park.read")])

    @router.get(
        "/api/scene",
        response_model=SceneRow,
        responses={503: {"description": "being built (then with Retry-After), or not possible"}},
    )
    async def get_scene() -> SceneRow | Response:
        """Say where the park's geometry is, once it has been built."""
        try:
            scene = builder.scene
        except SceneNotReadyError as error:
            later = {} if builder.trouble else {"retry-after": "1"}
            return problem(HTTPStatus.SERVICE_UNAVAILABLE, error.code, str(error), later)
        return SceneRow(hash=scene.hash, url=f"/scene/{scene.hash}.glb", shapes=scene.shapes)

    @router.get(
        "/scene/{name}.glb",
        response_class=FileResponse,
        responses={200: {"content": {"model/gltf-binary": {}}}, 404: {"description": "not the scene of now"}},
    )
    def get_geometry(name: str, request: Request) -> Response:
        """Return the geometry (glTF 2.0, binary)."""
        scene = builder.scene
        if name != scene.hash:
            return problem(
                HTTPStatus.NOT_FOUND,
                "scene.unknown",
                f"scene {name!r}: now it is {scene.hash}; ask /api/scene",
            )
        found = Path(scene.path).stat()
        file = FileResponse(
            scene.path,
            media_type="model/gltf-binary",
            headers={"cache-control": "public, max-age=31536000, immutable"},
            stat_result=found,
        )
        return packed_response(file, found, request.headers)

    return router
