"""``GET /api/backup/history``: the whole history in pieces, for ``parktwin backup`` while the twin runs.

The history's engine belongs to the process of the twin, so nobody else can read its files.
"""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from twin.historian.base import HistoryStore
from twin.historian.piece_stream import MEDIA_TYPE, write_pieces
from twin.identity.guard import needs


def backup_router(history: Callable[[], HistoryStore]) -> APIRouter:
    """Make the router; ``history`` opens the history."""
    router = APIRouter(tags=["service"], dependencies=[needs("backup.make")])

    @router.get(
        "/api/backup/history",
        response_class=StreamingResponse,
        responses={
            200: {"content": {MEDIA_TYPE: {}}, "description": "pieces; see twin/historian/piece_stream.py"},
            503: {"description": "the history is away"},
        },
    )
    def get_history() -> StreamingResponse:
        """Return every reading and gap, in pieces; for 'parktwin backup'."""
        return StreamingResponse(write_pieces(history().copy_out()), media_type=MEDIA_TYPE)

    return router
