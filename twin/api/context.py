"""What the routers work on: made once by the service, handed to each router, never looked up."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass

from twin.api.scene_builder import SceneBuilder
from twin.api.source_rows import SourceRows
from twin.contract.clock import Clock
from twin.historian.base import HistoryStore
from twin.park.model import Park
from twin.state.twin_state import TwinState
from twin.stream.hub import Hub


@dataclass(frozen=True, slots=True)
class TwinContext:
    """The parts of a running twin.

    Args:
        park: the checked park.
        state: its last values.
        hub: the stream.
        sources: how the sources are doing, as rows for people.
        scene: the geometry, once it is built.
        history: returns the history, or raises HistoryUnavailableError while it is not open.
        questions: where blocking questions to the history run; a bounded pool.
        clock: ns since the epoch.
    """

    park: Park
    state: TwinState
    hub: Hub
    sources: SourceRows
    scene: SceneBuilder
    history: Callable[[], HistoryStore]
    questions: Executor
    clock: Clock
